//! What a request costs the allocator: the server's thread is counted, over a real socket.

mod wire;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use http::{HeaderValue, Request, Response, header};
use http_server::{Body, testing};
use wire::infallible;

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

/// Allocations of the server's thread for each of many requests, after some to warm up.
fn allocations<F, Fut>(service: F, request: &'static [u8], end: &'static [u8]) -> f64
where
    F: FnMut(Request<Body>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
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
            let server = testing::serve(infallible(service)).await.expect("a port");
            sender.send(server.addr()).expect("awaited");
            std::future::pending::<()>().await;
        });
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

/// One of them is the box that `infallible` puts each future of these tests into.
#[test]
fn a_get_costs_the_two_allocations_of_its_response_fields() {
    let service = |_: Request<Body>| async {
        let mut response = Response::new(Body::from("Hello, World!"));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        response
    };
    let request = b"GET / HTTP/1.1\r\nhost: a\r\nuser-agent: test\r\naccept: */*\r\n\r\n";
    let each = allocations(service, request, b"Hello, World!");
    println!("{each} allocations for each GET");
    assert!(each <= 3.1, "{each} allocations for each GET");
}
