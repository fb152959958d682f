//! Octets to request heads.

use std::mem::MaybeUninit;

use bytes::{Buf, BytesMut};
use http::Version;

use super::facts::{Direction, Facts};
use super::lines::{self, Bounds, LineReader, RequestLineSpans, Section, StartLine};
use super::request::RequestHead;
use super::span::{FieldSpan, Span};
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::fields::content_length::Repeat;
use crate::leniency::Leniency;
use crate::limits::Limits;
use crate::target;

/// Field lines for which the fast way has room; heads with more take the strict parser.
pub(super) const FAST_FIELDS: usize = 100;

/// Decodes request heads from a growing buffer (RFC 9112 sections 2 to 5).
///
/// A head that is there as a whole is parsed in one go. One that arrives in pieces is scanned for its
/// line ends, each octet once, and parsed when its empty line is there; a bad line end, a start line
/// that is not one, and a reached limit are refused as soon as they show.
#[derive(Debug)]
pub struct RequestHeadDecoder {
    limits: Limits,
    bounds: Bounds,
    /// An empty line before the start line was skipped.
    skipped: bool,
    /// A head that arrives in pieces; empty as long as heads come whole.
    partial: Option<Box<Partial>>,
}

/// A head as far as it has come.
#[derive(Debug, Default)]
struct Partial {
    lines: LineReader,
    start: StartLine,
    request_line: Option<RequestLineSpans>,
    section: Section,
}

impl RequestHeadDecoder {
    /// A decoder at the start of a message.
    pub fn new(limits: Limits, leniency: Leniency) -> Self {
        RequestHeadDecoder {
            limits,
            bounds: Bounds::head(limits, leniency),
            skipped: false,
            partial: None,
        }
    }

    /// Decodes the head at the start of `src` into `head`.
    ///
    /// `true`: `head` is filled, its octets are split off `src`, and the decoder is ready for the next
    /// message. `false`: more octets are needed; call again with the same buffer and more in it.
    ///
    /// # Errors
    ///
    /// The first offence against the grammar, the limits or the framing rules. The decoder must not
    /// be used again on this connection.
    #[inline]
    pub fn decode(
        &mut self,
        src: &mut BytesMut,
        head: &mut RequestHead,
    ) -> Result<bool, DecodeError> {
        if self.partial.is_none() {
            if !self.skip_empty_line(src)? {
                return Ok(false);
            }
            if self.bounds.leniency.strict_heads() {
                if let Some(end) = self.fast(src, head)? {
                    return Ok(self.take(src, end, head));
                }
            }
        }
        self.resume(src, head)
    }

    /// Whether some octet of a head is there, and not just the empty line that may stand before it.
    pub fn started(&self, src: &BytesMut) -> bool {
        !matches!(&src[..], [] | [b'\r'] | [b'\r', b'\n'])
    }

    /// Skips the one empty line that may precede a request (RFC 9112 section 2.2). `false`: there is
    /// nothing behind it yet.
    #[inline]
    fn skip_empty_line(&mut self, src: &mut BytesMut) -> Result<bool, DecodeError> {
        loop {
            let length = match &src[..] {
                [] | [b'\r'] => return Ok(false),
                [b'\r', b'\n', ..] => 2,
                [b'\n', ..] if self.bounds.leniency.bare_lf => 1,
                [b'\r', ..] => return Err(DecodeError::at(Kind::BareCr, 0)),
                [b'\n', ..] => return Err(DecodeError::at(Kind::BareLf, 0)),
                _ => return Ok(true),
            };
            if self.skipped && !self.bounds.leniency.empty_lines {
                return Err(DecodeError::at(Kind::EmptyLine, 0));
            }
            self.skipped = true;
            src.advance(length);
        }
    }

    /// The whole head by httparse, and a check of what it lets pass. `None`: the head is incomplete,
    /// or not plainly good, which the strict parser then decides.
    fn fast(
        &mut self,
        octets: &[u8],
        head: &mut RequestHead,
    ) -> Result<Option<usize>, DecodeError> {
        let mut room = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; FAST_FIELDS];
        let mut request = httparse::Request::new(&mut []);
        let parsed = httparse::ParserConfig::default().parse_request_with_uninit_headers(
            &mut request,
            octets,
            &mut room,
        );
        let Ok(httparse::Status::Complete(end)) = parsed else {
            return Ok(None);
        };
        let (Some(method), Some(target), Some(minor)) =
            (request.method, request.path, request.version)
        else {
            return Ok(None);
        };
        let within = end <= self.limits.head
            && end <= self.limits.line
            && request.headers.len() <= self.limits.fields
            && method.len() <= self.limits.method
            && target.len() <= self.limits.target
            && octets[..end].ends_with(b"\r\n\r\n")
            && target::offence(target.as_bytes()).is_none();
        if !within {
            return Ok(None);
        }
        let octets = &octets[..end];
        let mut facts = Facts::default();
        let direction = self.direction();
        head.spans.clear();
        for (index, field) in request.headers.iter().enumerate() {
            let (name, value) = (field.name.as_bytes(), field.value);
            let span = FieldSpan {
                name: Span::within(octets, name),
                value: Span::within(octets, value),
            };
            // The line before ended with LF; the strict grammar wants its CR too.
            if octets[span.name.start as usize - 2] != b'\r' {
                return Ok(None);
            }
            head.spans.push(span);
            if facts.note(index, name, value, direction).is_err() {
                return Ok(None);
            }
        }
        let line = RequestLineSpans {
            method: Span::within(octets, method.as_bytes()),
            target: Span::within(octets, target.as_bytes()),
            version: if minor == 0 {
                Version::HTTP_10
            } else {
                Version::HTTP_11
            },
        };
        head.conclude(octets, line, &facts)?;
        Ok(Some(end))
    }

    /// The strict parser: over a head that comes in pieces, line by line, and over one that the
    /// fast way did not take.
    fn resume(&mut self, src: &mut BytesMut, head: &mut RequestHead) -> Result<bool, DecodeError> {
        let (limits, bounds) = (self.limits, self.bounds);
        let direction = self.direction();
        let partial = self.partial.get_or_insert_default();
        let end = loop {
            let line = partial.lines.next(src, &bounds);
            let Some(start) = &partial.request_line else {
                // What stands before a bad line end comes first.
                let seen = line.map_or(partial.lines.at(), |line| {
                    line.map_or(partial.lines.at(), |line| line.end)
                });
                partial.start.look(&src[..seen], limits)?;
                match line? {
                    None => return Ok(false),
                    Some(line) => {
                        partial.request_line = Some(lines::request_line(src, line.end, limits)?)
                    }
                }
                continue;
            };
            let Some(line) = line? else {
                return Ok(false);
            };
            if partial.section.take(src, line, &bounds)? {
                let mut facts = Facts::default();
                for (index, span) in partial.section.spans.iter().enumerate() {
                    let (name, value) = (span.name.of(src), span.value.of(src));
                    facts
                        .note(index, name, value, direction)
                        .map_err(|kind| DecodeError::new(kind, u64::from(span.value.start)))?;
                }
                std::mem::swap(&mut head.spans, &mut partial.section.spans);
                head.conclude(&src[..line.next], *start, &facts)?;
                partial.section.unfold(src);
                break line.next;
            }
        };
        Ok(self.take(src, end, head))
    }

    /// Splits the octets of a decoded head off the buffer, and starts anew.
    #[inline]
    fn take(&mut self, src: &mut BytesMut, end: usize, head: &mut RequestHead) -> bool {
        head.octets = src.split_to(end).freeze();
        self.skipped = false;
        self.partial = None;
        true
    }

    const fn direction(&self) -> Direction {
        Direction::Request(if self.bounds.leniency.repeated_content_length {
            Repeat::Collapse
        } else {
            Repeat::Refuse
        })
    }
}
