//! A span for each call, with the names of OpenTelemetry's semantic conventions.
//!
//! It covers the call up to the head of the response: never the connection's life, nor that of the content.

use http::Response;
use http::request::Parts;
use http_codec::Body;
use tracing::Span;
use tracing::field::Empty;

use crate::error::{Error, without_credentials};

/// The span of a call that begins.
pub(crate) fn call(parts: &Parts) -> Span {
    let span = tracing::info_span!(
        "http.client.request",
        http.request.method = %parts.method,
        url.full = Empty,
        server.address = parts.uri.host(),
        network.protocol.version = "1.1",
        http.response.status_code = Empty,
        error.type = Empty,
    );
    if !span.is_disabled() {
        span.record("url.full", without_credentials(&parts.uri));
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
