//! What a connection costs while nothing happens on it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response};
use http_codec::Body;
use http_server::{Server, service_fn, testing};
use integration_tests::counting::{Counting, Tally};
use integration_tests::wire::Wire;
use tokio::net::TcpStream;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A handler whose future is 16 KiB.
async fn large(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let state = [7_u8; 16 * 1024];
    tokio::task::yield_now().await;
    Ok(Response::new(Body::from(format!(
        "{}",
        std::hint::black_box(&state).len()
    ))))
}

#[tokio::test]
async fn the_future_of_a_connection_is_at_most_one_kibibyte() {
    let (_client, peer) = tokio::io::duplex(1024);
    let server = Server::new();
    assert!(size_of_val(&large(Request::new(Body::empty()))) >= 16 * 1024);
    let serving = server.serve_connection(peer, service_fn(large));
    assert!(
        size_of_val(&serving) <= 1024,
        "{} octets",
        size_of_val(&serving)
    );
}

#[tokio::test]
async fn an_idle_connection_gives_back_what_it_needed_when_it_was_busy() {
    const CONNECTIONS: i64 = 64;
    let server = testing::serve(service_fn(large)).await.unwrap();
    let mut wires = Vec::with_capacity(CONNECTIONS as usize);
    let mut before = Tally::now();
    for turn in 0..=CONNECTIONS {
        let stream = TcpStream::connect(server.addr()).await.unwrap();
        let mut wire = Wire::new(stream);
        wire.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .unwrap();
        assert_eq!(wire.answer().await.unwrap().text(), "16384");
        wires.push(wire.into_inner().0);
        if turn == 0 {
            // What only the first connection needs is not counted.
            tokio::time::sleep(Duration::from_millis(200)).await;
            before = Tally::now();
        }
    }
    let busy = Tally::now().since(before).live / CONNECTIONS;
    // Buffers and the busy part of a connection go after a moment. What stays is the connection and its registration with the
    // runtime, and as much of the latter for the other end, which is ours.
    let mut idle = busy;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        idle = Tally::now().since(before).live / CONNECTIONS;
        if idle <= 3072 {
            break;
        }
    }
    assert!(
        idle <= 3072,
        "{idle} octets a connection when idle, {busy} when busy, both ends of it"
    );
}
