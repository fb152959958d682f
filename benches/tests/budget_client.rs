//! What an exchange costs a client, exactly: allocations, and segments on the wire. A change that costs more fails here; one
//! that costs less lowers the number.
//!
//! The client runs in the test's thread, whose allocations are counted; the server is a blocking socket in another thread, with
//! a ready answer. It counts its reads: a request that came in one was written in one.

use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use benches::allocations::{self, Counting};
use http::{Request, Uri};
use http_client::{Body, Client, Transport};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const WARM: usize = 50;
const COUNTED: u64 = 400;
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";

/// What so many exchanges cost together.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    allocations: u64,
    segments: u64,
}

/// A budget per exchange, times the exchanges.
fn each(allocations: u64, segments: u64) -> Cost {
    Cost {
        allocations: allocations * COUNTED,
        segments: segments * COUNTED,
    }
}

#[test]
fn a_get_by_the_transport() {
    let transport = Transport::new();
    let cost = measure(move |uri| {
        let transport = transport.clone();
        async move {
            let request = Request::get(uri).body(Body::empty()).expect("a request");
            let response = transport.round_trip(request).await.expect("an answer");
            response.into_body()
        }
    });
    assert_eq!(cost, each(2, 1));
}

#[test]
fn a_get_by_the_client() {
    // Which codings are undone depends on the features that others of the workspace ask for.
    let client = Client::builder().decode(false).build();
    let cost = measure(move |uri| {
        let client = client.clone();
        async move {
            let response = client.get(uri).send().await.expect("an answer");
            response.into_body()
        }
    });
    assert_eq!(cost, each(3, 1));
}

/// Counts what [`COUNTED`] exchanges cost, one after the other.
fn measure<F: Future<Output = Body>>(call: impl Fn(Uri) -> F) -> Cost {
    let segments = Arc::new(AtomicU64::new(0));
    let address = serve(Arc::clone(&segments));
    let uri: Uri = format!("http://{address}/").parse().expect("a URI");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        for _ in 0..WARM {
            exchange(&call, &uri).await;
        }
        let before = (allocations::count_here(), segments.load(Ordering::SeqCst));
        for _ in 0..COUNTED {
            exchange(&call, &uri).await;
        }
        Cost {
            allocations: allocations::count_here() - before.0,
            segments: segments.load(Ordering::SeqCst) - before.1,
        }
    })
}

async fn exchange<F: Future<Output = Body>>(call: &impl Fn(Uri) -> F, uri: &Uri) {
    let body = call(uri.clone()).await;
    let content = body.collect_bytes(64).await.expect("content");
    assert_eq!(content, "Hello, World!");
}

/// Answers one connection in a thread until its peer leaves.
fn serve(segments: Arc<AtomicU64>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        socket.set_nodelay(true).expect("a socket option");
        let (mut buffer, mut filled) = ([0; 4096], 0);
        while let Ok(read @ 1..) = socket.read(&mut buffer[filled..]) {
            segments.fetch_add(1, Ordering::SeqCst);
            filled += read;
            if buffer[..filled].ends_with(b"\r\n\r\n") {
                filled = 0;
                socket.write_all(ANSWER).expect("the client reads");
            }
        }
    });
    address
}
