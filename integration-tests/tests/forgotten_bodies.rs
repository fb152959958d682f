//! A handler that forgets its request's content, neither reading nor dropping it, harms nobody but that request.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::{Request, Response};
use http_codec::Body;
use http_server::{Server, service_fn};
use integration_tests::loopback::Loopback;
use integration_tests::wire::PATIENCE;

/// What was forgotten, for as long as the test runs.
type Kept = Arc<Mutex<Vec<Body>>>;

/// Keeps the content of `/keep` for ever.
async fn keep(kept: Kept, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    if request.uri().path() == "/keep" {
        kept.lock().unwrap().push(request.into_body());
    }
    Ok(Response::new(Body::from("ok")))
}

const KEEP: &str = "POST /keep HTTP/1.1\r\nhost: t\r\ncontent-length: 100000\r\n\r\nonly a little";

#[tokio::test]
async fn the_answer_comes_and_other_connections_go_on() {
    let kept = Kept::default();
    let service = service_fn(move |request| keep(Arc::clone(&kept), request));
    let loopback = Loopback::new(service).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(KEEP).await.unwrap();
        assert_eq!(wire.answer().await.unwrap().text(), "ok", "over {way}");
        let mut other = loopback.tcp().await;
        other
            .send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .unwrap();
        assert_eq!(other.answer().await.unwrap().text(), "ok", "over {way}");
    }
}

#[tokio::test]
async fn the_connection_is_closed_after_a_while_and_the_body_is_told() {
    let kept = Kept::default();
    let keeping = Arc::clone(&kept);
    let service = service_fn(move |request| keep(Arc::clone(&keeping), request));
    let server = Server::builder()
        .deadlines(|deadlines| deadlines.forgotten = Some(Duration::from_millis(50)))
        .build();
    let loopback = Loopback::on(server, service).await;
    for (way, mut wire) in loopback.wires().await {
        wire.send(KEEP).await.unwrap();
        assert_eq!(wire.answer().await.unwrap().text(), "ok", "over {way}");
        assert_eq!(wire.rest().await.unwrap(), b"", "over {way}");
        let body = kept.lock().unwrap().pop().unwrap();
        let error = body.collect_bytes(1 << 20).await.unwrap_err();
        assert_eq!(
            error.kind(),
            http_codec::BodyErrorKind::Revoked,
            "over {way}"
        );
    }
}

#[tokio::test]
async fn the_shutdown_does_not_wait_for_it() {
    let kept = Kept::default();
    let service = service_fn(move |request| keep(Arc::clone(&kept), request));
    let loopback = Loopback::new(service).await;
    let mut wires = loopback.wires().await;
    for (way, wire) in &mut wires {
        wire.send(KEEP).await.unwrap();
        assert_eq!(wire.answer().await.unwrap().text(), "ok", "over {way}");
    }
    let start = Instant::now();
    let report = loopback.server().shutdown(Duration::from_millis(200)).await;
    assert!(start.elapsed() < PATIENCE, "{report:?}");
    assert_eq!(report.left, 0, "{report:?}");
}

#[tokio::test]
async fn a_handler_that_never_answers_does_not_hold_the_shutdown() {
    let stuck = service_fn(|request: Request<Body>| async move {
        let _body = request.into_body();
        std::future::pending::<Result<Response<Body>, Infallible>>().await
    });
    let loopback = Loopback::new(stuck).await;
    for (_, wire) in &mut loopback.wires().await {
        wire.send(KEEP).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    let report = loopback.server().shutdown(Duration::from_millis(100)).await;
    assert!(report.elapsed < PATIENCE && report.left == 0, "{report:?}");
}
