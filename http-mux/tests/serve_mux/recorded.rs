//! Go's own answers, recorded: random patterns and requests, through a running `net/http`.

use http_mux::{Params, Request, Response, ServeMux};
use serde_json::Value;
use tower_service::Service;

use crate::{now, text};

const RECORDED: &str = include_str!("../data/go/serve_mux.json");

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn string(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The pattern and the values that are not empty, by their names.
fn seen(params: Params) -> Vec<u8> {
    let mut values: Vec<(&str, _)> = params.iter().collect();
    values.sort();
    let mut seen = params.pattern().as_bytes().to_vec();
    for (name, _) in values {
        let value = params.octets(name).unwrap_or_default();
        if !value.is_empty() {
            seen.extend_from_slice(format!("|{name}=").as_bytes());
            seen.extend_from_slice(&value);
        }
    }
    seen
}

fn mux_of(case: &Value) -> ServeMux {
    let mut mux = ServeMux::new();
    for row in list(&case["patterns"]) {
        let pattern = string(&row[0]);
        let refused = mux.try_handle(pattern, seen).map(drop).err();
        assert_eq!(refused.is_some(), row[1] == true, "{pattern}: {refused:?}");
    }
    mux
}

fn answer(response: Response<http_mux::Body>) -> (u16, String) {
    let status = response.status().as_u16();
    let field = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    let detail = match status {
        200 => text(response),
        307 => field("location"),
        405 => field("allow"),
        _ => String::new(),
    };
    (status, detail)
}

#[test]
fn go_s_requests_get_go_s_answers() {
    let recorded: Value = serde_json::from_str(RECORDED).expect("JSON");
    let mut rows = 0;
    for case in list(&recorded["cases"]) {
        let mut mux = mux_of(case);
        for row in list(&case["requests"]) {
            let request = Request::builder()
                .method(string(&row[0]))
                .uri(string(&row[1]))
                .header("host", string(&row[2]));
            let request = request.body(http_mux::Body::empty()).expect("a request");
            let response = now(mux.call(request)).expect("infallible");
            let (status, detail) = answer(response);
            assert_eq!(
                (Value::from(status), detail.as_str()),
                (row[3].clone(), string(&row[4])),
                "{row} by {}",
                case["patterns"]
            );
            rows += 1;
        }
    }
    assert!(rows > 1_300, "{rows}");
}
