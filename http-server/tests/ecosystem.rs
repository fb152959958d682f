//! The examples, run: an axum router with its `ConnectInfo`, a WebSocket, a tunnel.

mod wire;

#[path = "../examples/tunnel.rs"]
mod tunnel;
#[path = "../examples/websocket.rs"]
mod websocket;
#[path = "../examples/axum.rs"]
mod with_axum;

use std::net::Ipv4Addr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http_server::{Server, service_fn, testing, with_handle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use wire::{echo, infallible};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn an_axum_router_is_served_with_its_connect_info_and_its_websockets() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let addr = listener.local_addr().expect("bound");
    let server = Server::new();
    let serving = server.clone();
    let task =
        tokio::spawn(
            async move { with_axum::serve(&serving, listener, with_axum::router()).await },
        );
    let mut client = TcpStream::connect(addr).await.expect("listening");
    let local = client.local_addr().expect("connected");
    client.write_all(GET).await.expect("connected");
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.ends_with(&format!("you are {local}\n")), "{answer}");
    let stream = TcpStream::connect(addr).await.expect("listening");
    let (mut socket, _) = tokio_tungstenite::client_async(format!("ws://{addr}/chat"), stream)
        .await
        .expect("an upgrade");
    socket.send(Message::text("hello")).await.expect("open");
    let message = socket.next().await.expect("open").expect("a message");
    assert_eq!(message.into_text().expect("text").as_str(), "hello");
    expect_goodbye(socket).await;
    server.shutdown(Duration::from_secs(5)).await;
    task.await.expect("no panic").expect("no error");
}

#[tokio::test]
async fn a_websocket_echoes() {
    let server = testing::serve(service_fn(websocket::serve))
        .await
        .expect("a port");
    let stream = TcpStream::connect(server.addr()).await.expect("listening");
    let url = format!("ws://{}/", server.addr());
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream)
        .await
        .expect("an upgrade");
    for text in ["one", "two"] {
        socket.send(Message::text(text)).await.expect("open");
        let message = socket.next().await.expect("open").expect("a message");
        assert_eq!(message.into_text().expect("text").as_str(), text);
    }
    expect_goodbye(socket).await;
}

/// RFC 6455 section 5.5.1: a Close is answered by a Close, and only then the connection ends.
async fn expect_goodbye(mut socket: WebSocketStream<TcpStream>) {
    socket.close(None).await.expect("open");
    let message = socket.next().await.expect("not the end yet");
    assert!(message.expect("a message").is_close());
    assert!(socket.next().await.is_none());
}

/// RFC 9110 section 15.5.22.
#[tokio::test]
async fn who_offers_no_websocket_is_told_what_to_upgrade_to() {
    let plain = testing::serve(service_fn(websocket::serve))
        .await
        .expect("a port");
    let routed = testing::serve(with_handle(with_axum::router()))
        .await
        .expect("a port");
    for addr in [plain.addr(), routed.addr()] {
        let mut client = TcpStream::connect(addr).await.expect("listening");
        let request = "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        client.write_all(request.as_bytes()).await.expect("open");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("\r\nupgrade: websocket\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_tunnel_reaches_its_target() {
    let target = testing::serve(infallible(echo)).await.expect("a port");
    let proxy = testing::serve(service_fn(tunnel::serve))
        .await
        .expect("a port");
    let mut client = TcpStream::connect(proxy.addr()).await.expect("listening");
    let connect = format!("CONNECT {0} HTTP/1.1\r\nhost: {0}\r\n\r\n", target.addr());
    // The first octets of the tunnel come with the CONNECT.
    client
        .write_all(&[connect.as_bytes(), GET].concat())
        .await
        .expect("connected");
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("GET / "),
        "{answer}"
    );
    assert_eq!(
        answer.matches("HTTP/1.1 200 OK").count(),
        2,
        "the proxy's and the target's"
    );
}
