//! The engine behind hyper and within axum, with layers of tower-http on it.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use http_codec::Body;
use http_mux::engine::Context;
use http_mux::{Engine, Response};
use hyper_util::rt::TokioIo;
use integration_tests::wire::Wire;
use tokio::net::{TcpListener, TcpStream};
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.settings_mut().handle_method_not_allowed = true;
    engine.layer(TraceLayer::new_for_http());
    engine.layer(CompressionLayer::new());
    engine.layer(CsrfLayer::new());
    let made = HeaderValue::from_static("engine");
    engine.layer(SetResponseHeaderLayer::overriding(
        http::header::SERVER,
        made,
    ));
    engine.get("/hello/:name", |cx: Context| {
        format!("hello {}", cx.param("name"))
    });
    engine.post("/echo", async |cx: Context| {
        Response::new(cx.into_request().into_body())
    });
    let limit = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::ZERO);
    engine
        .group("")
        .with_layer(limit)
        .get("/slow", async |_: Context| {
            std::future::pending::<Response<Body>>().await
        });
    engine
}

#[tokio::test]
async fn an_engine_runs_on_our_server() {
    let server = http_server::testing::serve(engine()).await.unwrap();
    visit(&mut Wire::new(
        TcpStream::connect(server.addr()).await.unwrap(),
    ))
    .await;
}

#[tokio::test]
async fn an_engine_runs_behind_hyper() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (accepted, _) = listener.accept().await.unwrap();
    let service = hyper_util::service::TowerToHyperService::new(engine());
    let http1 = hyper::server::conn::http1::Builder::new();
    tokio::spawn(http1.serve_connection(TokioIo::new(accepted), service));
    visit(&mut Wire::new(stream.unwrap())).await;
}

#[tokio::test]
async fn an_engine_runs_within_axum() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await;
    let router = axum::Router::new().fallback_service(engine());
    tokio::spawn(async move { axum::serve(listener, router).await });
    visit(&mut Wire::new(stream.unwrap())).await;
}

async fn visit(wire: &mut Wire<TcpStream>) {
    let mut ask = async |request: &str| {
        wire.send(request).await.unwrap();
        wire.answer().await.unwrap()
    };
    let hello = ask("GET /hello/b%20c HTTP/1.1\r\nhost: t\r\n\r\n").await;
    assert_eq!(
        (hello.text(), hello.field("server")),
        ("hello b c".into(), Some("engine"))
    );
    let echo = "POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    assert_eq!(ask(echo).await.text(), "hello");
    let refused = ask("PUT /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(
        (refused.code(), refused.field("allow")),
        (405, Some("POST"))
    );
    let moved = ask("GET /hello/x/ HTTP/1.1\r\nhost: t\r\n\r\n").await;
    assert_eq!(
        (moved.code(), moved.field("location")),
        (301, Some("/hello/x"))
    );
    let slow = ask("GET /slow HTTP/1.1\r\nhost: t\r\n\r\n").await;
    assert_eq!(slow.code(), 504);
    let foreign =
        "POST /echo HTTP/1.1\r\nhost: t\r\nsec-fetch-site: cross-site\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(ask(foreign).await.code(), 403);
    let long = format!(
        "GET /hello/{} HTTP/1.1\r\nhost: t\r\naccept-encoding: gzip\r\n\r\n",
        "x".repeat(2000)
    );
    assert_eq!(ask(&long).await.field("content-encoding"), Some("gzip"));
}
