//! A span for each request, in OpenTelemetry's words (feature `tracing`).

use http::Response;
use http_codec::Body;
use tracing::{Instrument, Span, field};

use super::Shipped;
use crate::engine::chain::{Middleware, Next};
use crate::engine::context::Context;
use crate::handler::Reply;

/// Runs what comes after it in a span `http.server.request` with the fields `http.request.method`, `url.path`, `http.route`,
/// `client.address`, `http.response.status_code` and, for a 5xx, `error.type`. The span ends with the response head.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trace(());

impl Trace {
    /// A span at the level of information.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Middleware<Shipped> for Trace {
    fn call(&self, cx: Context, next: Next) -> Reply {
        let span = tracing::info_span!(
            target: "http_mux",
            "http.server.request",
            http.request.method = cx.method().as_str(),
            url.path = cx.path(),
            http.route = field::Empty,
            client.address = field::Empty,
            http.response.status_code = field::Empty,
            error.r#type = field::Empty,
        );
        if span.is_disabled() {
            return next.run(cx);
        }
        if !cx.full_path().is_empty() {
            span.record("http.route", cx.full_path());
        }
        if let Some(address) = cx.client_ip() {
            span.record("client.address", field::display(address));
        }
        let reply = span.in_scope(|| next.run(cx));
        match reply.into_ready() {
            Ok(response) => Reply::ready(ended(&span, response)),
            Err(reply) => {
                let inner = span.clone();
                let answer = async move { ended(&inner, reply.await) };
                Reply::future(answer.instrument(span))
            }
        }
    }
}

fn ended(span: &Span, response: Response<Body>) -> Response<Body> {
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("error.type", status.as_str());
    }
    response
}
