//! What a request costs in allocations, counted on our side of a kept-alive connection.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::Request;
use http_codec::Body;
use http_mux::{Params, ServeMux};
use http_server::testing;
use integration_tests::counting::{Counting, Tally};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const GET: &[u8] = b"GET /items/7 HTTP/1.1\r\nhost: t\r\nuser-agent: test\r\naccept: */*\r\n\r\n";
const POST: &[u8] = b"POST /items HTTP/1.1\r\nhost: t\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello";

fn mux() -> ServeMux {
    let mut mux = ServeMux::new();
    mux.handle(
        "GET /items/{id}",
        async |_: Request<Body>, params: Params| {
            if params.raw("id") == Some("7") {
                "seven"
            } else {
                "other"
            }
        },
    );
    mux.handle("POST /items", async |request: Request<Body>| {
        request
            .into_body()
            .collect_bytes(1024)
            .await
            .map_err(|_| http::StatusCode::BAD_REQUEST)
    });
    mux
}

/// Sends the same request again and again; neither side of the test itself allocates.
async fn repeat(stream: &mut TcpStream, request: &[u8], times: usize) -> Tally {
    let mut buffer = [0; 4096];
    let before = Tally::now();
    for _ in 0..times {
        stream.write_all(request).await.unwrap();
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(buffer.starts_with(b"HTTP/1.1 200 OK") && count < buffer.len());
    }
    Tally::now().since(before)
}

async fn cost(request: &[u8]) -> u64 {
    let server = testing::serve(mux()).await.unwrap();
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    repeat(&mut stream, request, 200).await;
    let early = repeat(&mut stream, request, 1000).await;
    repeat(&mut stream, request, 3000).await;
    let late = repeat(&mut stream, request, 1000).await;
    assert!(
        late.allocations <= early.allocations,
        "it grows with time: {early:?}, then {late:?}"
    );
    assert!(
        late.live <= 0 && early.live <= 1024,
        "something is kept: {early:?}, then {late:?}"
    );
    late.allocations.div_ceil(1000)
}

#[tokio::test]
async fn a_keep_alive_get_through_serve_mux_costs_at_most_four() {
    let cost = cost(GET).await;
    assert!(cost <= 4, "{cost} allocations a request");
}

#[tokio::test]
async fn a_small_post_costs_at_most_six() {
    let cost = cost(POST).await;
    assert!(cost <= 6, "{cost} allocations a request");
}
