//! Layers and services of tower-http on both routers: files, compression, timeouts, CORS, protection against cross-site requests.
//!
//! `cargo run -p integration-tests --features peers --example tower_http`, then
//!
//! ```sh
//! curl -i --compressed http://127.0.0.1:8080/files/Cargo.toml       # files, compressed
//! curl -i http://127.0.0.1:8080/slow                                # 503 after a second
//! curl -i -H 'origin: https://elsewhere.example' http://127.0.0.1:8080/api/time    # CORS
//! curl -i -X POST -H 'sec-fetch-site: cross-site' http://127.0.0.1:8080/form       # 403
//! ```

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method, StatusCode};
use http_mux::engine::Context;
use http_mux::{Engine, ServeMux};
use http_server::Server;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::services::ServeDir;
use tower_http::timeout::TimeoutLayer;

/// Layers on an engine, on a group, on a route.
fn engine() -> Engine {
    let mut engine = Engine::default();
    engine.layer(CompressionLayer::new());
    engine.layer(CsrfLayer::new());
    engine.mount("/files", ServeDir::new(env!("CARGO_MANIFEST_DIR")));
    engine.post("/form", || "taken\n");

    let limit =
        TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(1));
    engine
        .group("")
        .with_layer(limit)
        .get("/slow", async |_: Context| {
            tokio::time::sleep(Duration::from_secs(60)).await;
            "at last\n"
        });

    let origin = HeaderValue::from_static("https://elsewhere.example");
    let mut api = engine.group("/api");
    let cors = CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET]);
    api.layer(cors)
        .get("/time", || format!("{:?}\n", SystemTime::now()));
    api.options("/time", || ());
    engine
}

/// A mux takes services of tower-http as handlers; layers go around it, as around any service.
fn mux(
    engine: Engine,
) -> impl tower::Service<
    http::Request<http_mux::Body>,
    Response = http::Response<
        impl http_body::Body<Data = bytes::Bytes, Error: Into<tower::BoxError>> + Send + 'static,
    >,
    Error = Infallible,
    Future: Send + 'static,
> + Clone
+ Send
+ 'static {
    let mut mux = ServeMux::new();
    mux.handle_service("/", engine);
    mux.handle_service("GET /favicon.ico", ServeDir::new("assets"));
    ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .service(mux)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("http://{}", listener.local_addr()?);
    Server::new().serve(listener, mux(engine())).await
}
