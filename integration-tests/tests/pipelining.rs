//! Requests ahead of their responses (RFC 9112 section 9.3.2).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response};
use http_codec::Body;
use http_server::service_fn;
use integration_tests::loopback::Loopback;

/// Says the path and the content; the slower, the lower the number in the path.
async fn echo(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let content = request.into_body().collect_bytes(1 << 20).await.unwrap();
    if path == "/slow" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(Response::new(Body::from(format!(
        "{path} {}",
        String::from_utf8_lossy(&content)
    ))))
}

const THREE: &str = "GET /slow HTTP/1.1\r\nhost: t\r\n\r\n\
    POST /b HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nhello\
    POST /c HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";

#[tokio::test]
async fn answers_come_in_the_order_of_the_requests() {
    let loopback = Loopback::new(service_fn(echo)).await;
    for (way, mut wire) in loopback.wires().await {
        let requests: String = (0..500)
            .map(|n| format!("GET /{n} HTTP/1.1\r\nhost: t\r\n\r\n"))
            .collect();
        wire.send(requests).await.unwrap();
        for n in 0..500 {
            assert_eq!(
                wire.answer().await.unwrap().text(),
                format!("/{n} "),
                "over {way}"
            );
        }
    }
}

#[tokio::test]
async fn a_slow_answer_is_not_overtaken() {
    let loopback = Loopback::new(service_fn(echo)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(THREE).await.unwrap();
        for expected in ["/slow ", "/b hello", "/c abc"] {
            assert_eq!(wire.answer().await.unwrap().text(), expected, "over {way}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn packet_boundaries_decide_nothing() {
    let loopback = Loopback::new(service_fn(echo)).await;
    for cut in 1..THREE.len() {
        let mut wire = loopback.pipe();
        wire.send(&THREE[..cut]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        wire.send(&THREE[cut..]).await.unwrap();
        for expected in ["/slow ", "/b hello", "/c abc"] {
            assert_eq!(
                wire.answer().await.unwrap().text(),
                expected,
                "cut at {cut}"
            );
        }
    }
}

#[tokio::test]
async fn what_follows_a_request_that_closes_is_not_answered() {
    let loopback = Loopback::new(service_fn(echo)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send("GET /a HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\nGET /b HTTP/1.1\r\nhost: t\r\n\r\n").await.unwrap();
        let answer = wire.answer().await.unwrap();
        assert_eq!(
            (answer.text().as_str(), answer.field("connection")),
            ("/a ", Some("close")),
            "over {way}"
        );
        assert_eq!(wire.rest().await.unwrap(), b"", "over {way}");
    }
}

#[tokio::test]
async fn a_broken_request_behind_good_ones_does_not_harm_their_answers() {
    let loopback = Loopback::new(service_fn(echo)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(
            "GET /a HTTP/1.1\r\nhost: t\r\n\r\nGET /b HTTP/1.1\r\nhost: t\r\n\r\nGET /c\r\n\r\n",
        )
        .await
        .unwrap();
        assert_eq!(wire.answer().await.unwrap().text(), "/a ", "over {way}");
        assert_eq!(wire.answer().await.unwrap().text(), "/b ", "over {way}");
        let refusal = wire.answer().await.unwrap();
        assert_eq!(
            (refusal.code(), refusal.field("connection")),
            (400, Some("close")),
            "over {way}"
        );
        assert_eq!(wire.rest().await.unwrap(), b"", "over {way}");
    }
}
