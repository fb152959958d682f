//! Content that another task produces.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use tokio::sync::mpsc;

use super::{Body, BodyError, BodyErrorKind};

/// The producing end of a [channel body](Body::channel).
///
/// The content is complete only when [`finish`](Self::finish) was called: a sender that is merely dropped, because its task
/// was cancelled or panicked, ends the message as broken, so that nobody takes half of it for the whole.
#[derive(Debug)]
pub struct BodySender {
    frames: mpsc::Sender<Sent>,
}

#[derive(Debug)]
enum Sent {
    Frame(Frame<Bytes>),
    End(Result<(), BodyError>),
}

/// The reader of a channel body is gone: nobody wants the content any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderGone;

impl std::fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body is no longer read")
    }
}

impl std::error::Error for ReaderGone {}

impl BodySender {
    /// Sends a piece of data, waiting while the channel is full.
    ///
    /// # Errors
    ///
    /// [`ReaderGone`] when the body was dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the data was sent only when this returned.
    pub async fn data(&mut self, data: impl Into<Bytes>) -> Result<(), ReaderGone> {
        let frame = Frame::data(data.into());
        self.frames
            .send(Sent::Frame(frame))
            .await
            .map_err(|_| ReaderGone)
    }

    /// Ends the content.
    ///
    /// # Errors
    ///
    /// [`ReaderGone`] when the body was dropped.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a cancelled `finish` leaves the message broken.
    pub async fn finish(self) -> Result<(), ReaderGone> {
        self.frames
            .send(Sent::End(Ok(())))
            .await
            .map_err(|_| ReaderGone)
    }

    /// Ends the content with a trailer section (RFC 9110 section 6.5).
    ///
    /// # Errors
    ///
    /// [`ReaderGone`] when the body was dropped.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a cancelled `finish_with` leaves the message broken.
    pub async fn finish_with(self, trailers: HeaderMap) -> Result<(), ReaderGone> {
        self.frames
            .send(Sent::Frame(Frame::trailers(trailers)))
            .await
            .map_err(|_| ReaderGone)?;
        self.finish().await
    }

    /// Ends the content as broken, with the reader told why. Does not wait: where the channel is full, the reader is told
    /// that the sender was dropped.
    pub fn abort(self, error: BodyError) {
        // A full channel is no loss: dropping the sender breaks the message as well.
        drop(self.frames.try_send(Sent::End(Err(error))));
    }

    /// Whether the body was dropped.
    pub fn is_closed(&self) -> bool {
        self.frames.is_closed()
    }

    /// Waits until the body was dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn closed(&self) {
        self.frames.closed().await;
    }
}

struct Channel {
    frames: mpsc::Receiver<Sent>,
    ended: bool,
}

impl http_body::Body for Channel {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let sent = ready!(self.frames.poll_recv(cx));
        if let Some(Sent::Frame(frame)) = sent {
            return Poll::Ready(Some(Ok(frame)));
        }
        self.ended = true;
        Poll::Ready(match sent {
            Some(Sent::End(Ok(()))) => None,
            Some(Sent::End(Err(error))) => Some(Err(error)),
            Some(Sent::Frame(_)) | None => Some(Err(BodyError::new(
                BodyErrorKind::Aborted,
                "the body's sender was dropped before it finished",
            ))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

impl Body {
    /// Content that another task produces through the [`BodySender`]; at most `capacity` pieces wait between the two.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    pub fn channel(capacity: usize) -> (BodySender, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        (
            BodySender { frames: sender },
            Self::boxed(Channel {
                frames: receiver,
                ended: false,
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finished_content_arrives_whole() {
        let (mut sender, body) = Body::channel(4);
        sender.data("he").await.unwrap();
        sender.data("llo").await.unwrap();
        sender.finish().await.unwrap();
        assert_eq!(body.collect_bytes(10).await.unwrap(), "hello");
    }

    #[tokio::test]
    async fn a_dropped_sender_breaks_the_message() {
        let (mut sender, body) = Body::channel(4);
        sender.data("half").await.unwrap();
        drop(sender);
        assert_eq!(
            body.collect_bytes(10).await.unwrap_err().kind(),
            BodyErrorKind::Aborted
        );
    }

    #[tokio::test]
    async fn a_dropped_body_is_noticed() {
        let (mut sender, body) = Body::channel(1);
        drop(body);
        sender.closed().await;
        assert_eq!(sender.data("x").await, Err(ReaderGone));
    }
}
