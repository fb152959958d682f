//! [`Body`]: the one content type, in requests and responses, received and sent.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::{Buf, Bytes, BytesMut};
use futures::TryStream;
use http::HeaderMap;
use http_body::Frame;

use super::adapt::{Mapped, Streamed, WithTrailers};
use super::lender::Lender;
use super::{BodyError, BodyErrorKind, BoxError};

/// Content of a message: what was received, or what is to be sent.
///
/// The same type arrives in a server's requests and in a client's responses, and can be sent by both: a reverse proxy hands
/// the body that it received to the transport. It is `Send + Sync + 'static`, and implements [`http_body::Body`] with
/// [`Bytes`] as data; trailers come as the last frame.
///
/// Received content is read from the connection as it is polled, in the task that polls it. Dropping a body that was not read
/// to its end is fine: its connection skips a little, or closes.
///
/// # Examples
///
/// ```
/// # async fn example() -> Result<(), http_codec::BodyError> {
/// use http_codec::Body;
///
/// let body = Body::from("hello");
/// assert_eq!(body.collect_bytes(1024).await?, "hello");
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Body {
    pub(super) content: Content,
    pub(super) lender: Option<Arc<dyn Lender>>,
}

#[derive(Default)]
pub(super) enum Content {
    #[default]
    Empty,
    /// All of it, in memory. It is not empty.
    Whole(Bytes),
    Other(Other),
}

/// Content that is not whole in memory.
pub(super) enum Other {
    /// On the wire, behind the lender; this body holds the ticket.
    Lent,
    /// What is left when the data of lent content has been handed on.
    Trailers(Box<HeaderMap>),
    /// Made anew for each sending.
    Rewindable(Arc<dyn Fn() -> Body + Send + Sync>),
    Boxed(Mutex<BoxedBody>),
}

type BoxedBody = Pin<Box<dyn http_body::Body<Data = Bytes, Error = BodyError> + Send>>;

impl Body {
    /// No content.
    pub const fn empty() -> Self {
        Self {
            content: Content::Empty,
            lender: None,
        }
    }

    /// Any body, boxed; a `Body` is itself and is not boxed again.
    ///
    /// Data of other types than [`Bytes`] is copied unless its `copy_to_bytes` does better.
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let mut body = Some(body);
        if let Some(own) = (&mut body as &mut dyn std::any::Any).downcast_mut::<Option<Self>>() {
            return own.take().unwrap_or_default();
        }
        match body {
            Some(body) if body.is_end_stream() => Self::empty(),
            Some(body) => Self::boxed(Mapped::new(body)),
            None => Self::empty(),
        }
    }

    /// Content of unknown length from a stream of pieces. An error of the stream ends the message as broken.
    pub fn from_stream<S>(stream: S) -> Self
    where
        S: TryStream + Send + 'static,
        S::Ok: Into<Bytes>,
        S::Error: Into<BoxError>,
    {
        Self::boxed(Streamed::new(stream))
    }

    /// Content that can be sent more than once: `make` is called for each sending (Go's `GetBody`), and where its size is asked for
    /// beforehand.
    ///
    /// A client can then follow a 307 or replay a request whose connection died. Content that is whole in memory needs no
    /// such help.
    pub fn rewindable(make: impl Fn() -> Self + Send + Sync + 'static) -> Self {
        Self {
            content: Content::Other(Other::Rewindable(Arc::new(make))),
            lender: None,
        }
    }

    pub(super) fn boxed(
        body: impl http_body::Body<Data = Bytes, Error = BodyError> + Send + 'static,
    ) -> Self {
        Self {
            content: Content::Other(Other::Boxed(Mutex::new(Box::pin(body)))),
            lender: None,
        }
    }

    /// The ticket to content that lies on the wire behind `lender`.
    pub fn lent(lender: Arc<dyn Lender>) -> Self {
        Self {
            content: Content::Other(Other::Lent),
            lender: Some(lender),
        }
    }

    /// The same content, linked to the connection that it came in on.
    ///
    /// # Panics
    ///
    /// If the content is lent by another connection.
    #[must_use]
    #[inline]
    pub fn with_lender(mut self, lender: Arc<dyn Lender>) -> Self {
        assert!(
            !matches!(self.content, Content::Other(Other::Lent)),
            "the content is lent by another connection"
        );
        self.lender = Some(lender);
        self
    }

    /// The connection that this body came in on, if it was received.
    pub fn lender(&self) -> Option<&Arc<dyn Lender>> {
        self.lender.as_ref()
    }

    /// The same content with a trailer section behind it (RFC 9110 section 6.5). Trailers that the content had are dropped.
    ///
    /// Trailers are sent only in chunked messages, so content with trailers has no known length.
    #[must_use]
    pub fn with_trailers(self, trailers: HeaderMap) -> Self {
        Self::boxed(WithTrailers::new(self, trailers))
    }

    /// The whole content, where it is in memory: empty, or one piece of bytes.
    pub fn known(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Empty => Some(&[]),
            Content::Whole(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The whole content, taken out, where it is in memory; the body is empty then.
    #[inline]
    pub fn take_known(&mut self) -> Option<Bytes> {
        match &mut self.content {
            Content::Empty => Some(Bytes::new()),
            Content::Whole(_) => match std::mem::take(&mut self.content) {
                Content::Whole(bytes) => Some(bytes),
                _ => None,
            },
            _ => None,
        }
    }

    /// A body with the same content, where it can be sent twice: empty, whole in memory, or
    /// [rewindable](Self::rewindable).
    pub fn try_clone(&self) -> Option<Self> {
        match &self.content {
            Content::Empty => Some(Self::empty()),
            Content::Whole(bytes) => Some(Self::from(bytes.clone())),
            Content::Other(Other::Rewindable(make)) => Some(Self {
                content: Content::Other(Other::Rewindable(Arc::clone(make))),
                lender: None,
            }),
            Content::Other(Other::Lent | Other::Trailers(_) | Other::Boxed(_)) => None,
        }
    }

    /// Reads the content to its end, up to `limit` octets. Trailers are dropped.
    ///
    /// # Errors
    ///
    /// Kind [`TooLarge`](BodyErrorKind::TooLarge) as soon as the content is known to exceed `limit`, and whatever the reading
    /// itself fails with.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read is lost with the future.
    pub async fn collect_bytes(mut self, limit: usize) -> Result<Bytes, BodyError> {
        let too_large = || {
            BodyError::new(
                BodyErrorKind::TooLarge,
                "the content is larger than allowed",
            )
        };
        if let Some(whole) = self.take_known() {
            return match whole.len() <= limit {
                true => Ok(whole),
                false => Err(too_large()),
            };
        }
        let hint = http_body::Body::size_hint(&self);
        if hint.lower() > limit as u64 {
            return Err(too_large());
        }
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(data) = self.next_data().await? {
            if data.len() > limit - first.len() - rest.len() {
                return Err(too_large());
            }
            if first.is_empty() && rest.is_empty() {
                first = data;
                continue;
            }
            if rest.is_empty() {
                // No more is set aside than has come already, whatever length a peer announced.
                rest.reserve(2 * (first.len() + data.len()));
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
        Ok(if rest.is_empty() {
            first
        } else {
            rest.freeze()
        })
    }

    /// The next frame, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Whatever the reading fails with; the body is at its end then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a frame is lost only when it was returned.
    pub async fn next_frame(&mut self) -> Result<Option<Frame<Bytes>>, BodyError> {
        std::future::poll_fn(|cx| http_body::Body::poll_frame(Pin::new(self), cx))
            .await
            .transpose()
    }

    /// The next data, or `None` at the end. Trailers are dropped.
    ///
    /// # Errors
    ///
    /// Whatever the reading fails with; the body is at its end then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: data is lost only when it was returned.
    pub async fn next_data(&mut self) -> Result<Option<Bytes>, BodyError> {
        while let Some(frame) = self.next_frame().await? {
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if let (Content::Other(Other::Lent), Some(lender)) = (&self.content, &self.lender) {
            lender.returned();
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.content {
            Content::Empty => "Empty",
            Content::Whole(bytes) => return f.debug_tuple("Body").field(&bytes.len()).finish(),
            Content::Other(Other::Lent) => "Lent",
            Content::Other(Other::Trailers(_)) => "Trailers",
            Content::Other(Other::Rewindable(_)) => "Rewindable",
            Content::Other(Other::Boxed(_)) => "Boxed",
        };
        f.debug_tuple("Body")
            .field(&format_args!("{kind}"))
            .finish()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let content = if bytes.has_remaining() {
            Content::Whole(bytes)
        } else {
            Content::Empty
        };
        Self {
            content,
            lender: None,
        }
    }
}
