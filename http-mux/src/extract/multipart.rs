//! `multipart/form-data` (RFC 7578), streamed: a part is read as it arrives, and nothing is collected unless asked for.
//!
//! The parser is multer's. It takes from its stream whatever is ready, and looks for the end of a part's head without a
//! bound; [`Metered`] hands it one piece at a time, and no more of them for a head than a head may need.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures::Stream;
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::BodyDataStream;
use http_codec::{Body, BodyError, BodyErrorKind};

use super::content::wrong_type;
use super::{InputError, InputKind, RequestExt};

/// How many octets the delimiter and the header section of a part may take: 64 KiB, and what came with them.
const HEAD_LIMIT: usize = 64 * 1024;

/// The parts of a form, in their order.
///
/// ```no_run
/// use http_mux::extract::{InputError, RequestExt};
/// use http_mux::{Body, Request};
///
/// async fn upload(mut request: Request<Body>) -> Result<String, InputError> {
///     let mut form = request.multipart()?;
///     let mut octets = 0;
///     while let Some(mut part) = form.next().await? {
///         while let Some(piece) = part.chunk().await? {
///             octets += piece.len();
///         }
///     }
///     Ok(format!("{octets} octets"))
/// }
/// ```
#[derive(Debug)]
pub struct Multipart {
    parts: multer::Multipart<'static>,
    /// The part that was handed out last.
    current: Option<multer::Field<'static>>,
    /// How much the parser may still take.
    left: Arc<AtomicUsize>,
}

impl Multipart {
    pub(super) fn of(request: &mut Request<Body>) -> Result<Self, InputError> {
        let kind = request.content_type();
        if !kind.eq_ignore_ascii_case("multipart/form-data") {
            return Err(wrong_type(kind, "multipart/form-data"));
        }
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok());
        let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(failed)?;
        let left = Arc::new(AtomicUsize::new(HEAD_LIMIT));
        let metered = Metered {
            content: BodyDataStream::new(request.take_body()),
            left: Arc::clone(&left),
            rests: false,
        };
        Ok(Self {
            parts: multer::Multipart::new(metered, boundary),
            current: None,
            left,
        })
    }

    /// The next part; `None` after the last. What is left of the part before is skipped. When the future is dropped, nothing is
    /// lost: the next call goes on where this one was.
    ///
    /// # Errors
    ///
    /// Content that is malformed or does not arrive.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, InputError> {
        self.left.store(usize::MAX, Ordering::Relaxed);
        if let Some(before) = &mut self.current {
            while before.chunk().await.map_err(failed)?.is_some() {}
        }
        self.current = None;
        self.left.store(HEAD_LIMIT, Ordering::Relaxed);
        self.current = self.parts.next_field().await.map_err(failed)?;
        self.left.store(usize::MAX, Ordering::Relaxed);
        Ok(self.current.as_mut().map(Part))
    }
}

/// One part of a form.
#[derive(Debug)]
pub struct Part<'m>(&'m mut multer::Field<'static>);

impl Part<'_> {
    /// The field's name.
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }

    /// The name of the file, as the peer gave it: never a path to write to.
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The media type that the peer gave.
    pub fn content_type(&self) -> Option<&str> {
        let kind = self.0.headers().get(CONTENT_TYPE);
        kind.and_then(|value| value.to_str().ok())
    }

    /// The next piece of the part; `None` at its end.
    ///
    /// # Errors
    ///
    /// Content that is malformed or does not arrive.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, InputError> {
        self.0.chunk().await.map_err(failed)
    }

    /// The whole part.
    ///
    /// # Errors
    ///
    /// More than `limit` octets (413), or content that is malformed or does not arrive.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, InputError> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            if piece.len() > limit - whole.len() {
                return Err(InputError::too_large(limit));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The whole part as text.
    ///
    /// # Errors
    ///
    /// As for [`bytes`](Self::bytes), and what is not UTF-8 (400).
    pub async fn text(self, limit: usize) -> Result<String, InputError> {
        let whole = self.bytes(limit).await?;
        String::from_utf8(whole.into()).map_err(|error| {
            InputError::new(InputKind::Text, "the part is not UTF-8").with_source(error)
        })
    }
}

/// Content, one piece a poll.
struct Metered {
    content: BodyDataStream<Body>,
    left: Arc<AtomicUsize>,
    /// A piece was given: the parser shall look at it before it asks for more.
    rests: bool,
}

impl Stream for Metered {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rests) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            let what = "the head of a part is too large";
            return Poll::Ready(Some(Err(BodyError::new(BodyErrorKind::Malformed, what))));
        }
        let piece = ready!(Pin::new(&mut self.content).poll_next(cx));
        if let Some(Ok(piece)) = &piece {
            self.rests = true;
            let left = left.saturating_sub(piece.len());
            self.left.store(left, Ordering::Relaxed);
        }
        Poll::Ready(piece)
    }
}

fn failed(error: multer::Error) -> InputError {
    if let multer::Error::StreamReadFailed(cause) = error {
        return match cause.downcast::<BodyError>() {
            Ok(cause) => InputError::content(*cause, None),
            Err(cause) => InputError::new(InputKind::Content, "the content could not be read")
                .with_source(cause),
        };
    }
    InputError::new(InputKind::Multipart, format!("multipart: {error}")).with_source(error)
}
