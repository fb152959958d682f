//! An axum router on this server, with its `ConnectInfo`: `cargo run --example axum`, then `curl http://127.0.0.1:8083/`.
//!
//! axum's extractors that are tied to hyper do not work here: `ConnectInfo` is given by the hook below, and in place of
//! `WebSocketUpgrade` a handler upgrades as the example `websocket` does.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Extension;
use axum::routing::get;
use http_server::{ConnectionInfo, Server};
use tokio::net::TcpListener;
use tower_layer::Layer;

async fn whoami(ConnectInfo(peer): ConnectInfo<SocketAddr>) -> String {
    format!("you are {peer}\n")
}

/// The routes; nothing of this server is in them.
pub(crate) fn router() -> Router {
    Router::new().route("/", get(whoami))
}

/// Serves `router`, each connection with its own `ConnectInfo`.
pub(crate) async fn serve(
    server: &Server,
    listener: TcpListener,
    router: Router,
) -> std::io::Result<()> {
    let make = move |connection: &ConnectionInfo| {
        let peer = connection
            .peer_addr()
            .unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
        Extension(ConnectInfo(peer)).layer(router)
    };
    server.serve_with(listener, make).await
}

#[tokio::main]
#[allow(dead_code, reason = "a test includes this file as a module")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8083").await?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(&Server::new(), listener, router()).await
}
