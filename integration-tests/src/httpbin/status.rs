//! `/status/{codes}`: any status, or one of several by weight.

use http::header::{CONTENT_TYPE, LOCATION, PROXY_AUTHENTICATE, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_codec::Body;
use serde_json::json;

use super::reply::empty;
use super::{PathArgs, Refusal, Reply};

const REALM: HeaderValue = HeaderValue::from_static("Basic realm=\"Fake Realm\"");

const TEAPOT: &str = "\n    I'm a teapot, short and stout.\n\n        ;,'\n     _o_    ;:;'\n ,-.'---`.__ ;\n((j`=====',-'\n `-\\     /\n    `-=-'\n";

/// `/status/{codes}`: `404`, or a choice such as `200,500` or `200:0.9,500:0.1`.
pub async fn status(_: Request<Body>, path: PathArgs) -> Reply {
    choose(path.get("codes"), fastrand::f64()).map(answer)
}

/// The choice that a number between 0 and 1 falls on.
fn choose(codes: &str, chance: f64) -> Result<StatusCode, Refusal> {
    let choices = codes
        .split(',')
        .map(choice)
        .collect::<Result<Vec<_>, _>>()?;
    let mut left = chance * choices.iter().map(|(_, weight)| weight).sum::<f64>();
    for (code, weight) in &choices {
        left -= weight;
        if left < 0.0 {
            return Ok(*code);
        }
    }
    choices.last().map(|(code, _)| *code).ok_or_else(invalid)
}

fn choice(text: &str) -> Result<(StatusCode, f64), Refusal> {
    let (code, weight) = text.split_once(':').unwrap_or((text, "1"));
    let code = code
        .trim()
        .parse::<u16>()
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok());
    let weight = weight
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|weight| *weight >= 0.0 && weight.is_finite());
    match (code, weight) {
        // An interim status is never the answer to a request.
        (Some(code), Some(weight)) if !code.is_informational() => Ok((code, weight)),
        _ => Err(invalid()),
    }
}

fn invalid() -> Refusal {
    Refusal::bad_request("Invalid status code")
}

/// What goes with a status besides its number.
pub(super) fn answer(code: StatusCode) -> Response<Body> {
    let mut response = empty(code);
    let fields = response.headers_mut();
    let status = code.as_u16();
    if matches!(status, 301..=303 | 305 | 307 | 308 | 401 | 402 | 407 | 418) {
        fields.remove(CONTENT_TYPE);
    }
    match status {
        301 | 302 | 303 | 305 | 307 | 308 => {
            drop(fields.insert(LOCATION, HeaderValue::from_static("/redirect/1")))
        }
        401 => drop(fields.insert(WWW_AUTHENTICATE, REALM)),
        407 => drop(fields.insert(PROXY_AUTHENTICATE, REALM)),
        402 => *response.body_mut() = Body::from("Payment required, please!"),
        406 => {
            fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *response.body_mut() = Body::from(not_acceptable());
        }
        418 => {
            let more = HeaderValue::from_static("http://tools.ietf.org/html/rfc2324");
            fields.insert("x-more-info", more);
            *response.body_mut() = Body::from(TEAPOT);
        }
        _ => {}
    }
    response
}

fn not_acceptable() -> String {
    json!({
        "message": "Client did not request a supported media type.",
        "accept": ["image/webp", "image/svg+xml", "image/jpeg", "image/png", "image/*"],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide_where_chance_falls() {
        assert_eq!(choose("200:0.9,500:0.1", 0.89).unwrap(), 200);
        assert_eq!(choose("200:0.9,500:0.1", 0.91).unwrap(), 500);
        assert_eq!(choose("404", 0.5).unwrap(), 404);
    }

    #[test]
    fn what_is_no_final_status_is_refused() {
        for codes in [
            "", "abc", "99", "100", "1000", "200,", "200:x", "200:-1", "200:nan",
        ] {
            assert!(choose(codes, 0.5).is_err(), "{codes}");
        }
    }
}
