//! Small changes to a response that is already there.

use http::header::{HeaderName, HeaderValue, SET_COOKIE};
use http::{Response, StatusCode};
use http_codec::Body;

use super::{IntoResponse, internal_error, set_status};

/// Changes on a response, in the style of a sentence: `"made".with_status(StatusCode::CREATED).with_header("x-id", "7")`.
///
/// It is there for everything that becomes a response.
pub trait ResponseExt: IntoResponse + Sized {
    /// With another status.
    fn with_status(self, status: StatusCode) -> Response<Body> {
        let mut response = self.into_response();
        set_status(&mut response, status);
        response
    }

    /// With this field, in the place of those of the same name. A name or value that is not allowed makes it a 500.
    fn with_header<K, V>(self, name: K, value: V) -> Response<Body>
    where
        K: TryInto<HeaderName, Error: Into<http::Error>>,
        V: TryInto<HeaderValue, Error: Into<http::Error>>,
    {
        let mut response = self.into_response();
        let field = name
            .try_into()
            .map_err(Into::into)
            .and_then(|name| Ok((name, value.try_into().map_err(Into::into)?)));
        match field {
            Ok((name, value)) => {
                response.headers_mut().insert(name, value);
                response
            }
            Err(error) => internal_error(&error),
        }
    }

    /// With a `Set-Cookie` field beside those that are there: a [`Cookie`](super::Cookie), or the text of one as RFC 6265
    /// has it, `id=7; Path=/; HttpOnly`.
    fn with_cookie(self, cookie: impl std::fmt::Display) -> Response<Body> {
        let mut response = self.into_response();
        match HeaderValue::try_from(cookie.to_string()) {
            Ok(value) => {
                response.headers_mut().append(SET_COOKIE, value);
                response
            }
            Err(error) => internal_error(&error),
        }
    }
}

impl<T: IntoResponse> ResponseExt for T {}
