//! What every answer gets: leave for scripts of any origin to read it (the Fetch standard's CORS protocol), and an answer
//! to `OPTIONS` on every path.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ALLOW,
    ORIGIN,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use tower_service::Service;

/// A service whose answers anyone may read.
#[derive(Clone, Copy, Debug)]
pub struct Cors<S> {
    inner: S,
}

impl<S> Cors<S> {
    /// Around this service, whatever it is.
    pub fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, A, B> Service<Request<A>> for Cors<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Future: Send + 'static,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let asked = Asked::by(&request);
        let answer = self.inner.call(request);
        Box::pin(async move { Ok(asked.allow(answer.await?)) })
    }
}

/// What of the request the answer depends on.
struct Asked {
    origin: Option<HeaderValue>,
    preflight: bool,
    /// It asks about the server as a whole: `OPTIONS *`, which few routers know.
    of_server: bool,
    headers: Option<HeaderValue>,
}

impl Asked {
    fn by<A>(request: &Request<A>) -> Self {
        let field = |name| request.headers().get(name).cloned();
        Self {
            origin: field(ORIGIN),
            preflight: request.method() == Method::OPTIONS,
            of_server: request.uri() == "*",
            headers: field(ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }

    fn allow<B: Default>(self, mut response: Response<B>) -> Response<B> {
        let any = HeaderValue::from_static("*");
        let fields = response.headers_mut();
        fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.origin.unwrap_or(any));
        fields.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        if let Some(allow) = fields.get(ALLOW).and_then(methods) {
            fields.insert(ALLOW, allow);
        }
        if !self.preflight {
            return response;
        }
        let methods = HeaderValue::from_static("GET, POST, PUT, DELETE, PATCH, OPTIONS");
        fields.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        fields.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
        if let Some(headers) = self.headers {
            fields.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers);
        }
        // The router found the path and named its methods: that is all that was asked.
        if self.of_server || response.status() == StatusCode::METHOD_NOT_ALLOWED {
            *response.status_mut() = StatusCode::OK;
            *response.body_mut() = B::default();
        }
        response
    }
}

/// The methods that a router names, and those that are answered without being named: HEAD where GET is, OPTIONS everywhere.
fn methods(allow: &HeaderValue) -> Option<HeaderValue> {
    let mut named: Vec<&str> = allow.to_str().ok()?.split(',').map(str::trim).collect();
    if named.contains(&"GET") {
        named.push("HEAD");
    }
    named.push("OPTIONS");
    named.sort_unstable();
    named.dedup();
    HeaderValue::from_str(&named.join(", ")).ok()
}
