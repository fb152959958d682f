//! Messages that end with their head: HEAD, 204, 304 (RFC 9110 sections 9.3.2, 15.3.5, 15.4.5).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use futures::stream;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response};
use http_codec::Body;
use http_server::service_fn;
use integration_tests::loopback::Loopback;

/// Answers with the status in the path; `/stream` has content of unknown length, `/declared` of a declared one.
async fn answer(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::from("content"));
    match request.uri().path() {
        "/stream" => {
            *response.body_mut() =
                Body::from_stream(stream::iter([Ok::<_, Infallible>("con"), Ok("tent")]));
        }
        "/declared" => {
            *response.body_mut() = Body::empty();
            response
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from_static("12345"));
        }
        path => *response.status_mut() = path[1..].parse().unwrap(),
    }
    Ok(response)
}

#[tokio::test]
async fn head_has_the_fields_of_get_and_no_content() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        for (path, length, coding) in [
            ("/200", Some("7"), None),
            ("/stream", None, Some("chunked")),
            ("/declared", Some("12345"), None),
        ] {
            wire.send(format!("HEAD {path} HTTP/1.1\r\nhost: t\r\n\r\n"))
                .await
                .unwrap();
            let head = wire.answer_to("HEAD").await.unwrap();
            assert_eq!(
                (head.code(), head.field("content-length")),
                (200, length),
                "{path} over {way}"
            );
            // RFC 9112 section 6.1: a server may say what it would have sent.
            assert!(
                head.field("transfer-encoding").is_none()
                    || head.field("transfer-encoding") == coding
            );
        }
        wire.send("GET /200 HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .unwrap();
        assert_eq!(
            wire.answer().await.unwrap().text(),
            "content",
            "the next answer is undisturbed over {way}"
        );
    }
}

#[tokio::test]
async fn a_204_has_neither_content_nor_framing() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send("GET /204 HTTP/1.1\r\nhost: t\r\n\r\nGET /200 HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .unwrap();
        let none = wire.answer().await.unwrap();
        assert_eq!(
            (
                none.code(),
                none.field("content-length"),
                none.field("transfer-encoding")
            ),
            (204, None, None)
        );
        assert_eq!(wire.answer().await.unwrap().text(), "content", "over {way}");
    }
}

#[tokio::test]
async fn a_304_has_no_content() {
    let loopback = Loopback::new(service_fn(answer)).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send("GET /304 HTTP/1.1\r\nhost: t\r\n\r\nGET /200 HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .unwrap();
        let unchanged = wire.answer().await.unwrap();
        assert_eq!(
            (unchanged.code(), unchanged.field("transfer-encoding")),
            (304, None),
            "over {way}"
        );
        assert_eq!(wire.answer().await.unwrap().text(), "content", "over {way}");
    }
}

#[tokio::test]
async fn no_content_at_all_says_so() {
    let empty =
        service_fn(|_: Request<Body>| async { Ok::<_, Infallible>(Response::new(Body::empty())) });
    let loopback = Loopback::new(empty).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .unwrap();
        assert_eq!(
            wire.answer().await.unwrap().field("content-length"),
            Some("0"),
            "over {way}"
        );
    }
}
