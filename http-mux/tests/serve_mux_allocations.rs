//! What routing costs, in allocations: exact on a noisy machine.
#![allow(unsafe_code, reason = "a global allocator that counts")]

mod tree_support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http_mux::tree::{Captures, Tree};
use http_mux::{Body, Params, Request, Response, ServeMux};
use tower_service::Service;
use tree_support::{braces, gin};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations<T>(act: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATIONS.with(Cell::get);
    let result = act();
    (ALLOCATIONS.with(Cell::get) - before, result)
}

#[test]
fn a_lookup_allocates_nothing() {
    let mut tree = Tree::new();
    let deep: String = (0..16).map(|at| format!("/{{x{at}}}")).collect();
    for pattern in [
        "/user/:name",
        "/user/me",
        "/src/*file",
        "/user/:name/files/:file",
    ] {
        tree.insert(gin(pattern), ()).expect("a new route");
    }
    for pattern in [&deep, "/v2/{name...}/blobs/{digest}", "/{owner}/{repo}.git"] {
        tree.insert(braces(pattern), ()).expect("a new route");
    }
    let mut captures = Captures::new();
    tree.find("/", &mut captures);
    let long = format!("/{}", "segment/".repeat(400));
    let values = "/v".repeat(16);
    for path in [
        "/user/gopher",
        "/user/me",
        "/user/me/files/x",
        "/src/a/b/c",
        "/none",
        "/o/r.git",
        &values,
        &long,
        "/v2/a/b/c/blobs/sha256",
        "/user/a-very-long-name-that-makes-the-path-longer-than-one-word-of-marks-has-bits/files/x",
    ] {
        let (count, _) = allocations(|| tree.find(path, &mut captures).is_some());
        assert_eq!(count, 0, "{path}");
        let (count, _) = allocations(|| tree.find_escaped(path, &mut captures).is_some());
        assert_eq!(count, 0, "{path}");
    }
}

fn request(path: &'static str) -> Request<Body> {
    Request::get(path)
        .header("host", "example.com")
        .body(Body::empty())
        .expect("a request")
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a test's future waits"),
    }
}

#[test]
fn a_routed_request_costs_at_most_two_allocations_more_than_its_handler() {
    fn answer(params: Params) -> Response<Body> {
        assert_eq!(params.get("id").as_deref(), Some("7"));
        Response::new(Body::from("ok"))
    }
    let mut mux = ServeMux::new();
    mux.handle("GET /sync/{id}", answer);
    mux.handle("GET /async/{id}", async |params: Params| answer(params));
    mux.handle("GET h.example/", || ());
    mux.handle("GET /static/{id}/", answer);
    let (bare, _) = allocations(|| Response::new(Body::from("ok")));
    for path in ["/sync/7", "/async/7", "/static/7/x/y"] {
        now(mux.call(request(path))).expect("infallible");
        let request = request(path);
        let (count, response) = allocations(|| now(mux.call(request)).expect("infallible"));
        assert_eq!(response.status(), 200, "{path}");
        assert!(
            count <= bare + 2,
            "{path}: {count}, and {bare} without a mux"
        );
    }
}
