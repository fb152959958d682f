//! Every form of a handler, on both routers, behind our server, behind hyper's and within axum's.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use http_codec::Body;
use http_mux::engine::{Context, Next};
use http_mux::{Engine, Params, Request, RequestExt, Response, ServeMux};
use http_server::service_fn;
use hyper_util::rt::TokioIo;
use integration_tests::wire::Wire;
use tokio::net::{TcpListener, TcpStream};

fn id(params: &Params) -> String {
    params.get("id").unwrap_or_default().into_owned()
}

fn sync_both(request: Request<Body>, params: Params) -> String {
    format!("{} {}", request.uri().path(), id(&params))
}

async fn async_both(mut request: Request<Body>, params: Params) -> String {
    let content = request.text(100).await.unwrap();
    format!("{content} {}", id(&params))
}

/// As a tower service: says which path it has seen.
async fn path_seen(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::from(request.uri().path().to_owned())))
}

fn mux() -> ServeMux {
    let mut mux = ServeMux::new();
    mux.handle("/sync/none", || "none");
    mux.handle("/sync/request", |request: Request<Body>| {
        request.method().to_string()
    });
    mux.handle("/sync/params/{id}", |params: Params| id(&params));
    mux.handle("/sync/both/{id}", sync_both);
    mux.handle("/async/none", async || "none");
    mux.handle("/async/request", async |mut request: Request<Body>| {
        request.text(100).await
    });
    mux.handle("/async/params/{id}", async |params: Params| id(&params));
    mux.handle("/async/both/{id}", async_both);
    mux.handle_service("/service", service_fn(path_seen));
    mux.mount("/mounted", service_fn(path_seen));
    mux
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    // A `%2F` is no slash then, as it is none for a `ServeMux`.
    engine.settings_mut().use_escaped_path = true;
    engine.use_(async |cx: Context, next: Next| next.run(cx).await);
    engine.any("/sync/none", || "none");
    engine.any("/sync/request", |request: Request<Body>| {
        request.method().to_string()
    });
    engine.any("/sync/params/:id", |params: Params| id(&params));
    engine.any("/sync/both/:id", sync_both);
    engine.any("/sync/context/:id", |cx: Context| {
        cx.param("id").into_owned()
    });
    engine.any("/async/none", async || "none");
    engine.any("/async/request", async |mut request: Request<Body>| {
        request.text(100).await
    });
    engine.any("/async/params/:id", async |params: Params| id(&params));
    engine.any("/async/both/:id", async_both);
    engine.any("/async/context/:id", async |mut cx: Context| {
        let content = cx.bytes(100).await.unwrap();
        format!("{content:?} {}", cx.param("id"))
    });
    engine.handle_service(http::Method::POST, "/service", service_fn(path_seen));
    engine.mount("/mounted", service_fn(path_seen));
    engine
}

/// Asks for each form with the content `hi`, and for those of a context where there is one.
async fn visit(stream: TcpStream, contexts: bool) {
    let mut wire = Wire::new(stream);
    let common = [
        ("/sync/none", "none"),
        ("/sync/request", "POST"),
        ("/sync/params/a%2Fb%20c", "a/b c"),
        ("/sync/both/7", "/sync/both/7 7"),
        ("/async/none", "none"),
        ("/async/request", "hi"),
        ("/async/params/7", "7"),
        ("/async/both/7", "hi 7"),
        ("/service", "/service"),
        ("/mounted/a/b", "/a/b"),
    ];
    let own = [("/sync/context/7", "7"), ("/async/context/7", "b\"hi\" 7")];
    let own = own.into_iter().filter(|_| contexts);
    for (path, expected) in common.into_iter().chain(own) {
        let request = format!("POST {path} HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\nhi");
        wire.send(&request).await.unwrap();
        let answer = wire.answer().await.unwrap();
        assert_eq!(
            (answer.code(), answer.text().as_str()),
            (200, expected),
            "{path}"
        );
    }
}

async fn listening() -> (TcpListener, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await;
    (listener, stream.unwrap())
}

macro_rules! behind_each {
    ($router:expr, $contexts:expr) => {{
        let server = http_server::testing::serve($router).await.unwrap();
        visit(TcpStream::connect(server.addr()).await.unwrap(), $contexts).await;

        let (listener, stream) = listening().await;
        let (accepted, _) = listener.accept().await.unwrap();
        let service = hyper_util::service::TowerToHyperService::new($router);
        let http1 = hyper::server::conn::http1::Builder::new();
        tokio::spawn(http1.serve_connection(TokioIo::new(accepted), service));
        visit(stream, $contexts).await;

        let (listener, stream) = listening().await;
        let router = axum::Router::new().fallback_service($router);
        tokio::spawn(async move { axum::serve(listener, router).await });
        visit(stream, $contexts).await;
    }};
}

#[tokio::test]
async fn every_form_of_handler_on_a_serve_mux() {
    behind_each!(mux(), false);
}

#[tokio::test]
async fn every_form_of_handler_on_an_engine() {
    behind_each!(engine(), true);
}
