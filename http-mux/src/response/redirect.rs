//! Redirects (RFC 9110 section 15.4).

use http::header::{HeaderValue, LOCATION};
use http::{Response, StatusCode};
use http_codec::Body;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{IntoResponse, internal_error};

/// Sends the peer elsewhere.
///
/// Characters that a `Location` must not hold (blanks, controls, all but ASCII) are percent-encoded; everything else
/// is sent as given. Where the target comes from the request, see that it stays on your site: a path that begins with
/// two slashes names another host.
#[derive(Debug, Clone)]
pub struct Redirect {
    status: StatusCode,
    location: String,
}

impl Redirect {
    /// 303: fetch the answer from there with `GET`. The redirect after a form.
    pub fn to(location: impl Into<String>) -> Self {
        Self::with_status(StatusCode::SEE_OTHER, location)
    }

    /// 302: for now, it is there; old clients turn a `POST` into a `GET`.
    pub fn found(location: impl Into<String>) -> Self {
        Self::with_status(StatusCode::FOUND, location)
    }

    /// 307: for now, send the same request there.
    pub fn temporary(location: impl Into<String>) -> Self {
        Self::with_status(StatusCode::TEMPORARY_REDIRECT, location)
    }

    /// 308: from now on, send the same request there.
    pub fn permanent(location: impl Into<String>) -> Self {
        Self::with_status(StatusCode::PERMANENT_REDIRECT, location)
    }

    /// Any other status, such as 301 or 201; one that is no redirect is sent all the same.
    pub fn with_status(status: StatusCode, location: impl Into<String>) -> Self {
        Self {
            status,
            location: location.into(),
        }
    }
}

/// What may not stand in a field value or in a URI reference.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl IntoResponse for Redirect {
    fn into_response(self) -> Response<Body> {
        let location = utf8_percent_encode(&self.location, UNSAFE).to_string();
        match HeaderValue::try_from(location) {
            Ok(value) => {
                let mut response = self.status.into_response();
                response.headers_mut().insert(LOCATION, value);
                response
            }
            Err(error) => internal_error(&error),
        }
    }
}
