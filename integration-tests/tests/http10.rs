//! HTTP/1.0 clients (RFC 9112 sections 6.1 and 9.3).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use futures::stream;
use http::{Request, Response};
use http_codec::Body;
use http_server::service_fn;
use integration_tests::loopback::Loopback;

async fn answer(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(match request.uri().path() {
        "/stream" => Body::from_stream(stream::iter([Ok::<_, Infallible>("con"), Ok("tent")])),
        _ => Body::from("content"),
    }))
}

#[tokio::test]
async fn a_connection_ends_after_one_answer() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send("GET / HTTP/1.0\r\n\r\n").await.unwrap();
        let answer = wire.answer().await.unwrap();
        assert_eq!(
            (answer.code(), answer.text().as_str()),
            (200, "content"),
            "over {way}"
        );
        assert_eq!(answer.field("connection"), Some("close"), "over {way}");
        assert_eq!(wire.rest().await.unwrap(), b"", "over {way}");
    }
}

#[tokio::test]
async fn keep_alive_is_granted_to_those_who_ask() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        for _ in 0..3 {
            wire.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
                .await
                .unwrap();
            let answer = wire.answer().await.unwrap();
            assert_eq!(answer.field("connection"), Some("keep-alive"), "over {way}");
            assert_eq!(answer.text(), "content", "over {way}");
        }
    }
}

#[tokio::test]
async fn content_of_unknown_length_ends_with_the_connection_and_is_never_chunked() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send("GET /stream HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
            .await
            .unwrap();
        let answer = wire.answer().await.unwrap();
        assert_eq!(
            (
                answer.field("transfer-encoding"),
                answer.field("content-length")
            ),
            (None, None),
            "over {way}"
        );
        assert_eq!(answer.text(), "content", "over {way}");
    }
}
