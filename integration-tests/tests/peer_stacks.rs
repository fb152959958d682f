//! The crates of others, with ours: hyper and reqwest as clients, axum and tower-http behind our server, our mux behind
//! hyper and axum.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::Duration;

use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use http_codec::Body;
use http_mux::engine::Context;
use http_mux::{Engine, Params, ServeMux};
use http_server::{service_fn, testing};
use hyper_util::rt::TokioIo;
use integration_tests::wire::Wire;
use tokio::net::{TcpListener, TcpStream};
use tower::Service;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

fn mux() -> ServeMux {
    let mut mux = ServeMux::new();
    mux.handle("GET /hello/{name}", |params: Params| {
        format!("hello {}", params.get("name").unwrap_or_default())
    });
    mux.handle("POST /echo", async |request: Request<Body>| {
        Response::new(request.into_body())
    });
    mux
}

#[tokio::test]
async fn hyper_is_served() {
    let server = testing::serve(mux()).await.unwrap();
    let stream = TokioIo::new(TcpStream::connect(server.addr()).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    for turn in 0..20 {
        let content = Full::new(Bytes::from("x".repeat(turn * 5000)));
        let request = Request::post("/echo")
            .header("host", "t")
            .body(content)
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let echoed = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(echoed.len(), turn * 5000);
    }
    assert_eq!(server.server().stats().accepted, 1);
}

#[tokio::test]
async fn reqwest_is_served_and_keeps_its_connection() {
    let server = testing::serve(mux()).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..20 {
        let response = client
            .get(format!("{}/hello/reqwest", server.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(response.text().await.unwrap(), "hello reqwest");
    }
    let posted = client
        .post(format!("{}/echo", server.url()))
        .body("over and out")
        .send()
        .await
        .unwrap();
    assert_eq!(posted.text().await.unwrap(), "over and out");
    assert_eq!(server.server().stats().accepted, 1);
}

#[tokio::test]
async fn axum_with_the_layers_of_tower_http_runs_unchanged() {
    let router = axum::Router::new()
        .route("/large", get(|| async { "again and ".repeat(1000) }))
        .route(
            "/slow",
            get(|| async { tokio::time::sleep(Duration::from_secs(60)).await }),
        )
        .route("/echo", post(|content: Bytes| async { content }))
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_millis(100),
        ))
        .layer(RequestBodyLimitLayer::new(1000))
        .layer(SetResponseHeaderLayer::overriding(
            http::header::SERVER,
            HeaderValue::from_static("axum"),
        ))
        .layer(TraceLayer::new_for_http());
    let server = testing::serve(tower::ServiceExt::map_request(
        router,
        |request: Request<Body>| request.map(axum::body::Body::new),
    ))
    .await
    .unwrap();
    let mut wire = Wire::new(TcpStream::connect(server.addr()).await.unwrap());

    wire.send("GET /large HTTP/1.1\r\nhost: t\r\naccept-encoding: gzip\r\n\r\n")
        .await
        .unwrap();
    let large = wire.answer().await.unwrap();
    assert_eq!(
        (large.field("content-encoding"), large.field("server")),
        (Some("gzip"), Some("axum"))
    );
    let mut text = String::new();
    std::io::Read::read_to_string(
        &mut flate2::read::GzDecoder::new(&*large.content),
        &mut text,
    )
    .unwrap();
    assert_eq!(text.len(), 10_000);

    wire.send("GET /slow HTTP/1.1\r\nhost: t\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(wire.answer().await.unwrap().code(), 504);
    wire.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nhello")
        .await
        .unwrap();
    assert_eq!(wire.answer().await.unwrap().text(), "hello");
    wire.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 1001\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(wire.answer().await.unwrap().code(), 413);
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.settings_mut().handle_method_not_allowed = true;
    engine.get("/hello/:name", |cx: Context| {
        format!("hello {}", cx.param("name"))
    });
    engine.post("/echo", async |request: Request<Body>| {
        Response::new(request.into_body())
    });
    engine
}

/// A mux behind hyper's server, and within axum's router behind axum's own.
async fn behind_others<M>(mux: M)
where
    M: Service<
            Request<hyper::body::Incoming>,
            Response = Response<Body>,
            Error = Infallible,
            Future: Send,
        >,
    M: Service<
            Request<axum::body::Body>,
            Response = Response<Body>,
            Error = Infallible,
            Future: Send,
        >,
    M: Clone + Send + Sync + 'static,
{
    let (mut wire, listener) = listening().await;
    let (stream, _) = listener.accept().await.unwrap();
    let service = hyper_util::service::TowerToHyperService::new(mux.clone());
    tokio::spawn(
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
    );
    visit(&mut wire).await;

    let (mut wire, listener) = listening().await;
    let router = axum::Router::new().fallback_service(mux);
    tokio::spawn(async move { axum::serve(listener, router).await });
    visit(&mut wire).await;
}

async fn listening() -> (Wire<TcpStream>, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    (Wire::new(stream), listener)
}

#[tokio::test]
async fn serve_mux_runs_behind_others() {
    behind_others(mux()).await;
}

#[tokio::test]
async fn engine_runs_behind_others() {
    behind_others(engine()).await;
}

async fn visit(wire: &mut Wire<TcpStream>) {
    wire.send("GET /hello/b%20c HTTP/1.1\r\nhost: t\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(wire.answer().await.unwrap().text(), "hello b c");
    wire.send("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(wire.answer().await.unwrap().text(), "hello");
    wire.send("PUT /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    let refused = wire.answer().await.unwrap();
    assert_eq!(
        (refused.code(), refused.field("allow")),
        (405, Some("POST"))
    );
}

#[tokio::test]
async fn a_body_of_another_crate_is_sent_with_its_trailers() {
    let service = service_fn(|_: Request<Body>| async {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-sum", HeaderValue::from_static("5"));
        let body = Full::new(Bytes::from("hello")).with_trailers(async move { Some(Ok(trailers)) });
        let mut response = Response::new(body);
        response
            .headers_mut()
            .insert("trailer", HeaderValue::from_static("x-sum"));
        Ok::<_, Infallible>(response)
    });
    let server = testing::serve(service).await.unwrap();
    let mut wire = Wire::new(TcpStream::connect(server.addr()).await.unwrap());
    wire.send("GET / HTTP/1.1\r\nhost: t\r\nte: trailers\r\n\r\n")
        .await
        .unwrap();
    let answer = wire.answer().await.unwrap();
    assert_eq!(answer.text(), "hello");
    assert_eq!(answer.trailers, [("x-sum".to_owned(), "5".to_owned())]);
}
