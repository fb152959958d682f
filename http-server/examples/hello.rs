//! The smallest server: `cargo run --example hello`, then `curl http://127.0.0.1:8080/`.
//!
//! Ctrl-C stops it: what runs is finished within ten seconds.

use std::convert::Infallible;
use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use http_server::{Body, Server, service_fn};
use tokio::net::TcpListener;

async fn hello(_request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::from("Hello, World!"));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Ok(response)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".into());
    let listener = TcpListener::bind(&address).await?;
    println!("listening on http://{}", listener.local_addr()?);

    let server = Server::new();
    let stopping = server.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let report = stopping.shutdown(Duration::from_secs(10)).await;
            println!("{report:?}");
        }
    });
    server.serve(listener, service_fn(hello)).await
}
