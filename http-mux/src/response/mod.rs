//! What a handler may return, and how it becomes a response.
//!
//! ```text
//! ()                          200, no content
//! &'static str, String        200, text/plain; charset=utf-8
//! Bytes, Vec<u8>              200, application/octet-stream
//! Body                        200, no content type
//! StatusCode                  that status, no content
//! (StatusCode, T)             T with that status
//! (headers, T)                T with those fields set
//! (StatusCode, headers, T)    both
//! Result<T, E>                T or E
//! Response<B>                 itself, whatever its body type
//! ```
//!
//! `headers` is a `HeaderMap` or an array of pairs. [`Html`], [`Redirect`] and, behind the feature `json`, `Json` are
//! small types for the common contents; [`ResponseExt`] changes a response that is already there.

mod content;
mod cookie;
mod ext;
#[cfg(feature = "json")]
mod json;
mod redirect;

pub use content::{Attachment, Data, Html};
pub use cookie::{Cookie, SameSite};
pub use ext::ResponseExt;
#[cfg(feature = "json")]
pub use json::Json;
pub use redirect::Redirect;

use std::any::Any;
use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use http::{Response, StatusCode};
use http_codec::{Body, BoxError};

pub(crate) const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
pub(crate) const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Becomes a response.
///
/// Implemented for the values of the [module's table](self); implement it for your own types, errors above all, so
/// that handlers can use `?`.
///
/// ```
/// use http_mux::{Body, IntoResponse, Response};
/// use http::StatusCode;
///
/// enum Failure { NoSuchItem(u32) }
///
/// impl IntoResponse for Failure {
///     fn into_response(self) -> Response<Body> {
///         match self {
///             Self::NoSuchItem(id) => (StatusCode::NOT_FOUND, format!("no item {id}")).into_response(),
///         }
///     }
/// }
/// assert_eq!(Failure::NoSuchItem(7).into_response().status(), 404);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot become a response",
    label = "a handler must return something that implements `IntoResponse`",
    note = "text, bytes, `StatusCode`, `(StatusCode, T)`, `(StatusCode, headers, T)`, `Result<T, E>`, `http::Response<B>`, `Html`, \
            `Redirect` and (feature `json`) `Json<T>` do"
)]
pub trait IntoResponse {
    /// The response.
    fn into_response(self) -> Response<Body>;

    /// The response with these fields, which stand in the place of those of the same name that it has itself; a 500 if one of them is
    /// not allowed in a field.
    ///
    /// Provided; text and bytes do better than to set a content type that is replaced at once.
    fn into_response_with<H: IntoHeaders>(self, fields: H) -> Response<Body>
    where
        Self: Sized,
    {
        let mut response = self.into_response();
        if let Err(error) = fields.set(response.headers_mut()) {
            response = internal_error(&error);
        }
        response
    }
}

/// A field section to set on a response: a `HeaderMap`, or an array of names and values.
///
/// A name that is set replaces the fields of that name that were there; a `HeaderMap` that holds a name several times
/// keeps all of its own. Names and values of an array are whatever converts to one, and own what they hold; static text
/// is referred to and not copied.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of header fields",
    label = "expected `HeaderMap` or an array of `(name, value)`"
)]
pub trait IntoHeaders {
    /// Sets the fields.
    ///
    /// # Errors
    ///
    /// A name or value that is not allowed in a field; the response is then a 500.
    fn set(self, headers: &mut HeaderMap) -> Result<(), http::Error>;
}

impl IntoHeaders for HeaderMap {
    fn set(self, headers: &mut HeaderMap) -> Result<(), http::Error> {
        if headers.is_empty() {
            *headers = self;
            return Ok(());
        }
        let mut last = None;
        for (name, value) in self {
            match name {
                Some(name) => {
                    headers.insert(name.clone(), value);
                    last = Some(name);
                }
                None => {
                    if let Some(name) = &last {
                        headers.append(name.clone(), value);
                    }
                }
            }
        }
        Ok(())
    }
}

impl<K, V, const N: usize> IntoHeaders for [(K, V); N]
where
    K: TryInto<HeaderName, Error: Into<http::Error>>,
    V: TryInto<HeaderValue, Error: Into<http::Error>> + 'static,
{
    fn set(self, headers: &mut HeaderMap) -> Result<(), http::Error> {
        for (name, field) in self {
            let name = name.try_into().map_err(Into::into)?;
            headers.insert(name, value(field)?);
        }
        Ok(())
    }
}

/// A value for a field; static text is checked and referred to, not copied.
fn value<V>(value: V) -> Result<HeaderValue, http::Error>
where
    V: TryInto<HeaderValue, Error: Into<http::Error>> + 'static,
{
    match (&value as &dyn Any).downcast_ref::<&'static str>() {
        Some(text) => static_value(text).map_err(Into::into),
        None => value.try_into().map_err(Into::into),
    }
}

pub(crate) fn static_value(text: &'static str) -> Result<HeaderValue, InvalidHeaderValue> {
    HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes()))
}

/// The 500 for what the application got wrong itself; the cause goes to the log, not to the peer.
pub(crate) fn internal_error(cause: &dyn std::fmt::Display) -> Response<Body> {
    tracing::error!(target: "http_mux", %cause, "a response could not be made");
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Broken);
    response
}

/// Marks the 500 of [`internal_error`], whose status stands whatever the application meant to send.
#[derive(Clone, Copy)]
struct Broken;

/// Gives the response another status, unless it could not be made.
fn set_status(response: &mut Response<Body>, status: StatusCode) {
    if response.extensions().get::<Broken>().is_none() {
        *response.status_mut() = status;
    }
}

pub(crate) fn with_type(kind: HeaderValue, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Content with these fields, and its type unless they have one.
pub(crate) fn with_type_and<H: IntoHeaders>(
    fields: H,
    kind: HeaderValue,
    body: impl Into<Body>,
) -> Response<Body> {
    let mut headers = HeaderMap::new();
    match fields.set(&mut headers) {
        // They are few: looking at each is less than a hash.
        Ok(()) if headers.keys().any(|name| *name == CONTENT_TYPE) => {}
        Ok(()) => drop(headers.insert(CONTENT_TYPE, kind)),
        Err(error) => return internal_error(&error),
    }
    with_headers(headers, body.into())
}

/// A response with these fields, which are moved once.
fn with_headers(headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let none = std::mem::replace(response.headers_mut(), headers);
    // An empty map owns nothing, and its drop would be a fifth of all this.
    std::mem::forget(none);
    response
}

impl IntoResponse for () {
    fn into_response(self) -> Response<Body> {
        Response::new(Body::empty())
    }
}

impl IntoResponse for Infallible {
    fn into_response(self) -> Response<Body> {
        match self {}
    }
}

impl IntoResponse for StatusCode {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self;
        response
    }
}

impl IntoResponse for Body {
    fn into_response(self) -> Response<Body> {
        Response::new(self)
    }
}

macro_rules! content {
    ($kind:expr; $($type:ty),*) => {
        $(impl IntoResponse for $type {
            fn into_response(self) -> Response<Body> {
                with_type($kind, self)
            }

            fn into_response_with<H: IntoHeaders>(self, fields: H) -> Response<Body> {
                with_type_and(fields, $kind, self)
            }
        })*
    };
}

content!(TEXT; &'static str, String);
content!(OCTETS; &'static [u8], Vec<u8>, Bytes);

impl IntoResponse for std::borrow::Cow<'static, str> {
    fn into_response(self) -> Response<Body> {
        match self {
            Self::Borrowed(text) => text.into_response(),
            Self::Owned(text) => text.into_response(),
        }
    }

    fn into_response_with<H: IntoHeaders>(self, fields: H) -> Response<Body> {
        match self {
            Self::Borrowed(text) => text.into_response_with(fields),
            Self::Owned(text) => text.into_response_with(fields),
        }
    }
}

impl<B> IntoResponse for Response<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    fn into_response(self) -> Response<Body> {
        // One whose content is a `Body` already is not taken apart.
        let mut response = Some(self);
        if let Some(own) = (&mut response as &mut dyn Any).downcast_mut::<Option<Response<Body>>>()
        {
            return own.take().unwrap_or_default();
        }
        response.map_or_else(Response::default, |response| response.map(Body::new))
    }
}

impl<T: IntoResponse, E: IntoResponse> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response<Body> {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => error.into_response(),
        }
    }

    fn into_response_with<H: IntoHeaders>(self, fields: H) -> Response<Body> {
        match self {
            Ok(value) => value.into_response_with(fields),
            Err(error) => error.into_response_with(fields),
        }
    }
}

impl<T: IntoResponse> IntoResponse for (StatusCode, T) {
    fn into_response(self) -> Response<Body> {
        let mut response = self.1.into_response();
        set_status(&mut response, self.0);
        response
    }

    fn into_response_with<H: IntoHeaders>(self, fields: H) -> Response<Body> {
        let mut response = self.1.into_response_with(fields);
        set_status(&mut response, self.0);
        response
    }
}

impl<H: IntoHeaders, T: IntoResponse> IntoResponse for (H, T) {
    fn into_response(self) -> Response<Body> {
        self.1.into_response_with(self.0)
    }
}

impl<H: IntoHeaders, T: IntoResponse> IntoResponse for (StatusCode, H, T) {
    fn into_response(self) -> Response<Body> {
        (self.1, (self.0, self.2)).into_response()
    }
}

#[cfg(test)]
mod tests;
