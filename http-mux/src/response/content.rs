//! Contents that name their own media type.

use http::Response;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http_codec::Body;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{IntoResponse, internal_error, static_value, with_type};

/// A page: `text/html; charset=utf-8`.
#[derive(Debug, Clone, Copy)]
pub struct Html<T>(pub T);

impl<T: Into<Body>> IntoResponse for Html<T> {
    fn into_response(self) -> Response<Body> {
        with_type(HeaderValue::from_static("text/html; charset=utf-8"), self.0)
    }
}

/// Content of any media type, which is named first: `Data("image/png", octets)`.
///
/// A media type that is no field value is answered with 500.
#[derive(Debug, Clone, Copy)]
pub struct Data<T>(pub &'static str, pub T);

impl<T: Into<Body>> IntoResponse for Data<T> {
    fn into_response(self) -> Response<Body> {
        match static_value(self.0) {
            Ok(kind) => with_type(kind, self.1),
            Err(error) => internal_error(&error),
        }
    }
}

/// A response to be saved under a name: adds `Content-Disposition: attachment` (RFC 6266).
///
/// A name that is not plain ASCII is sent in the extended form of RFC 8187.
#[derive(Debug, Clone)]
pub struct Attachment<T> {
    name: String,
    content: T,
}

impl<T> Attachment<T> {
    /// `content`, to be saved as `name`.
    pub fn new(name: impl Into<String>, content: T) -> Self {
        Self {
            name: name.into(),
            content,
        }
    }
}

impl<T: IntoResponse> IntoResponse for Attachment<T> {
    fn into_response(self) -> Response<Body> {
        let mut response = self.content.into_response();
        match HeaderValue::from_str(&disposition(&self.name)) {
            Ok(value) => {
                response.headers_mut().insert(CONTENT_DISPOSITION, value);
                response
            }
            Err(error) => internal_error(&error),
        }
    }
}

/// What RFC 8187 calls `attr-char` stays as it is.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

fn disposition(name: &str) -> String {
    let plain = name.bytes().all(|octet| matches!(octet, b' '..=b'~'));
    if !plain {
        return format!(
            "attachment; filename*=UTF-8''{}",
            utf8_percent_encode(name, ATTRIBUTE)
        );
    }
    let mut value = String::with_capacity(name.len() + 24);
    value.push_str("attachment; filename=\"");
    for character in name.chars() {
        if matches!(character, '"' | '\\') {
            value.push('\\');
        }
        value.push(character);
    }
    value.push('"');
    value
}
