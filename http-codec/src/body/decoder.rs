//! Content on its way in: octets to frames, by the length that the head announced.

use bytes::{Buf, Bytes, BytesMut};
use http_body::Frame;

use super::chunked::ChunkLine;
use super::trailers::TrailerSection;
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::framing::BodyLength;
use crate::head::Bounds;
use crate::leniency::Leniency;
use crate::limits::Limits;

/// Decodes the content of one message (RFC 9112 sections 6 and 7).
///
/// Data comes as slices split off the buffer, never copied and never collected. Nothing behind the
/// message is touched. After an error it gives that same error again.
#[derive(Debug, Clone)]
pub struct BodyDecoder {
    state: State,
    length: BodyLength,
    limits: Limits,
    leniency: Leniency,
    /// Octets taken so far, for the position of an error.
    position: u64,
    /// Octets of chunk extensions so far.
    extensions: usize,
    /// Octets of content of unknown length that may still come.
    room: u64,
}

#[derive(Debug, Clone)]
enum State {
    Known {
        remaining: u64,
    },
    ChunkLine(ChunkLine),
    ChunkData {
        remaining: u64,
    },
    /// The CRLF behind chunk data, or its second half.
    ChunkCrlf,
    ChunkLf,
    /// Boxed: few messages have one, and every decoder would carry its size.
    Trailers(Option<Box<TrailerSection>>),
    UntilClose,
    End,
    Failed(DecodeError),
}

impl BodyDecoder {
    /// A decoder for content of this length. A tunnel has no content.
    pub fn new(length: BodyLength, limits: Limits, leniency: Leniency) -> Self {
        let state = match length {
            BodyLength::Known(0) | BodyLength::Tunnel => State::End,
            BodyLength::Known(octets) if octets > limits.content => {
                State::Failed(DecodeError::at(Kind::ContentTooLarge(limits.content), 0))
            }
            BodyLength::Known(remaining) => State::Known { remaining },
            BodyLength::Chunked => State::ChunkLine(ChunkLine::new()),
            BodyLength::UntilClose => State::UntilClose,
        };
        BodyDecoder {
            state,
            length,
            limits,
            leniency,
            position: 0,
            extensions: 0,
            room: limits.content,
        }
    }

    /// The next piece of what is in `src`: data, or at last the trailer fields, if there are any.
    ///
    /// `None`: more octets are needed, or the content is at its [end](BodyDecoder::is_end).
    ///
    /// # Errors
    ///
    /// The content breaks its framing, or reaches a limit. What follows it is not a message.
    pub fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame<Bytes>>, DecodeError> {
        loop {
            match self.state {
                State::End => return Ok(None),
                State::Failed(error) => return Err(error),
                _ if src.is_empty() => return Ok(None),
                State::Known { remaining } => {
                    let (data, remaining) = self.split(src, remaining);
                    self.state = match remaining {
                        0 => State::End,
                        remaining => State::Known { remaining },
                    };
                    return Ok(Some(Frame::data(data)));
                }
                State::ChunkData { remaining } => {
                    let (data, remaining) = self.split(src, remaining);
                    self.state = match remaining {
                        0 => State::ChunkCrlf,
                        remaining => State::ChunkData { remaining },
                    };
                    return Ok(Some(Frame::data(data)));
                }
                State::UntilClose => {
                    self.take_room(src.len() as u64)?;
                    let (data, _) = self.split(src, u64::MAX);
                    return Ok(Some(Frame::data(data)));
                }
                State::Trailers(_) => return self.trailers(src),
                State::ChunkLine(line) => self.chunk_line(src, line)?,
                State::ChunkCrlf | State::ChunkLf => self.chunk_end(src)?,
            }
        }
    }

    /// Takes note that the peer closed: the regular end of `UntilClose`.
    ///
    /// # Errors
    ///
    /// `Truncated`, if the content is not at its end: what came so far is not the message.
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        let missing = match self.state {
            State::End => return Ok(()),
            State::UntilClose => {
                self.state = State::End;
                return Ok(());
            }
            State::Failed(error) => return Err(error),
            State::Known { remaining } => remaining,
            // The data, its line end, the last chunk and the empty line.
            State::ChunkData { remaining } => remaining.saturating_add(7),
            State::ChunkCrlf => 7,
            State::ChunkLf => 6,
            State::ChunkLine(_) => 2,
            State::Trailers(_) => 1,
        };
        Err(self.fail(DecodeError::new(Kind::Truncated(missing), self.position)))
    }

    /// Whether the content is complete.
    pub const fn is_end(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// The octets of content still to come, where the length is known.
    pub const fn remaining(&self) -> Option<u64> {
        match self.state {
            State::Known { remaining } => Some(remaining),
            State::End => Some(0),
            _ => None,
        }
    }

    /// The length that the decoder was made for.
    pub const fn length(&self) -> BodyLength {
        self.length
    }

    /// Splits at most `remaining` octets of data off `src`; what then remains.
    fn split(&mut self, src: &mut BytesMut, remaining: u64) -> (Bytes, u64) {
        let size = usize::try_from(remaining).map_or(src.len(), |most| most.min(src.len()));
        self.position += size as u64;
        (src.split_to(size).freeze(), remaining - size as u64)
    }

    fn chunk_line(&mut self, src: &mut BytesMut, mut line: ChunkLine) -> Result<(), DecodeError> {
        let taken = line.take(src, self.limits, self.leniency, &mut self.extensions);
        let (taken, size) = taken
            .map_err(|(at, kind)| self.fail(DecodeError::new(kind, self.position + at as u64)))?;
        src.advance(taken);
        self.take_room(size.unwrap_or(0))?;
        self.position += taken as u64;
        self.state = match size {
            None => State::ChunkLine(line),
            Some(0) => State::Trailers(None),
            Some(remaining) => State::ChunkData { remaining },
        };
        Ok(())
    }

    /// Counts content of unknown length as it shows, before any of it is handed on.
    fn take_room(&mut self, octets: u64) -> Result<(), DecodeError> {
        let Some(room) = self.room.checked_sub(octets) else {
            let kind = Kind::ContentTooLarge(self.limits.content);
            return Err(self.fail(DecodeError::new(kind, self.position)));
        };
        self.room = room;
        Ok(())
    }

    fn chunk_end(&mut self, src: &mut BytesMut) -> Result<(), DecodeError> {
        let octet = src.get_u8();
        self.state = match (&self.state, octet) {
            (State::ChunkCrlf, b'\r') => State::ChunkLf,
            (State::ChunkLf, b'\n') => State::ChunkLine(ChunkLine::new()),
            (State::ChunkCrlf, b'\n') if self.leniency.bare_lf => {
                State::ChunkLine(ChunkLine::new())
            }
            (State::ChunkCrlf, b'\n') => {
                return Err(self.fail(DecodeError::new(Kind::BareLf, self.position)));
            }
            _ => return Err(self.fail(DecodeError::new(Kind::ChunkEnd, self.position))),
        };
        self.position += 1;
        Ok(())
    }

    fn trailers(&mut self, src: &mut BytesMut) -> Result<Option<Frame<Bytes>>, DecodeError> {
        let State::Trailers(section) = &mut self.state else {
            return Ok(None);
        };
        if section.is_none() && src.starts_with(b"\r\n") {
            // The usual trailer section: none.
            src.advance(2);
            self.position += 2;
            self.state = State::End;
            return Ok(None);
        }
        let bounds = Bounds::trailer(self.limits, self.leniency);
        let decoded = section.get_or_insert_default().decode(src, &bounds);
        let decoded = decoded.map_err(|error| {
            let position = self.position + error.position();
            self.fail(DecodeError::new(error.kind(), position))
        })?;
        let Some((octets, fields)) = decoded else {
            return Ok(None);
        };
        self.position += octets as u64;
        self.state = State::End;
        Ok((!fields.is_empty()).then(|| Frame::trailers(fields)))
    }

    #[cold]
    fn fail(&mut self, error: DecodeError) -> DecodeError {
        self.state = State::Failed(error);
        error
    }
}
