//! Content on its way out, framed as its head announced it (RFC 9112 sections 6 and 7).

use bytes::Bytes;
use http::HeaderMap;

use crate::error::{EncodeError, EncodeErrorKind};
use crate::fields::trailer::TrailerNames;
use crate::framing::BodyLength;
use crate::output::Output;

/// Writes content so that it is exactly as long as announced.
///
/// Longer content is cut, shorter content is an error at its [`end`](BodyEncoder::end): a message
/// never runs into the one behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyEncoder {
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Known { remaining: u64 },
    Chunked,
    UntilClose,
    End,
}

impl BodyEncoder {
    /// An encoder for content of this length. A tunnel has no content.
    pub const fn new(length: BodyLength) -> Self {
        let state = match length {
            BodyLength::Known(0) | BodyLength::Tunnel => State::End,
            BodyLength::Known(remaining) => State::Known { remaining },
            BodyLength::Chunked => State::Chunked,
            BodyLength::UntilClose => State::UntilClose,
        };
        BodyEncoder { state }
    }

    /// Writes the next piece; an empty one writes nothing.
    ///
    /// # Errors
    ///
    /// `Excess`: the content is longer than announced. The part that fits has been written, the rest
    /// is cut off, and the encoder is at its end.
    #[inline(always)]
    pub fn data(&mut self, data: Bytes, out: &mut impl Output) -> Result<(), EncodeError> {
        if self.state == State::Chunked && !data.is_empty() {
            out.put_chunk(data);
            return Ok(());
        }
        self.plain(data, out)
    }

    /// Content that is not chunked.
    #[inline(never)]
    fn plain(&mut self, mut data: Bytes, out: &mut impl Output) -> Result<(), EncodeError> {
        let size = data.len() as u64;
        match self.state {
            _ if size == 0 => {}
            State::Chunked | State::UntilClose => out.put_content(data),
            State::Known { remaining } if size < remaining => {
                out.put_content(data);
                self.state = State::Known {
                    remaining: remaining - size,
                };
            }
            State::Known { remaining } => {
                self.state = State::End;
                // No more than a length in memory, so it fits.
                data.truncate(remaining as usize);
                out.put_content(data);
                if size > remaining {
                    return Err(excess(size - remaining));
                }
            }
            State::End => return Err(excess(size)),
        }
        Ok(())
    }

    /// Writes the trailer section and ends the content. Fields that `names` does not let pass, and
    /// all of them where the content is not chunked, are left out.
    ///
    /// # Errors
    ///
    /// `Missing`, as [`end`](BodyEncoder::end).
    pub fn trailers(
        &mut self,
        trailers: &HeaderMap,
        names: &TrailerNames,
        out: &mut impl Output,
    ) -> Result<(), EncodeError> {
        if self.state != State::Chunked {
            return self.end(out);
        }
        self.state = State::End;
        out.put(b"0\r\n");
        for (name, value) in trailers {
            if names.contains(name) {
                out.put(name.as_str().as_bytes());
                out.put(b": ");
                out.put(value.as_bytes());
                out.put(b"\r\n");
            }
        }
        out.put(b"\r\n");
        Ok(())
    }

    /// Ends the content. At the end already, this does nothing.
    ///
    /// # Errors
    ///
    /// `Missing`: less was written than announced; the connection must close, for the peer waits
    /// for the rest.
    pub fn end(&mut self, out: &mut impl Output) -> Result<(), EncodeError> {
        match std::mem::replace(&mut self.state, State::End) {
            State::Known { remaining } => {
                Err(EncodeError::new(EncodeErrorKind::Missing(remaining)))
            }
            State::Chunked => {
                out.put(b"0\r\n\r\n");
                Ok(())
            }
            State::UntilClose | State::End => Ok(()),
        }
    }

    /// Whether the content is complete: announced and written, or ended.
    pub const fn is_end(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// The octets still to be written, where the length is known.
    pub const fn remaining(&self) -> Option<u64> {
        match self.state {
            State::Known { remaining } => Some(remaining),
            State::End => Some(0),
            State::Chunked | State::UntilClose => None,
        }
    }
}

fn excess(octets: u64) -> EncodeError {
    EncodeError::new(EncodeErrorKind::Excess(octets))
}
