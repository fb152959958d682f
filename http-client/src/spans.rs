//! A span for each call, with the names of OpenTelemetry's semantic conventions.
//!
//! It covers the call up to the head of the response: never the connection's life, nor that of the content.

use http::{Request, Response};
use http_codec::Body;
use tracing::Span;
use tracing::field::Empty;

use crate::error::{Error, without_credentials};

/// The span of a call that begins.
pub(crate) fn call(request: &Request<Body>) -> Span {
    let span = tracing::info_span!(
        "http.client.request",
        http.request.method = %request.method(),
        url.full = Empty,
        server.address = request.uri().host(),
        network.protocol.version = "1.1",
        http.response.status_code = Empty,
        error.type = Empty,
    );
    if !span.is_disabled() {
        span.record("url.full", without_credentials(request.uri()));
    }
    span
}

/// Notes how the call ended.
pub(crate) fn end(span: &Span, outcome: &Result<Response<Body>, Error>) {
    match outcome {
        Ok(response) => span.record("http.response.status_code", response.status().as_u16()),
        Err(error) => span.record("error.type", format!("{:?}", error.kind())),
    };
}
