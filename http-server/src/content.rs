//! A response's content: piece by piece, as long as announced, flushed whenever its source waits.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::Frame;
use http_codec::{BodyEncoder, BodyLength, BoxError, EncodeError, EncodeErrorKind, TrailerNames};
use tokio::time::Instant;

use crate::error::Ending;
use crate::exchange::Exchanges;
use crate::stats::Fault;

/// Pieces of content that are taken before the task's neighbours get their turn.
const BUDGET: u32 = 128;

/// What a response's content does when it is polled.
#[derive(Default)]
pub(crate) enum Piece {
    Pending,
    Data(Bytes),
    Trailers(Box<HeaderMap>),
    #[default]
    End,
}

impl Exchanges<'_> {
    /// Sends content that is more than one piece.
    pub(crate) async fn content<B>(
        &mut self,
        mut body: Pin<&mut B>,
        first: &mut Piece,
        length: BodyLength,
        trailers: &TrailerNames,
    ) -> Result<(), Ending>
    where
        B: http_body::Body<Data: Send, Error: Into<BoxError>>,
    {
        let mut sending = Sending {
            encoder: BodyEncoder::new(length),
            trailers,
            until: None,
        };
        let first = std::mem::take(first);
        // Content that has said that it is at its end is not asked again: it may panic.
        let is_over = matches!(first, Piece::End);
        if self.encode(&mut sending, first)? && (is_over || body.is_end_stream()) {
            return Ok(());
        }
        self.connection.clock.idle_since = None;
        poll_fn(|cx| self.poll_content(cx, body.as_mut(), &mut sending)).await
    }

    /// Sends content until its end.
    fn poll_content<B>(
        &mut self,
        cx: &mut Context<'_>,
        mut body: Pin<&mut B>,
        sending: &mut Sending<'_>,
    ) -> Poll<Result<(), Ending>>
    where
        B: http_body::Body<Error: Into<BoxError>>,
    {
        let bound = self.connection.config().bounds.unwritten;
        for _ in 0..BUDGET {
            if self.connection.write.unwritten() > bound {
                break;
            }
            let piece = match self.span.within(|| poll_piece(cx, body.as_mut())) {
                Ok(piece) => piece,
                Err(error) => return Poll::Ready(Err(self.cut(sending, &*error))),
            };
            match piece {
                // Here, and not in what is called for the others: most pieces are of this kind.
                Piece::Data(data) => {
                    let out = self.connection.write.buffer();
                    let encoded = sending.encoder.data(data, out);
                    encoded.map_err(|error| self.misfit(error))?;
                    if sending.encoder.is_end() {
                        self.stage.answered();
                        if body.is_end_stream() {
                            return Poll::Ready(Ok(()));
                        }
                    }
                }
                Piece::Pending => {
                    self.poll_sleep(cx)?;
                    if sending.encoder.is_end() {
                        return self.poll_excess(cx, sending);
                    }
                    return Poll::Pending;
                }
                Piece::End => return Poll::Ready(self.encode(sending, Piece::End).map(|_| ())),
                trailers => {
                    if self.encode(sending, trailers)? && body.is_end_stream() {
                        return Poll::Ready(Ok(()));
                    }
                }
            }
        }
        self.poll_sleep(cx)?;
        if self.connection.write.unwritten() <= bound {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Encodes a piece; says whether the content is complete.
    #[inline(never)]
    fn encode(&mut self, sending: &mut Sending<'_>, piece: Piece) -> Result<bool, Ending> {
        let out = self.connection.write.buffer();
        let encoder = &mut sending.encoder;
        let encoded = match piece {
            Piece::Data(data) => encoder.data(data, out),
            Piece::Pending => Ok(()),
            Piece::Trailers(trailers) => encoder.trailers(&trailers, sending.trailers, out),
            Piece::End => encoder.end(out),
        };
        encoded.map_err(|error| self.misfit(error))?;
        let is_end = encoder.is_end();
        if is_end {
            self.stage.answered();
        }
        Ok(is_end)
    }

    /// All that was announced is out, and the content does not say that it is at its end. If it goes on it is too long, which
    /// shows soon; a source that keeps silent is not waited for with a connection that others might use.
    #[cold]
    fn poll_excess(
        &mut self,
        cx: &mut Context<'_>,
        sending: &mut Sending<'_>,
    ) -> Poll<Result<(), Ending>> {
        let time = self.connection.config().bounds.drain_time;
        let until = *sending.until.get_or_insert_with(|| Instant::now() + time);
        ready!(self.connection.poll_timer(cx, Some(until)))?;
        Poll::Ready(Err(Ending::Linger))
    }

    /// The content is longer or shorter than the head has announced.
    #[cold]
    fn misfit(&mut self, error: EncodeError) -> Ending {
        self.connection.note(Fault::Service);
        tracing::error!(request = %self.request_line(), %error, "response content does not fit its length");
        match error.kind() {
            EncodeErrorKind::Excess(_) => Ending::Linger,
            _ => Ending::Close,
        }
    }

    /// The content failed after its head: what is there is written, and the connection ends so that the cut is seen.
    #[cold]
    fn cut(
        &mut self,
        sending: &Sending<'_>,
        error: &(dyn std::error::Error + Send + Sync),
    ) -> Ending {
        self.connection.note(Fault::Service);
        tracing::warn!(request = %self.request_line(), %error, "response content failed");
        if sending.encoder.is_end() {
            Ending::Linger
        } else {
            Ending::Abort
        }
    }
}

/// How far the content of a response has come.
struct Sending<'a> {
    encoder: BodyEncoder,
    trailers: &'a TrailerNames,
    /// Until when content that is complete may take to end.
    until: Option<Instant>,
}

/// One poll of a body, its data as `Bytes`.
#[inline(always)]
pub(crate) fn poll_piece<B>(cx: &mut Context<'_>, body: Pin<&mut B>) -> Result<Piece, BoxError>
where
    B: http_body::Body<Error: Into<BoxError>>,
{
    let frame = match body.poll_frame(cx) {
        Poll::Pending => return Ok(Piece::Pending),
        Poll::Ready(None) => return Ok(Piece::End),
        Poll::Ready(Some(frame)) => frame.map_err(Into::into)?,
    };
    Ok(match frame.into_data().map_err(Frame::into_trailers) {
        Ok(mut data) => Piece::Data(data.copy_to_bytes(data.remaining())),
        Err(Ok(trailers)) => Piece::Trailers(Box::new(trailers)),
        // A kind of frame that HTTP/1.1 does not know is as good as none.
        Err(Err(_)) => Piece::Data(Bytes::new()),
    })
}
