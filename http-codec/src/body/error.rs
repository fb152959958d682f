//! Why content could not be read or produced to its end.

use std::fmt;
use std::io;

use http::StatusCode;

use crate::error::{DecodeError, DecodeErrorKind};

/// Any error, as the ecosystem's bodies carry it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The kinds of a [`BodyError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyErrorKind {
    /// The peer broke the framing of its content (RFC 9112 section 7). A server answers 400.
    Malformed,
    /// The peer closed the connection before the content was complete (RFC 9112 section 8).
    Truncated,
    /// Reading from the connection or the file failed.
    Io,
    /// The peer was too slow. A server answers 408.
    Timeout,
    /// The connection took its reading half back: it is shutting down, or the body lay unread for too long.
    Revoked,
    /// Who produced the content gave up before its end.
    Aborted,
    /// The content is larger than the reader allows. A server answers 413.
    TooLarge,
    /// A body of another crate failed; it is in `source()`.
    Source,
}

/// Why content could not be read or produced to its end.
///
/// Boxed inside, so that a `Result` stays small.
pub struct BodyError {
    inner: Box<Inner>,
}

struct Inner {
    kind: BodyErrorKind,
    what: &'static str,
    source: Option<BoxError>,
}

impl BodyError {
    /// An error of a kind, with a lower-case clause that says what happened.
    pub fn new(kind: BodyErrorKind, what: &'static str) -> Self {
        Self::with_source_opt(kind, what, None)
    }

    /// The same, with its cause.
    pub fn with_source(
        kind: BodyErrorKind,
        what: &'static str,
        source: impl Into<BoxError>,
    ) -> Self {
        Self::with_source_opt(kind, what, Some(source.into()))
    }

    fn with_source_opt(kind: BodyErrorKind, what: &'static str, source: Option<BoxError>) -> Self {
        Self {
            inner: Box::new(Inner { kind, what, source }),
        }
    }

    /// The error of a body of another crate: itself where it is a `BodyError`, else of kind
    /// [`Source`](BodyErrorKind::Source).
    pub fn from_boxed(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => *own,
            Err(other) => {
                Self::with_source(BodyErrorKind::Source, "the body's source failed", other)
            }
        }
    }

    /// What kind of error this is.
    pub fn kind(&self) -> BodyErrorKind {
        self.inner.kind
    }

    /// The status that a server answers with, where the peer is at fault: 400, 408 or 413.
    pub fn status(&self) -> Option<StatusCode> {
        match self.inner.kind {
            BodyErrorKind::Malformed => Some(
                self.decode_error()
                    .map_or(StatusCode::BAD_REQUEST, DecodeError::status),
            ),
            BodyErrorKind::Truncated => Some(StatusCode::BAD_REQUEST),
            BodyErrorKind::Timeout => Some(StatusCode::REQUEST_TIMEOUT),
            BodyErrorKind::TooLarge => Some(StatusCode::PAYLOAD_TOO_LARGE),
            _ => None,
        }
    }

    /// The broken framing behind this error, where that is its cause.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.inner.source.as_ref()?.downcast_ref()
    }

    /// An error that says the same. The cause is kept where it is a broken framing, and named by kind where it is IO.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let source: Option<BoxError> = match &self.inner.source {
            Some(source) => match (
                source.downcast_ref::<DecodeError>(),
                source.downcast_ref::<io::Error>(),
            ) {
                (Some(decode), _) => Some(Box::new(*decode)),
                (_, Some(io)) => Some(Box::new(io::Error::from(io.kind()))),
                _ => None,
            },
            None => None,
        };
        Self::with_source_opt(self.inner.kind, self.inner.what, source)
    }
}

impl fmt::Debug for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyError")
            .field("kind", &self.inner.kind)
            .field("what", &self.inner.what)
            .field("source", &self.inner.source)
            .finish()
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.inner.what)
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner
            .source
            .as_ref()
            .map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

impl From<DecodeError> for BodyError {
    fn from(error: DecodeError) -> Self {
        if error.is_truncated() {
            Self::with_source(
                BodyErrorKind::Truncated,
                "the connection closed within the content",
                error,
            )
        } else if matches!(error.kind(), DecodeErrorKind::ContentTooLarge(_)) {
            Self::with_source(
                BodyErrorKind::TooLarge,
                "the content is larger than the limit",
                error,
            )
        } else {
            Self::with_source(
                BodyErrorKind::Malformed,
                "the content's framing is broken",
                error,
            )
        }
    }
}

impl From<io::Error> for BodyError {
    fn from(error: io::Error) -> Self {
        Self::with_source(BodyErrorKind::Io, "reading the content failed", error)
    }
}

impl From<BodyError> for io::Error {
    fn from(error: BodyError) -> Self {
        let kind = match error.kind() {
            BodyErrorKind::Truncated => io::ErrorKind::UnexpectedEof,
            BodyErrorKind::Malformed => io::ErrorKind::InvalidData,
            BodyErrorKind::Timeout => io::ErrorKind::TimedOut,
            BodyErrorKind::Revoked | BodyErrorKind::Aborted => io::ErrorKind::ConnectionAborted,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
