//! Answers: the few shapes that all endpoints use.

use http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use http_codec::{Body, BodyError};
use serde_json::Value;

/// What an endpoint returns.
pub type Reply = Result<Response<Body>, Refusal>;

/// Why a request is not served, as a status and a line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    why: String,
}

impl Refusal {
    /// A refusal with this status; `why` goes to the client as plain text.
    pub fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self {
            status,
            why: why.into(),
        }
    }

    /// 400: the client's fault.
    pub fn bad_request(why: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, why)
    }

    /// The refusal as a response.
    pub fn into_response(self) -> Response<Body> {
        let mut response = text("text/plain; charset=utf-8", format!("{}\n", self.why));
        *response.status_mut() = self.status;
        response
    }
}

/// Content that could not be read: 413 where it was too large, 400 or 408 where the peer broke or stalled it.
impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        let status = error.status().unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, error.to_string())
    }
}

/// What is larger is not indented: what is nested deeply would become a hundred times as large.
const INDENTED: usize = 64 << 10;

/// 200 with a JSON document, indented, keys in order, as httpbin does it.
pub fn json(value: &Value) -> Response<Body> {
    let dense = value.to_string();
    let shown = match dense.len() {
        ..INDENTED => format!("{value:#}\n"),
        _ => dense,
    };
    text("application/json", shown)
}

/// 200 with content of this type.
pub fn text(content_type: &'static str, content: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(content.into());
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// 200 with an HTML page.
pub fn html(page: impl Into<Body>) -> Response<Body> {
    text("text/html; charset=utf-8", page)
}

/// 404: what every router says where no route is.
pub fn not_found() -> Response<Body> {
    error_page(
        StatusCode::NOT_FOUND,
        "There is nothing here; / lists what is.",
    )
}

/// 405: what every router says where only other methods are; it adds `Allow` itself.
pub fn method_not_allowed() -> Response<Body> {
    error_page(
        StatusCode::METHOD_NOT_ALLOWED,
        "The method is not allowed for this path.",
    )
}

fn error_page(status: StatusCode, why: &str) -> Response<Body> {
    let name = status.canonical_reason().unwrap_or_default();
    let mut response = html(format!(
        "<!doctype html>\n<html lang=en>\n<title>{} {name}</title>\n<h1>{name}</h1>\n<p>{why}</p>\n",
        status.as_u16()
    ));
    *response.status_mut() = status;
    response
}

/// An answer without content.
pub fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if status != StatusCode::NOT_MODIFIED {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
    }
    response
}

/// A redirect with a short page for those who do not follow.
///
/// # Errors
///
/// 400 where the target cannot stand in a field.
pub fn redirect(status: StatusCode, target: &str) -> Reply {
    let location = field_value(target)?;
    let mut response = html(format!(
        "<!doctype html>\n<title>Redirecting...</title>\n<p>The target is <a href=\"{0}\">{0}</a>.</p>\n",
        escape(target)
    ));
    *response.status_mut() = status;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// The same response with a field set.
#[must_use]
pub fn with(mut response: Response<Body>, name: HeaderName, value: HeaderValue) -> Response<Body> {
    response.headers_mut().insert(name, value);
    response
}

/// Text as the value of a field.
///
/// # Errors
///
/// 400 where it holds what a field may not (a line break, another control octet).
pub fn field_value(text: &str) -> Result<HeaderValue, Refusal> {
    HeaderValue::from_str(text)
        .map_err(|_| Refusal::bad_request("the value cannot stand in a header field"))
}

/// Text for the inside of HTML, attributes included.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&#34;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_cannot_split_the_head_nor_inject_a_script() {
        assert!(redirect(StatusCode::FOUND, "/a\r\nSet-Cookie: x=1").is_err());
        assert_eq!(escape("\"><script>"), "&#34;&gt;&lt;script&gt;");
    }

    #[test]
    fn a_large_document_is_not_blown_up() {
        let nested = (0..100).fold(Value::from(vec![1; 100_000]), |inner, _| vec![inner].into());
        let size = |value: &Value| http_body::Body::size_hint(json(value).body()).exact();
        let dense = nested.to_string();
        assert_eq!(size(&nested), Some(dense.len() as u64));
        assert_eq!(
            size(&Value::from(vec![1, 2])),
            Some("[\n  1,\n  2\n]\n".len() as u64)
        );
    }
}
