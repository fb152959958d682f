//! Octets to request heads.

use super::drip::{Drip, Look};
use super::facts::{Direction, Facts, KnownHost};
use super::lines::{Bounds, LineReader, Section};
use super::request::RequestHead;
use super::scan;
use super::start_line::{self, RequestLineSpans, StartLine};
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::fields::content_length::Repeat;
use crate::leniency::Leniency;
use crate::limits::Limits;
use bytes::{Buf, BytesMut};

/// Decodes request heads from a growing buffer (RFC 9112 sections 2 to 5).
///
/// A head that is there as a whole is parsed in one go. One that arrives in pieces is parsed line by line, as
/// their ends arrive; a bad line end, a start line that is not one, and a reached limit are refused as soon as they show.
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
    /// Room for the next of them, once there has been one: such heads tend to come again.
    spare: Option<Box<Partial>>,
    /// The start line of such a head, until it is complete.
    start: StartLine,
    drip: Drip,
}

/// A head as far as it has come.
#[derive(Debug, Default)]
struct Partial {
    lines: LineReader,
    request_line: Option<RequestLineSpans>,
    section: Section,
    /// What ended it; it stands, whatever else arrives.
    failed: Option<DecodeError>,
}

impl Partial {
    /// Forgets the head and keeps the room for its fields.
    fn clear(&mut self) {
        self.lines = LineReader::default();
        self.request_line = None;
    }

    /// Takes a request line that ends with these octets, if it is plainly good; what may come unseen behind it.
    #[inline(always)]
    fn takes_request_line(
        &mut self,
        octets: &[u8],
        bounds: &Bounds,
        limits: &Limits,
    ) -> Option<Drip> {
        let (line, end) = scan::request_line(octets, limits)?;
        if end != octets.len() || self.failed.is_some() {
            return None;
        }
        let drip = self.lines.take(octets, bounds)?;
        self.request_line = Some(line);
        Some(drip)
    }

    /// Takes a field line that ends with these octets, if it is plainly good and no limit is near; what may come unseen behind it.
    #[inline(always)]
    fn takes_field_line(&mut self, octets: &[u8], bounds: &Bounds) -> Option<Drip> {
        let field = scan::line(octets.strip_suffix(b"\r\n")?, self.lines.start())?;
        if self.section.spans.len() >= bounds.fields.0 {
            return None;
        }
        let drip = self.lines.take(octets, bounds)?;
        *self.section.spans.slot() = field;
        Some(drip)
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
            spare: None,
            start: StartLine::default(),
            drip: Drip::NONE,
        }
    }

    /// Decodes the head at the start of `src` into `head`.
    ///
    /// `true`: `head` is filled, its octets are split off `src`, and the decoder is ready for the next
    /// message. `false`: more octets are needed; call again with the same buffer and more in it. What `head` held before may be
    /// gone then, as it is at an error.
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
        match self.drip.look(src) {
            Look::Nothing => return Ok(false),
            // What comes behind a CR tells whether it is bare.
            Look::End if src.ends_with(b"\r") => return Ok(false),
            Look::More if self.start.takes(src) => return Ok(false),
            Look::End | Look::More => {}
        }
        match self.partial.is_some() {
            false => self.begin(src, head),
            true if self.goes_on(src) => Ok(false),
            true => self.resume(src, head),
        }
    }

    /// A head of which nothing has been looked at.
    fn begin(&mut self, src: &mut BytesMut, head: &mut RequestHead) -> Result<bool, DecodeError> {
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
            // Some of its places are those of these octets by now, and are not those of its own.
            head.clear();
        }
        self.partial = Some(self.spare.take().unwrap_or_default());
        match self.parts_start_line(src) {
            true => Ok(false),
            false => self.resume(src, head),
        }
    }

    /// Whether these octets end with a line that is plainly good, or with one octet more that parts the start line or begins a block.
    #[inline(never)]
    fn goes_on(&mut self, octets: &[u8]) -> bool {
        if octets.ends_with(b"\n") {
            return self.ends_line(octets);
        }
        match &self.partial {
            Some(partial) if partial.request_line.is_some() => self.begins_block(octets),
            Some(partial) if partial.failed.is_none() => self.parts_start_line(octets),
            _ => false,
        }
    }

    /// Takes the line that ends with these octets, if it is plainly good.
    #[inline(never)]
    fn ends_line(&mut self, octets: &[u8]) -> bool {
        let Some(partial) = &mut self.partial else {
            return false;
        };
        let drip = match partial.request_line {
            Some(_) => partial.takes_field_line(octets, &self.bounds),
            None => partial.takes_request_line(octets, &self.bounds, &self.limits),
        };
        drip.map(|drip| self.drip = drip).is_some()
    }

    /// Takes the one octet that is new behind a block of a field line, if it ends nothing.
    #[inline(never)]
    fn begins_block(&mut self, octets: &[u8]) -> bool {
        let Some(partial) = &mut self.partial else {
            return false;
        };
        if !self.drip.is_behind_block(partial.lines.at(), octets) {
            return false;
        }
        let drip = partial.lines.take_octet(octets, &self.bounds);
        drip.map(|drip| self.drip = drip).is_some()
    }

    /// Takes the one octet that is new in the start line, if it belongs there.
    #[inline(never)]
    fn parts_start_line(&mut self, octets: &[u8]) -> bool {
        let most = self.bounds.first_line;
        octets.len() <= most && self.start.goes_on(octets, most, &self.limits)
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
        let seen = self.drip.stop().max(self.start.at());
        self.partial.get_or_insert_default().lines.skip(seen);
        let decoded = self.resume_lines(src, head);
        match (decoded, &mut self.partial) {
            (Ok(false), Some(partial)) if partial.request_line.is_none() => {
                self.start.go_on(self.bounds.first_line, &self.limits);
            }
            // What comes behind a CR is looked at.
            (Ok(false), Some(partial)) if partial.lines.at() == src.len() => {
                self.drip = partial.lines.drip(&self.bounds).unwrap_or(Drip::NONE);
            }
            (Ok(true), Some(partial)) => {
                self.start = StartLine::default();
                partial.clear();
                self.spare = self.partial.take();
            }
            (Err(error), Some(partial)) => {
                self.start = StartLine::default();
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
                let seen = match line {
                    Ok(Some(line)) => line.end,
                    _ => partial.lines.at(),
                };
                self.start.look(&src[..seen], limits)?;
                match line? {
                    None => return Ok(false),
                    Some(line) => {
                        partial.request_line =
                            Some(start_line::request_line(src, line.end, limits)?)
                    }
                }
                continue;
            };
            let Some(line) = line? else {
                return Ok(false);
            };
            if partial.section.take(src, line, bounds)? {
                // A value is read without its line ends.
                partial.section.unfold(src);
                let facts = Facts::of(src, partial.section.spans.as_slice(), direction)?;
                head.spans.take_over(&mut partial.section.spans);
                head.conclude(&src[..line.next], *start, &facts, &mut self.known_host)?;
                break line.next;
            }
        };
        Ok(self.take(src, end, head))
    }

    /// Splits the octets of a decoded head off the buffer, and starts anew.
    #[inline(always)]
    fn take(&mut self, src: &mut BytesMut, end: usize, head: &mut RequestHead) -> bool {
        head.octets = src.split_to(end).freeze();
        self.skipped = 0;
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
