//! Octets to request heads.

use super::drip::Drip;
use super::facts::{Direction, Facts, KnownHost};
use super::lines::{self, Bounds, LineReader, RequestLineSpans, Section, StartLine};
use super::request::RequestHead;
use super::scan;
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::fields::content_length::Repeat;
use crate::grammar::Class;
use crate::leniency::Leniency;
use crate::limits::Limits;
use bytes::{Buf, BytesMut};

/// Decodes request heads from a growing buffer (RFC 9112 sections 2 to 5).
///
/// A head that is there as a whole is parsed in one go. One that arrives in pieces is scanned for its
/// line ends, each octet once, and parsed when its empty line is there; a bad line end, a start line
/// that is not one, and a reached limit are refused as soon as they show.
#[derive(Debug)]
pub struct RequestHeadDecoder {
    limits: Limits,
    bounds: Bounds,
    known_host: KnownHost,
    /// The quick way applies: the syntax of heads is not relaxed.
    plain: bool,
    /// Octets of empty lines before the start line that were skipped.
    skipped: usize,
    /// A head that arrives in pieces; empty as long as heads come whole.
    partial: Option<Box<Partial>>,
    drip: Drip,
}

/// A head as far as it has come.
#[derive(Debug, Default)]
struct Partial {
    lines: LineReader,
    start: StartLine,
    request_line: Option<RequestLineSpans>,
    section: Section,
    /// What ended it; it stands, whatever else arrives.
    failed: Option<DecodeError>,
}

impl Partial {
    /// Takes note of octets that came one by one.
    fn skip(&mut self, seen: usize) {
        self.lines.skip(seen);
        if self.request_line.is_none() {
            self.start.skip(seen);
        }
    }

    /// What may come one by one behind `seen` octets.
    fn drip(&self, seen: usize, limits: &Limits, bounds: &Bounds) -> Drip {
        let (class, most) = match self.request_line {
            Some(_) => (Class::VALUE, usize::MAX),
            None => self.start.expects(limits),
        };
        self.lines.drip(seen, most, class, bounds)
    }
}

impl RequestHeadDecoder {
    /// A decoder at the start of a message.
    pub fn new(limits: Limits, leniency: Leniency) -> Self {
        RequestHeadDecoder {
            limits,
            bounds: Bounds::head(limits, leniency),
            known_host: KnownHost::default(),
            plain: leniency.strict_heads(),
            skipped: 0,
            partial: None,
            drip: Drip::default(),
        }
    }

    /// Decodes the head at the start of `src` into `head`.
    ///
    /// `true`: `head` is filled, its octets are split off `src`, and the decoder is ready for the next
    /// message. `false`: more octets are needed; call again with the same buffer and more in it.
    ///
    /// # Errors
    ///
    /// The first offence against the grammar, the limits or the framing rules. It stands: the
    /// decoder gives nothing more.
    #[inline]
    pub fn decode(
        &mut self,
        src: &mut BytesMut,
        head: &mut RequestHead,
    ) -> Result<bool, DecodeError> {
        if self.drip.takes(src) {
            return Ok(false);
        }
        self.advance(src, head)
    }

    fn advance(&mut self, src: &mut BytesMut, head: &mut RequestHead) -> Result<bool, DecodeError> {
        if self.partial.is_none() {
            if src.first().is_none_or(|&first| first <= b'\r') {
                match self.skip_empty_line(src) {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(error) => {
                        self.partial.get_or_insert_default().failed = Some(error);
                        return Err(error);
                    }
                }
            }
            if self.plain {
                if let Some(end) = self.quick(src, head) {
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

    /// Whether nothing of the next message has been taken in, not even the empty line that may stand before it.
    pub fn is_fresh(&self) -> bool {
        self.skipped == 0 && self.partial.is_none()
    }

    /// Skips the one empty line that may precede a request (RFC 9112 section 2.2). `false`: there is
    /// nothing behind it yet.
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
            if self.skipped > 0 && !self.bounds.leniency.empty_lines {
                return Err(DecodeError::at(Kind::EmptyLine, 0));
            }
            self.skipped += length;
            if self.skipped > self.bounds.section.0 {
                return Err(DecodeError::at(self.bounds.section.1, 0));
            }
            src.advance(length);
        }
    }

    /// A head that is there as a whole and plainly good; where it ends. `None`: the strict parser decides.
    #[inline]
    fn quick(&mut self, octets: &[u8], head: &mut RequestHead) -> Option<usize> {
        let (line, at) = scan::request_line(octets, &self.limits)?;
        let (direction, mut facts) = (self.direction(), Facts::default());
        let spans = &mut head.spans;
        let end = scan::fields(octets, at, &self.bounds, direction, spans, &mut facts)?;
        head.conclude(octets.get(..end)?, line, &facts, &mut self.known_host)
            .ok()?;
        Some(end)
    }

    /// The strict parser: over a head that comes in pieces, line by line, and over one that the
    /// quick way did not take.
    #[inline(never)]
    fn resume(&mut self, src: &mut BytesMut, head: &mut RequestHead) -> Result<bool, DecodeError> {
        let seen = self.drip.stop();
        self.partial.get_or_insert_default().skip(seen);
        let decoded = self.resume_lines(src, head);
        match (decoded, &mut self.partial) {
            (Ok(false), Some(partial)) => {
                self.drip = partial.drip(src.len(), &self.limits, &self.bounds);
            }
            (Err(error), Some(partial)) => {
                partial.failed = Some(error);
                partial.request_line = None;
                head.clear();
            }
            _ => {}
        }
        decoded
    }

    fn resume_lines(
        &mut self,
        src: &mut BytesMut,
        head: &mut RequestHead,
    ) -> Result<bool, DecodeError> {
        let direction = self.direction();
        let (limits, bounds) = (&self.limits, &self.bounds);
        let partial = self.partial.get_or_insert_default();
        if let Some(error) = partial.failed {
            return Err(error);
        }
        let end = loop {
            let line = partial.lines.next(src, bounds);
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
            if partial.section.take(src, line, bounds)? {
                let facts = Facts::of(src, partial.section.spans.as_slice(), direction)?;
                std::mem::swap(&mut head.spans, &mut partial.section.spans);
                head.conclude(&src[..line.next], *start, &facts, &mut self.known_host)?;
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
        self.skipped = 0;
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
