//! ServeMux row by row: requests in, responses out.

mod matching;
mod parts;
mod recorded;
mod refused;

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http_mux::{Body, Params, Request, Response, ServeMux};
use tower_service::Service;

/// Nothing here waits for anything.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a test's future waits"),
    }
}

pub(crate) fn request(line: &str) -> Request<Body> {
    let (method, target) = line.split_once(' ').expect("method and target");
    let (target, host) = target.split_once(" at ").unwrap_or((target, "example.com"));
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", host);
    request.body(Body::empty()).expect(line)
}

pub(crate) fn serve<S>(mux: &S, line: &str) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    now(mux.clone().call(request(line))).expect("infallible")
}

pub(crate) fn text(response: Response<Body>) -> String {
    let content = now(response.into_body().collect_bytes(1 << 20)).expect("content");
    String::from_utf8(content.to_vec()).expect("text")
}

/// A mux whose handlers answer with their pattern and parameters.
pub(crate) fn echo(patterns: &[&str]) -> ServeMux {
    let mut mux = ServeMux::new();
    for pattern in patterns {
        mux.handle(pattern, |params: Params| {
            format!("{} {params:?}", params.pattern())
        });
    }
    mux
}

pub(crate) fn check(mux: &ServeMux, rows: &[(&str, &str)]) {
    for (line, expected) in rows {
        let response = serve(mux, line);
        let field = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let actual = match response.status().as_u16() {
            200 => text(response),
            405 => format!("405 {}", field("allow").unwrap_or("no Allow")),
            status => format!("{status} {}", field("location").unwrap_or(""))
                .trim()
                .to_owned(),
        };
        assert_eq!(actual, *expected, "{line}");
    }
}
