//! What routing costs in allocations, counted: above the bare handler, with contexts in the pool.

#![allow(unsafe_code, reason = "an allocator is counted by wrapping it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;

use futures::FutureExt;
use http_mux::engine::{Context, Logger, Recovery};
use http_mux::{Body, Engine, Params, Request, Response, ServeMux};
use tower_service::Service;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

/// SAFETY: everything is handed on to the system's allocator as it comes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A target as a server hands it over: a slice of the octets that it has read.
fn request() -> Request<Body> {
    let read = http_mux::Bytes::from("GET /users/gopher/posts/7?q=1 HTTP/1.1".to_owned());
    let shared = read.clone();
    let target = http_mux::http::uri::PathAndQuery::from_maybe_shared(shared.slice(4..28));
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = target.expect("a path").into();
    request
}

/// Allocations of the last of a few calls: the first ones fill the pool.
fn allocations<F: Future>(mut answer: impl FnMut(Request<Body>) -> F) -> usize {
    let mut counted = 0;
    for _ in 0..4 {
        let request = request();
        let before = COUNT.get();
        let response = answer(request).now_or_never().expect("nothing waits");
        counted = COUNT.get() - before;
        drop(response);
    }
    counted
}

fn routed<S>(mut service: S) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    allocations(move |request| service.call(request))
}

fn bare(_: Request<Body>) -> Response<Body> {
    Response::new(Body::from("hello"))
}

async fn waiting(request: Request<Body>) -> Response<Body> {
    bare(request)
}

fn with_params(cx: Context) -> Response<Body> {
    assert_eq!(
        (cx.param("name"), cx.param("id")),
        ("gopher".into(), "7".into())
    );
    Response::new(Body::from("hello"))
}

async fn waiting_with_params(cx: Context) -> Response<Body> {
    with_params(cx)
}

fn with_middleware() -> Engine {
    let mut engine = Engine::new();
    engine
        .use_(Logger::to(std::io::sink()))
        .use_(Recovery::new());
    engine
}

const PATTERN: &str = "/users/:name/posts/:id";

#[test]
fn an_engine_adds_at_most_a_box() {
    let floor = allocations(waiting);
    assert_eq!(floor, 0, "the bare handler");
    let mut engine = Engine::new();
    engine.get(PATTERN, bare);
    assert_eq!(routed(engine), 0, "a plain function");
    let mut engine = Engine::new();
    engine.get(PATTERN, with_params);
    assert_eq!(routed(engine), 0, "a plain function with a context");
    let mut engine = Engine::new();
    engine.get(PATTERN, waiting_with_params);
    assert_eq!(routed(engine), 1, "an async function: its future is boxed");
}

#[test]
fn logger_and_recovery_cost_a_box_each_and_only_if_the_handler_waits() {
    let mut engine = with_middleware();
    engine.get(PATTERN, with_params);
    assert_eq!(routed(engine), 0, "a plain function");
    let mut engine = with_middleware();
    engine.get(PATTERN, waiting_with_params);
    assert_eq!(
        routed(engine),
        3,
        "a box for the handler, one for each middleware; at most 4 are allowed"
    );
}

#[test]
fn a_serve_mux_adds_at_most_a_box() {
    let mux = |add: &dyn Fn(&mut ServeMux)| {
        let mut mux = ServeMux::new();
        add(&mut mux);
        routed(mux)
    };
    const PATTERN: &str = "GET /users/{name}/posts/{id}";
    let plain = mux(&|mux| {
        mux.handle(PATTERN, |_: Request<Body>, params: Params| {
            assert_eq!(params.get("name").as_deref(), Some("gopher"));
            Response::new(Body::from("hello"))
        });
    });
    let boxed = mux(&|mux| {
        mux.handle(PATTERN, waiting);
    });
    assert!(plain == 0 && boxed <= 2, "{plain} {boxed}");
}
