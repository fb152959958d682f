//! A WebSocket echo on tokio-tungstenite: `cargo run --example websocket`, then a WebSocket client to `ws://127.0.0.1:8081/`.
//!
//! The server knows nothing of WebSockets: it hands the connection over, with what it had read of it, once the 101 is out.

use std::convert::Infallible;

use futures::{SinkExt, StreamExt};
use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode};
use http_server::{Body, Server, Upgrading, handle, service_fn};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// Answers an offer of a WebSocket, and anything else with 426.
pub(crate) async fn serve(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let upgrading = handle(request.body()).and_then(|handle| handle.upgrade().ok());
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY);
    let mut response = Response::new(Body::empty());
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    response
        .headers_mut()
        .insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let (Some(upgrading), Some(key)) = (upgrading, key) else {
        *response.status_mut() = StatusCode::UPGRADE_REQUIRED;
        return Ok(response);
    };
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    tokio::spawn(echo(upgrading));
    Ok(response)
}

/// Sends every message back. Pings and the end of the conversation are tungstenite's to answer, which it does while it is read.
async fn echo(upgrading: Upgrading) {
    let Ok(connection) = upgrading.await else {
        return;
    };
    let mut socket = WebSocketStream::from_raw_socket(connection, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        let said = message.is_text() || message.is_binary();
        if said && socket.send(message).await.is_err() {
            return;
        }
    }
}

#[tokio::main]
#[allow(dead_code, reason = "a test includes this file as a module")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8081").await?;
    println!("listening on ws://{}", listener.local_addr()?);
    Server::new().serve(listener, service_fn(serve)).await
}
