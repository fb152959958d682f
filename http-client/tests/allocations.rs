//! What a request costs in allocations, counted exactly.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.
#![allow(unsafe_code)] // An allocator that counts is an unsafe trait by its nature; it only forwards to the system's.

mod peer;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};

use http::Uri;
use http_client::{Body, Client};

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, octets: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(octets, layout, size) }
    }

    unsafe fn dealloc(&self, octets: *mut u8, layout: Layout) {
        unsafe { System.dealloc(octets, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A server on a thread of its own, whose allocations are its own.
fn serve(answer: &'static [u8]) -> Uri {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = [0; 4096];
        while let Ok(count) = stream.read(&mut buffer) {
            if count == 0 || stream.write_all(answer).is_err() {
                return;
            }
        }
    });
    format!("http://{addr}/").parse().unwrap()
}

/// Allocations a request, over many.
async fn per_request(mut call: impl AsyncFnMut()) -> f64 {
    const TIMES: usize = 1000;
    for _ in 0..100 {
        call().await;
    }
    let before = COUNT.get();
    for _ in 0..TIMES {
        call().await;
    }
    (COUNT.get() - before) as f64 / TIMES as f64
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\ndate: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\nHello, World!";

#[tokio::test]
async fn a_get_through_the_transport_costs_at_most_four() {
    let (transport, uri) = (peer::transport(), serve(ANSWER));
    let cost = per_request(async || {
        let mut request = http::Request::new(Body::empty());
        *request.uri_mut() = uri.clone();
        let response = transport.round_trip(request).await.unwrap();
        assert_eq!(
            response.into_body().collect_bytes(100).await.unwrap().len(),
            13
        );
    })
    .await;
    println!("transport: {cost}");
    assert!(cost <= 4.0, "{cost}");
}

#[tokio::test]
async fn a_get_through_the_client_costs_at_most_six() {
    let uri = serve(ANSWER);
    let client = Client::builder()
        .transport(peer::transport())
        .decode(false)
        .build();
    let cost = per_request(async || {
        let response = client.get(&uri).send().await.unwrap();
        assert_eq!(
            response.into_body().collect_bytes(100).await.unwrap().len(),
            13
        );
    })
    .await;
    println!("client: {cost}");
    assert!(cost <= 6.0, "{cost}");
}

#[tokio::test]
async fn chunked_content_costs_little_more() {
    let (transport, uri) = (
        peer::transport(),
        serve(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"),
    );
    let cost = per_request(async || {
        let mut request = http::Request::new(Body::empty());
        *request.uri_mut() = uri.clone();
        let response = transport.round_trip(request).await.unwrap();
        assert_eq!(
            response.into_body().collect_bytes(100).await.unwrap().len(),
            5
        );
    })
    .await;
    println!("chunked: {cost}");
    assert!(cost <= 6.0, "{cost}");
}
