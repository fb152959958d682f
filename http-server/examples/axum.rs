//! An axum router on this server: `cargo run --example axum`, then `curl http://127.0.0.1:8083/`, and a WebSocket client to
//! `ws://127.0.0.1:8083/chat`.
//!
//! axum's extractors that are tied to hyper do not work here: `ConnectInfo` is given by the hook below, and in place of
//! `WebSocketUpgrade` a handler takes the connection over through its `Handle`.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Extension};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::{SinkExt, StreamExt};
use http_server::{ConnectionInfo, Handle, Server, with_handle};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower_layer::Layer;

async fn whoami(ConnectInfo(peer): ConnectInfo<SocketAddr>) -> String {
    format!("you are {peer}\n")
}

/// Sends every message back.
async fn chat(Extension(handle): Extension<Handle>, fields: HeaderMap) -> Response {
    let (Ok(upgrading), Some(key)) = (handle.upgrade(), fields.get(SEC_WEBSOCKET_KEY)) else {
        let fields = [(CONNECTION, "upgrade"), (UPGRADE, "websocket")];
        return (StatusCode::UPGRADE_REQUIRED, fields).into_response();
    };
    tokio::spawn(async move {
        let Ok(connection) = upgrading.await else {
            return;
        };
        let mut socket = WebSocketStream::from_raw_socket(connection, Role::Server, None).await;
        while let Some(Ok(message)) = socket.next().await {
            // What is neither is tungstenite's to answer, which it does while it is read.
            let said = message.is_text() || message.is_binary();
            if said && socket.send(message).await.is_err() {
                return;
            }
        }
    });
    let accept = derive_accept_key(key.as_bytes());
    let fields = [
        (CONNECTION, "upgrade"),
        (UPGRADE, "websocket"),
        (SEC_WEBSOCKET_ACCEPT, accept.as_str()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, fields).into_response()
}

/// The routes.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(whoami))
        .route("/chat", get(chat))
}

/// Serves `router`: each connection with its own `ConnectInfo`, each request with its connection's handle.
pub(crate) async fn serve(
    server: &Server,
    listener: TcpListener,
    router: Router,
) -> std::io::Result<()> {
    let make = move |connection: &ConnectionInfo| {
        let peer = connection
            .peer_addr()
            .unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
        with_handle(Extension(ConnectInfo(peer)).layer(router))
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
