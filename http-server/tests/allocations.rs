//! What a request costs the allocator: the server's thread is counted, over a real socket.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use http::{HeaderValue, Request, Response, header};
use http_server::{Body, Server, raw, service_fn};
use tokio::net::TcpListener;

static COUNT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static COUNTED: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

#[allow(unsafe_code, reason = "an allocator can only be written so")]
// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTED.try_with(Cell::get) == Ok(true) {
            COUNT.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: as the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of the server's thread for each of many requests, after some to warm up. `serve` gets a server and a listener.
fn allocations<S, Fut>(serve: S, request: &'static [u8], end: &'static [u8]) -> f64
where
    S: FnOnce(Server, TcpListener) -> Fut + Send + 'static,
    Fut: Future<Output = std::io::Result<()>>,
{
    const MANY: usize = 2000;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        COUNTED.set(true);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender
                .send(listener.local_addr().expect("bound"))
                .expect("awaited");
            serve(Server::new(), listener).await
        })
    });
    let mut client = TcpStream::connect(receiver.recv().expect("serving")).expect("listening");
    let mut ask = |count: usize| {
        for _ in 0..count {
            client.write_all(request).expect("connected");
            let mut answer = Vec::new();
            while !answer.ends_with(end) {
                let mut piece = [0; 4096];
                let read = client.read(&mut piece).expect("connected");
                assert_ne!(read, 0, "closed");
                answer.extend_from_slice(&piece[..read]);
            }
        }
    };
    ask(100);
    let before = COUNT.load(Ordering::Relaxed);
    ask(MANY);
    (COUNT.load(Ordering::Relaxed) - before) as f64 / MANY as f64
}

const BROWSER: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nuser-agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
    accept: text/html,*/*;q=0.8\r\naccept-language: en-US,en;q=0.9\r\naccept-encoding: gzip, deflate, br\r\n\
    referer: https://www.example.com/some/page\r\ncookie: session=0123456789abcdef\r\n\
    upgrade-insecure-requests: 1\r\nsec-fetch-mode: navigate\r\ncache-control: max-age=0\r\n\r\n";

/// One test, for the count is the process's.
#[test]
fn a_request_costs_the_allocations_of_its_fields() {
    let hello = |_: Request<Body>| async {
        let mut response = Response::new(Body::from("Hello, World!"));
        let value = HeaderValue::from_static("text/plain");
        response.headers_mut().insert(header::CONTENT_TYPE, value);
        Ok::<_, Infallible>(response)
    };
    let raw_hello = |_: raw::Request| async {
        let fields = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"))];
        let body = Body::from("Hello, World!");
        Ok::<_, Infallible>(raw::Response::new(http::StatusCode::OK, fields, body))
    };
    let get = b"GET / HTTP/1.1\r\nhost: a\r\nuser-agent: test\r\naccept: */*\r\n\r\n";
    for (what, request, most) in [("GET", &get[..], 3.0), ("browser", BROWSER, 4.0)] {
        let each = allocations(
            move |server, listener| async move { server.serve(listener, service_fn(hello)).await },
            request,
            b"Hello, World!",
        );
        println!("{each} allocations for each {what}");
        assert!(each < most + 0.1, "{each} allocations for each {what}");
        let each = allocations(
            move |server, listener| async move {
                server.serve_raw(listener, raw::service_fn(raw_hello)).await
            },
            request,
            b"Hello, World!",
        );
        println!("{each} allocations for each {what} by the raw lane");
        assert!(
            each < 1.1,
            "{each} allocations for each {what} by the raw lane"
        );
    }
}
