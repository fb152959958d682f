//! Sending a request: the head, the gate for `100 Continue`, the content, the flush.
//!
//! ```text
//!   AwaitContinue --100 or its deadline--> Content --end--> Flush --> Done
//!        |                                    ^
//!        +--final answer: Refused, or --------+ (the connection stays open, so the peer waits for content)
//! ```
//!
//! A state machine without a task: whoever drives the exchange polls it. It flushes before it waits, and only then; at most
//! 64 KiB wait to be written.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::Body as _;
use http_codec::io::WriteHalf;
use http_codec::{Body, BodyEncoder, BodyError, BodyLength, EncodeError, TrailerNames};
use tokio::time::Instant;

/// How much may wait to be written before more content is asked for.
const HIGH_WATER: usize = 64 * 1024;

pub(crate) struct WriteLoop {
    state: State,
    encoder: BodyEncoder,
    /// The trailer fields that may be sent. Boxed: few requests have any, and every exchange would carry their size.
    trailers: Option<Box<TrailerNames>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The head is written, the content waits for `100 Continue` or the deadline.
    AwaitContinue {
        deadline: Option<Instant>,
    },
    Content,
    /// All is encoded; some of it may wait to be written.
    Flush,
    Done,
    /// Nothing more is sent: the content is not wanted, or the connection failed.
    Refused,
}

/// Why a request could not be sent.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The connection failed.
    Io(io::Error),
    /// The content failed.
    Body(BodyError),
    /// The content does not have the length that was announced.
    Length(EncodeError),
}

impl WriteLoop {
    /// Begins behind a head that has been encoded into the half's buffer.
    pub(crate) fn new(length: BodyLength, trailers: Option<Box<TrailerNames>>) -> WriteLoop {
        WriteLoop {
            state: State::Content,
            encoder: BodyEncoder::new(length),
            trailers,
        }
    }

    /// Takes the loop out, to go on elsewhere.
    pub(crate) fn take(&mut self) -> WriteLoop {
        WriteLoop {
            state: std::mem::replace(&mut self.state, State::Refused),
            encoder: self.encoder,
            trailers: self.trailers.take(),
        }
    }

    /// Holds the content back until [`go_on`](Self::go_on) or the deadline.
    pub(crate) fn await_continue(&mut self, deadline: Option<Instant>) {
        self.state = State::AwaitContinue { deadline };
    }

    /// `100 Continue` came, or nothing came in time.
    pub(crate) fn go_on(&mut self) {
        if let State::AwaitContinue { .. } = self.state {
            self.state = State::Content;
        }
    }

    /// A final answer came while the content was held back, and the connection closes after it: it need not be sent.
    pub(crate) fn refuse(&mut self) {
        if let State::AwaitContinue { .. } = self.state {
            self.state = State::Refused;
        }
    }

    /// Until when the content is held back, if it is.
    pub(crate) fn held_until(&self) -> Option<Option<Instant>> {
        match self.state {
            State::AwaitContinue { deadline } => Some(deadline),
            _ => None,
        }
    }

    /// Whether the whole request has been written.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Whether nothing more will be written.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Refused)
    }

    /// Sends what can be sent of `body`. Ready when nothing more will be.
    pub(crate) fn poll(
        &mut self,
        body: &mut Body,
        half: &mut WriteHalf,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), SendError>> {
        loop {
            match self.state {
                State::Content => match self.poll_content(body, half, cx) {
                    Poll::Ready(Ok(())) => self.state = State::Flush,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => return Poll::Pending,
                },
                State::Flush => {
                    return half.poll_flush(cx).map(|flushed| {
                        self.state = match flushed {
                            Ok(()) => State::Done,
                            Err(_) => State::Refused,
                        };
                        flushed.map_err(SendError::Io)
                    });
                }
                State::AwaitContinue { .. } => match half.poll_flush(cx) {
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(SendError::Io(error))),
                    _ => return Poll::Pending,
                },
                State::Done | State::Refused => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Encodes content until there is no more, or it or the transport is not ready.
    fn poll_content(
        &mut self,
        body: &mut Body,
        half: &mut WriteHalf,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), SendError>> {
        if let Some(whole) = body.take_known() {
            self.encoder
                .data(whole, half.buffer())
                .map_err(SendError::Length)?;
            return Poll::Ready(self.encoder.end(half.buffer()).map_err(SendError::Length));
        }
        loop {
            if half.unwritten() > HIGH_WATER
                && half.poll_flush(cx).map_err(SendError::Io)?.is_pending()
            {
                return Poll::Pending;
            }
            let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) else {
                // Whoever waits flushes first.
                return match half.poll_flush(cx) {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(SendError::Io(error))),
                    _ => Poll::Pending,
                };
            };
            let encoded = match frame {
                Some(Err(error)) => return Poll::Ready(Err(SendError::Body(error))),
                None => self.encoder.end(half.buffer()),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.encoder.data(data, half.buffer()),
                    Err(frame) => match frame.into_trailers() {
                        Ok(trailers) => {
                            let none = TrailerNames::none();
                            let names = self.trailers.as_deref().unwrap_or(&none);
                            self.encoder.trailers(&trailers, names, half.buffer())
                        }
                        Err(_) => Ok(()),
                    },
                },
            };
            encoded.map_err(SendError::Length)?;
            if self.encoder.is_end() && body.is_end_stream() {
                *body = Body::empty();
                return Poll::Ready(Ok(()));
            }
        }
    }
}
