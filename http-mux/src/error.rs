//! What can be wrong with a request's input, and an error for handlers.

use std::error::Error as StdError;
use std::fmt;

use http::{Response, StatusCode};
use http_codec::{Body, BodyError, BoxError};

use crate::response::IntoResponse;

/// What part of a request's input was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// A path parameter is missing or is not what the handler reads.
    Path,
    /// The query is not what the handler reads.
    Query,
    /// The form is not what the handler reads.
    Form,
    /// The content is not JSON, or not the JSON that the handler reads.
    Json,
    /// A part of `multipart/form-data`.
    Multipart,
    /// The content is not UTF-8.
    Text,
    /// The content has another media type (415).
    MediaType,
    /// The content is larger than the handler reads (413).
    TooLarge,
    /// The content did not arrive.
    Content,
}

/// The peer's input is wrong.
///
/// As a response it is a 400 (413 for too much content, 415 for the wrong media type, 408 where the content did not come
/// in time) with one line of text that says what was wrong.
pub struct InputError(Box<Input>);

struct Input {
    kind: InputKind,
    status: StatusCode,
    source: Option<BoxError>,
    message: String,
}

impl InputError {
    pub(crate) fn new(kind: InputKind, message: impl Into<String>) -> Self {
        let status = match kind {
            InputKind::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            InputKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self(Box::new(Input {
            kind,
            status,
            source: None,
            message: message.into(),
        }))
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            InputKind::TooLarge,
            format!("the content exceeds {limit} octets"),
        )
    }

    /// `limit` is that of who read the content; another may have been in the way, whose error has a cause.
    pub(crate) fn content(error: BodyError, limit: Option<usize>) -> Self {
        let status = error.status().unwrap_or(StatusCode::BAD_REQUEST);
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            return match limit {
                Some(limit) if error.source().is_none() => Self::too_large(limit),
                _ => Self::new(InputKind::TooLarge, "the content is too large").with_source(error),
            };
        }
        let mut this = Self::new(InputKind::Content, "the content could not be read");
        this.0.status = status;
        this.0.source = Some(error.into());
        this
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What part of the input was wrong.
    pub fn kind(&self) -> InputKind {
        self.0.kind
    }

    /// The status that the response has.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputError")
            .field("kind", &self.0.kind)
            .field("status", &self.0.status)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for InputError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl IntoResponse for InputError {
    fn into_response(self) -> Response<Body> {
        (self.0.status, self.0.message).into_response()
    }
}

/// An error that a handler answers with: a status, a message for the peer, and a cause for the log.
///
/// ```
/// use http_mux::{Error, StatusCode};
///
/// async fn page() -> Result<String, Error> {
///     std::fs::read_to_string("/nowhere").map_err(|cause| Error::new(StatusCode::NOT_FOUND, "no such page").with_source(cause))
/// }
/// # let _ = page;
/// ```
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    message: std::borrow::Cow<'static, str>,
    source: Option<BoxError>,
}

impl Error {
    /// An answer of `status` with `message` as its content.
    pub fn new(status: StatusCode, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            source: None,
        }
    }

    /// A 500 that keeps its cause for the log and tells the peer nothing of it.
    pub fn internal(source: impl Into<BoxError>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal server error").with_source(source)
    }

    /// With a cause. It is logged when the error becomes a response, and never sent.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        Self {
            status: error.status(),
            message: error.to_string().into(),
            source: Some(error.into()),
        }
    }
}

impl From<StatusCode> for Error {
    fn from(status: StatusCode) -> Self {
        Self::new(status, status.canonical_reason().unwrap_or("error"))
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response<Body> {
        if let (true, Some(cause)) = (self.status.is_server_error(), &self.source) {
            tracing::error!(target: "http_mux", status = self.status.as_u16(), %cause, "{}", self.message);
        }
        match self.message {
            std::borrow::Cow::Borrowed(text) => (self.status, text).into_response(),
            std::borrow::Cow::Owned(text) => (self.status, text).into_response(),
        }
    }
}
