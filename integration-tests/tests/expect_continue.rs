//! `Expect: 100-continue` (RFC 9110 section 10.1.1).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_codec::Body;
use http_server::service_fn;
use integration_tests::loopback::Loopback;

/// `/read` reads the content, `/refuse` does not.
async fn answer(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    if request.uri().path() == "/refuse" {
        let mut response = Response::new(Body::from("no"));
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    }
    let content = request.into_body().collect_bytes(1 << 20).await.unwrap();
    Ok(Response::new(Body::from(content)))
}

const HEAD: &str =
    "POST /read HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";

#[tokio::test]
async fn content_is_invited_when_it_is_asked_for() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        for _ in 0..3 {
            wire.send(HEAD).await.unwrap();
            assert_eq!(
                wire.head().await.unwrap().status,
                "HTTP/1.1 100 Continue",
                "over {way}"
            );
            wire.send("hello").await.unwrap();
            let answer = wire.answer().await.unwrap();
            assert_eq!(
                (answer.code(), answer.text().as_str()),
                (200, "hello"),
                "over {way}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_comes_without_an_invitation_and_closes() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(HEAD.replace("/read", "/refuse")).await.unwrap();
        let refusal = wire.head().await.unwrap();
        assert_eq!(
            (refusal.code(), refusal.field("connection")),
            (403, Some("close")),
            "over {way}"
        );
        assert_eq!(wire.rest().await.unwrap(), b"no", "over {way}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_wait_is_served_all_the_same() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(format!("{HEAD}hello")).await.unwrap();
        let answer = wire.answer().await.unwrap();
        assert_eq!(
            (answer.code(), answer.text().as_str()),
            (200, "hello"),
            "over {way}"
        );
    }
}

#[tokio::test]
async fn nobody_is_invited_who_cannot_understand_it() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(HEAD.replace("HTTP/1.1", "HTTP/1.0"))
            .await
            .unwrap();
        assert!(
            wire.is_silent(Duration::from_millis(50)).await,
            "over {way}"
        );
        wire.send("hello").await.unwrap();
        assert_eq!(wire.head().await.unwrap().code(), 200, "over {way}");
    }
}

#[tokio::test]
async fn an_unknown_expectation_is_refused() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(HEAD.replace("100-continue", "200-ok"))
            .await
            .unwrap();
        assert_eq!(wire.head().await.unwrap().code(), 417, "over {way}");
    }
}
