//! What an engine does, by theme.

mod handlers;
mod middleware;
mod misses;
mod routes;
mod server;

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use http_mux::engine::{Context, Next};
use http_mux::{Body, Engine, Method, Request, Response};

pub(crate) fn ask(engine: &Engine, method: Method, target: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(target);
    send(engine, request.body(Body::empty()).expect("a request"))
}

pub(crate) fn get(engine: &Engine, target: &str) -> Response<Body> {
    ask(engine, Method::GET, target)
}

pub(crate) fn send(engine: &Engine, request: Request<Body>) -> Response<Body> {
    engine
        .respond(request)
        .now_or_never()
        .expect("nothing waits")
}

pub(crate) fn content(response: Response<Body>) -> String {
    let content = response.into_body().collect_bytes(1 << 20).now_or_never();
    let content = content.expect("nothing waits").expect("content");
    String::from_utf8(content.into()).expect("text")
}

/// Middleware that writes its name before and after.
pub(crate) fn noting(
    name: &'static str,
    notes: &Arc<Mutex<String>>,
) -> impl Fn(Context, Next) -> futures::future::BoxFuture<'static, Response<Body>> + use<> {
    let notes = Arc::clone(notes);
    move |cx, next| {
        let notes = Arc::clone(&notes);
        async move {
            notes.lock().expect("a lock").push_str(name);
            let response = next.run(cx).await;
            notes.lock().expect("a lock").push_str(&name.to_uppercase());
            response
        }
        .boxed()
    }
}

pub(crate) fn taken(notes: &Arc<Mutex<String>>) -> String {
    std::mem::take(&mut notes.lock().expect("a lock"))
}
