//! JSON (RFC 8259), behind the feature `json`.

use http::Response;
use http::header::{HeaderName, HeaderValue};
use http_codec::Body;
use serde::Serialize;

use super::{IntoHeaders, IntoResponse, internal_error, with_type_and};

/// A value sent as `application/json; charset=utf-8`.
///
/// A value that cannot be serialized (a map with keys that are no strings, a failing `Serialize`) is answered with 500.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response<Body> {
        let none: [(HeaderName, HeaderValue); 0] = [];
        self.into_response_with(none)
    }

    fn into_response_with<H: IntoHeaders>(self, fields: H) -> Response<Body> {
        const KIND: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
        match serde_json::to_vec(&self.0) {
            Ok(text) => with_type_and(fields, KIND, text),
            Err(error) => internal_error(&error),
        }
    }
}
