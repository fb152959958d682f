//! A body as it is polled. Content that is whole in memory, as most is, needs no call.

use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::BodyError;
use super::body::{Body, Content, Other};
use super::lender::{Lender, Piece};

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    #[inline]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.content {
            Content::Empty => Poll::Ready(None),
            Content::Whole(_) => {
                let bytes = self.take_known().unwrap_or_default();
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Content::Other(_) => self.poll_other(cx),
        }
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Empty => true,
            Content::Whole(_) => false,
            Content::Other(other) => other.is_at_end(self.lender.as_ref()),
        }
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Empty => SizeHint::with_exact(0),
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Other(other) => other.size_hint(self.lender.as_ref()),
        }
    }
}

impl Other {
    #[inline(never)]
    fn is_at_end(&self, lender: Option<&Arc<dyn Lender>>) -> bool {
        match self {
            Other::Lent => lender.is_none_or(|lender| lender.is_end_stream()),
            Other::Trailers(_) | Other::Rewindable(_) => false,
            Other::Boxed(body) => body
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_end_stream(),
        }
    }

    #[inline(never)]
    fn size_hint(&self, lender: Option<&Arc<dyn Lender>>) -> SizeHint {
        match self {
            Other::Lent => lender.map_or_else(SizeHint::default, |lender| lender.size_hint()),
            Other::Trailers(_) => SizeHint::with_exact(0),
            Other::Rewindable(make) => http_body::Body::size_hint(&make()),
            Other::Boxed(body) => body
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .size_hint(),
        }
    }
}

impl Body {
    /// The next frame of content that is not whole in memory.
    #[inline(never)]
    fn poll_other(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Content::Other(other) = &mut self.content else {
            return http_body::Body::poll_frame(Pin::new(self), cx);
        };
        match other {
            Other::Lent => self.poll_lent(cx),
            Other::Trailers(trailers) => {
                let trailers = std::mem::take(&mut **trailers);
                self.content = Content::Empty;
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Other::Rewindable(make) => {
                let mut made = make();
                self.content = std::mem::take(&mut made.content);
                self.lender = made.lender.take();
                http_body::Body::poll_frame(Pin::new(self), cx)
            }
            Other::Boxed(body) => {
                let body = body.get_mut().unwrap_or_else(PoisonError::into_inner);
                let polled = body.as_mut().poll_frame(cx);
                if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
                    self.content = Content::Empty;
                }
                polled
            }
        }
    }

    fn poll_lent(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(lender) = &self.lender else {
            return Poll::Ready(None);
        };
        let (frame, left) = match lender.poll_piece(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(Piece::Frame(frame))) => return Poll::Ready(Some(Ok(frame))),
            Poll::Ready(Ok(Piece::Last(Some(data), trailers))) => (
                Some(Ok(Frame::data(data))),
                trailers.map_or(Content::Empty, |trailers| {
                    Content::Other(Other::Trailers(Box::new(trailers)))
                }),
            ),
            Poll::Ready(Ok(Piece::Last(None, trailers))) => (
                trailers.map(|trailers| Ok(Frame::trailers(trailers))),
                Content::Empty,
            ),
            Poll::Ready(Err(error)) => (Some(Err(error)), Content::Empty),
        };
        // The ticket is spent: the lender must not hear of this body again.
        self.content = left;
        Poll::Ready(frame)
    }
}
