//! One service, one suite, four routers behind the same server, over TCP and over a pipe: what a router does must not show.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use integration_tests::httpbin::routers::{axum, closure, engine, serve_mux};
use integration_tests::loopback::{AnyWire, Loopback};
use integration_tests::wire::Answer;
use serde_json::{Value, json};

async fn loopbacks() -> [(&'static str, Loopback); 4] {
    [
        ("closure", Loopback::new(closure::service()).await),
        ("serve-mux", Loopback::new(serve_mux::service()).await),
        ("engine", Loopback::new(engine::service()).await),
        ("axum", Loopback::new(axum::service()).await),
    ]
}

/// Sends each request over every router and transport, all of them on one connection each, and holds the answers against `check`.
async fn everywhere(requests: &[&str], check: impl Fn(&str, &Answer)) {
    for (router, loopback) in loopbacks().await {
        for (way, mut wire) in loopback.wires().await {
            for request in requests {
                let answer = ask(&mut wire, request).await;
                let line = request.lines().next().unwrap_or_default();
                check(&format!("{line} at {router} over {way}"), &answer);
            }
        }
    }
}

/// A request is written as its line, its fields, and its content behind an empty line; `Host` and the length are added.
async fn ask(wire: &mut AnyWire, request: &str) -> Answer {
    let (head, content) = request.split_once("\n\n").unwrap_or((request, ""));
    let (line, fields) = head.split_once('\n').unwrap_or((head, ""));
    let method = line.split(' ').next().unwrap_or_default();
    let fields: String = fields
        .lines()
        .map(|field| format!("{}\r\n", field.trim()))
        .collect();
    let length = if content.is_empty() {
        String::new()
    } else {
        format!("content-length: {}\r\n", content.len())
    };
    wire.send(format!(
        "{line} HTTP/1.1\r\nhost: example.com\r\n{fields}{length}\r\n{content}"
    ))
    .await
    .unwrap();
    wire.answer_to(method).await.unwrap()
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.content).unwrap_or_else(|_| panic!("no JSON: {}", answer.text()))
}

#[tokio::test]
async fn the_request_comes_back() {
    everywhere(
        &["GET /get?a=1&a=2&b=x%20y\nX-Custom: yes"],
        |case, answer| {
            let shown = json_of(answer);
            assert_eq!(
                shown["args"],
                json!({"a": ["1", "2"], "b": "x y"}),
                "{case}"
            );
            assert_eq!(
                shown["headers"],
                json!({"Host": "example.com", "X-Custom": "yes"}),
                "{case}"
            );
            assert_eq!(
                shown["url"], "http://example.com/get?a=1&a=2&b=x%20y",
                "{case}"
            );
            let origin = if case.ends_with("tcp") {
                "127.0.0.1"
            } else {
                ""
            };
            assert_eq!(shown["origin"], origin, "{case}");
        },
    )
    .await;
}

#[tokio::test]
async fn content_comes_back_by_every_method() {
    let requests = [
        "POST /post\n\nhello",
        "PUT /put\n\nhello",
        "PATCH /patch\n\nhello",
        "DELETE /delete\n\nhello",
        "PUT /anything/a/b\n\nhello",
    ];
    everywhere(&requests, |case, answer| {
        assert_eq!(
            (answer.code(), &json_of(answer)["data"]),
            (200, &json!("hello")),
            "{case}"
        );
    })
    .await;
}

#[tokio::test]
async fn parameters_are_decoded_once() {
    let requests = ["GET /cookies/set/a/x%2520y", "GET /cookies/set/a/x%2520y?"];
    everywhere(&requests, |case, answer| {
        assert_eq!(
            answer.field("set-cookie"),
            Some("a=x%20y; Path=/"),
            "{case}"
        );
    })
    .await;
    everywhere(&["GET /anything/a%20b/c%2Fd"], |case, answer| {
        assert_eq!(
            json_of(answer)["url"],
            "http://example.com/anything/a%20b/c%2Fd",
            "{case}"
        );
    })
    .await;
}

#[tokio::test]
async fn literals_go_before_parameters() {
    everywhere(&["GET /cookies/set?k=v"], |case, answer| {
        assert_eq!(answer.field("set-cookie"), Some("k=v; Path=/"), "{case}");
    })
    .await;
    everywhere(&["GET /cache", "GET /cache/60"], |case, answer| {
        assert_eq!(
            answer.field("cache-control").is_some(),
            case.contains("/60"),
            "{case}"
        );
        assert_eq!(answer.code(), 200, "{case}");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_not_allowed_405() {
    everywhere(
        &[
            "GET /nothing",
            "GET /status",
            "GET /cookies/set/a",
            "GET /image/gif",
            "GET /anything/",
            "GET /get/",
            "OPTIONS /nothing",
        ],
        |case, answer| {
            assert_eq!(answer.code(), 404, "{case}");
            let html = Some("text/html; charset=utf-8");
            assert_eq!(answer.field("content-type"), html, "{case}");
        },
    )
    .await;
    everywhere(&["POST /get\n\nx", "DELETE /post"], |case, answer| {
        assert_eq!(answer.code(), 405, "{case}");
        let expected = if case.contains("/get") {
            "GET, HEAD, OPTIONS"
        } else {
            "OPTIONS, POST"
        };
        assert_eq!(answer.field("allow"), Some(expected), "{case}");
    })
    .await;
}

#[tokio::test]
async fn head_is_answered_where_get_is() {
    everywhere(
        &[
            "HEAD /get",
            "HEAD /bytes/100",
            "HEAD /stream/3",
            "HEAD /html",
        ],
        |case, answer| {
            assert_eq!((answer.code(), answer.content.len()), (200, 0), "{case}");
        },
    )
    .await;
}

#[tokio::test]
async fn options_names_the_methods_and_lets_scripts_in() {
    everywhere(
        &["OPTIONS /post\nOrigin: http://other\nAccess-Control-Request-Headers: x-a"],
        |case, answer| {
            assert_eq!(answer.code(), 200, "{case}");
            assert_eq!(
                answer.field("access-control-allow-origin"),
                Some("http://other"),
                "{case}"
            );
            assert_eq!(
                answer.field("access-control-allow-headers"),
                Some("x-a"),
                "{case}"
            );
            assert_eq!(answer.field("allow"), Some("OPTIONS, POST"), "{case}");
        },
    )
    .await;
}

#[tokio::test]
async fn the_server_as_a_whole_has_options() {
    everywhere(&["OPTIONS *"], |case, answer| {
        assert_eq!((answer.code(), answer.content.len()), (200, 0), "{case}");
    })
    .await;
}

#[tokio::test]
async fn streams_are_chunked_and_end() {
    everywhere(&["GET /stream/20"], |case, answer| {
        assert_eq!(answer.field("transfer-encoding"), Some("chunked"), "{case}");
        let ids: Vec<Value> = answer
            .text()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone())
            .collect();
        assert_eq!(ids, (0..20).map(Value::from).collect::<Vec<_>>(), "{case}");
    })
    .await;
    everywhere(&["GET /sse?count=3&duration=0.05"], |case, answer| {
        assert_eq!(
            answer.text().matches("event: ping\ndata: {").count(),
            3,
            "{case}"
        );
    })
    .await;
    everywhere(&["GET /drip?numbytes=50&duration=0.05"], |case, answer| {
        assert_eq!(
            (answer.field("content-length"), answer.text()),
            (Some("50"), "*".repeat(50)),
            "{case}"
        );
    })
    .await;
}

/// RFC 9110 section 10.2.2: it holds a URI, whatever the query said.
#[tokio::test]
async fn a_location_is_a_url() {
    let far = "GET /redirect-to?url=/a%20b/%C3%A9%3C%5C";
    everywhere(&[far], |case, answer| {
        let location = Some("/a%20b/%C3%A9%3C%5C");
        assert_eq!(answer.field("location"), location, "{case}");
    })
    .await;
}

/// RFC 6265 section 4.1.1.
#[tokio::test]
async fn a_cookie_is_set_once() {
    everywhere(&["GET /cookies/set?a=1&a=2"], |case, answer| {
        let set = answer
            .fields
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        let set: Vec<_> = set.map(|(_, cookie)| cookie.as_str()).collect();
        assert_eq!(set, ["a=1; Path=/"], "{case}");
    })
    .await;
}

#[tokio::test]
async fn ranges_are_cut() {
    everywhere(&["GET /range/1024\nRange: bytes=26-51"], |case, answer| {
        assert_eq!(
            (answer.code(), answer.field("content-range")),
            (206, Some("bytes 26-51/1024")),
            "{case}"
        );
        assert_eq!(answer.text(), "abcdefghijklmnopqrstuvwxyz", "{case}");
    })
    .await;
}

/// However large the piece, and however long all of them may take.
#[tokio::test]
async fn a_range_in_one_piece_waits_for_nothing() {
    let whole = "GET /range/26?duration=60&chunk_size=18446744073709551615";
    everywhere(&[whole], |case, answer| {
        assert_eq!(answer.text(), "abcdefghijklmnopqrstuvwxyz", "{case}");
    })
    .await;
}

#[tokio::test]
async fn trailers_travel_both_ways() {
    everywhere(&["GET /trailers?x-sum=5\nTE: trailers"], |case, answer| {
        assert_eq!(answer.field("trailer"), Some("x-sum"), "{case}");
        assert_eq!(
            answer.trailers,
            [("x-sum".to_owned(), "5".to_owned())],
            "{case}"
        );
    })
    .await;
    let upload = "PUT /upload\nTransfer-Encoding: chunked\nTrailer: x-sum";
    for (router, loopback) in loopbacks().await {
        for (way, mut wire) in loopback.wires().await {
            let head =
                upload
                    .replace('\n', "\r\n")
                    .replacen("/upload", "/upload HTTP/1.1\r\nhost: t", 1);
            wire.send(format!(
                "{head}\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nx-sum: 11\r\n\r\n"
            ))
            .await
            .unwrap();
            let shown = json_of(&wire.answer().await.unwrap());
            assert_eq!(
                (&shown["octets"], &shown["trailers"]),
                (&json!(11), &json!({"x-sum": "11"})),
                "{router} over {way}"
            );
        }
    }
}

#[tokio::test]
async fn an_upload_beyond_what_is_echoed_is_413() {
    for (router, loopback) in loopbacks().await {
        for (way, mut wire) in loopback.wires().await {
            wire.send("PUT /put HTTP/1.1\r\nhost: t\r\ncontent-length: 67108865\r\n\r\n")
                .await
                .unwrap();
            let answer = wire.answer().await.unwrap();
            assert_eq!(answer.code(), 413, "{router} over {way}");
        }
    }
}

#[tokio::test]
async fn broken_content_is_400_and_closes_whatever_the_router() {
    for (router, loopback) in loopbacks().await {
        for (way, mut wire) in loopback.wires().await {
            wire.send("POST /post HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")
                .await
                .unwrap();
            let answer = wire.answer().await.unwrap();
            assert_eq!(
                (answer.code(), answer.field("connection")),
                (400, Some("close")),
                "{router} over {way}"
            );
            assert_eq!(wire.rest().await.unwrap(), b"", "{router} over {way}");
        }
    }
}
