//! Content that a handler does not read, and answers that come before the content has (RFC 9112 section 9.3).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use http::{Request, Response, StatusCode};
use http_codec::Body;
use http_server::service_fn;
use integration_tests::loopback::Loopback;

/// Never reads; `/refuse` says 413.
async fn ignore(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::from("done"));
    if request.uri().path() == "/refuse" {
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    }
    Ok(response)
}

#[tokio::test]
async fn a_little_is_skipped_and_the_connection_lives() {
    let loopback = Loopback::new(service_fn(ignore)).await;
    for (way, mut wire) in loopback.wires().await {
        for _ in 0..3 {
            let content = "x".repeat(10_000);
            wire.send(format!(
                "POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 10000\r\n\r\n{content}"
            ))
            .await
            .unwrap();
            let answer = wire.answer().await.unwrap();
            assert_eq!(
                (answer.text().as_str(), answer.field("connection")),
                ("done", None),
                "over {way}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_skipped_is_never_run_as_a_request() {
    let loopback = Loopback::new(service_fn(ignore)).await;
    for (way, mut wire) in loopback.wires().await {
        let inner = "GET /smuggled HTTP/1.1\r\nhost: t\r\n\r\n";
        let outer = format!(
            "POST / HTTP/1.1\r\nhost: t\r\ncontent-length: {}\r\n\r\n{inner}",
            inner.len()
        );
        wire.send(format!(
            "{outer}GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n"
        ))
        .await
        .unwrap();
        assert_eq!(wire.answer().await.unwrap().text(), "done", "over {way}");
        assert_eq!(wire.answer().await.unwrap().text(), "done", "over {way}");
        assert_eq!(wire.rest().await.unwrap(), b"", "over {way}");
    }
}

#[tokio::test]
async fn an_answer_overtakes_a_large_upload_and_is_not_lost_in_a_reset() {
    let loopback = Loopback::new(service_fn(ignore)).await;
    for (way, wire) in loopback.wires().await {
        let (io, _) = wire.into_inner();
        let (reader, mut writer) = tokio::io::split(io);
        let upload = tokio::spawn(async move {
            use tokio::io::AsyncWriteExt as _;
            let head = "POST /refuse HTTP/1.1\r\nhost: t\r\ncontent-length: 1000000000\r\n\r\n";
            let mut result = writer.write_all(head.as_bytes()).await;
            while result.is_ok() {
                result = writer.write_all(&[b'x'; 64 * 1024]).await;
            }
            writer
        });
        let mut wire =
            integration_tests::wire::Wire::new(tokio::io::join(reader, tokio::io::sink()));
        let answer = wire.answer().await.unwrap();
        assert_eq!(
            (answer.code(), answer.field("connection")),
            (413, Some("close")),
            "over {way}"
        );
        assert_eq!(answer.text(), "done", "over {way}");
        upload.abort();
    }
}
