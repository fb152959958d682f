//! Bodies of other makes, fitted to [`Body`](super::Body): mapped, streamed, with trailers behind.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures::TryStream;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{Body, BodyError, BoxError};

type Polled = Poll<Option<Result<Frame<Bytes>, BodyError>>>;

pin_project! {
    /// A body of any data and error.
    pub(super) struct Mapped<B> {
        #[pin]
        body: B,
    }
}

impl<B> Mapped<B> {
    pub(super) fn new(body: B) -> Self {
        Self { body }
    }
}

impl<B> http_body::Body for Mapped<B>
where
    B: http_body::Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let frame = ready!(self.project().body.poll_frame(cx));
        Poll::Ready(frame.map(|frame| match frame {
            Ok(frame) => Ok(frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))),
            Err(error) => Err(BodyError::from_boxed(error.into())),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pin_project! {
    /// A stream of pieces.
    pub(super) struct Streamed<S> {
        #[pin]
        stream: S,
    }
}

impl<S> Streamed<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream }
    }
}

impl<S> http_body::Body for Streamed<S>
where
    S: TryStream,
    S::Ok: Into<Bytes>,
    S::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let piece = ready!(self.project().stream.try_poll_next(cx));
        Poll::Ready(piece.map(|piece| match piece {
            Ok(data) => Ok(Frame::data(data.into())),
            Err(error) => Err(BodyError::from_boxed(error.into())),
        }))
    }
}

/// Content with a trailer section of our own behind it.
pub(super) struct WithTrailers {
    body: Body,
    trailers: Option<HeaderMap>,
}

impl WithTrailers {
    pub(super) fn new(body: Body, trailers: HeaderMap) -> Self {
        Self {
            body,
            trailers: Some(trailers),
        }
    }
}

impl http_body::Body for WithTrailers {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        loop {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) if frame.is_trailers() => {}
                Some(frame) => return Poll::Ready(Some(frame)),
                None => {
                    return Poll::Ready(
                        self.trailers
                            .take()
                            .map(|trailers| Ok(Frame::trailers(trailers))),
                    );
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.trailers.is_none()
    }
}
