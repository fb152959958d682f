//! Octets to response heads.

use bytes::BytesMut;
use http::{StatusCode, Version};

use super::drip::{Drip, Look};
use super::facts::{Direction, Facts};
use super::lines::{Bounds, LineReader, Section};
use super::response::{ResponseHead, StatusLineSpans};
use super::scan;
use super::span::Span;
use super::start_line;
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::exchange::MethodClass;
use crate::framing;
use crate::grammar;
use crate::leniency::Leniency;
use crate::limits::Limits;

/// Decodes response heads from a growing buffer (RFC 9112 sections 2, 4 and 5).
///
/// It works as [`RequestHeadDecoder`](crate::RequestHeadDecoder) does. The one point in which it is
/// wider than the grammar: a status line may lack the reason phrase together with the space before it, as
/// many servers send it.
#[derive(Debug)]
pub struct ResponseHeadDecoder {
    bounds: Bounds,
    /// A head that arrives in pieces; empty as long as heads come whole.
    partial: Option<Box<Partial>>,
    drip: Drip,
}

/// A head as far as it has come.
#[derive(Debug, Default)]
struct Partial {
    lines: LineReader,
    status_line: Option<StatusLineSpans>,
    section: Section,
    /// What ended it; it stands, whatever else arrives.
    failed: Option<DecodeError>,
}

impl ResponseHeadDecoder {
    /// A decoder at the start of a message.
    pub fn new(limits: Limits, leniency: Leniency) -> Self {
        ResponseHeadDecoder {
            bounds: Bounds::head(limits, leniency),
            partial: None,
            drip: Drip::NONE,
        }
    }

    /// Decodes the head at the start of `src` into `head`; `method` is the class of the request that
    /// it answers.
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
        method: MethodClass,
        head: &mut ResponseHead,
    ) -> Result<bool, DecodeError> {
        if src.is_empty() || self.drip.look(src) == Look::Nothing {
            return Ok(false);
        }
        self.advance(src, method, head)
    }

    fn advance(
        &mut self,
        src: &mut BytesMut,
        method: MethodClass,
        head: &mut ResponseHead,
    ) -> Result<bool, DecodeError> {
        if self.partial.is_none() && self.bounds.leniency.strict_heads() {
            if let Some(end) = self.quick(src, method, head) {
                return Ok(self.take(src, end, head));
            }
            // Some of its places are those of these octets by now, and are not those of its own.
            head.clear();
        }
        self.resume(src, method, head)
    }

    /// Whether some octet of a head is there.
    pub fn started(&self, src: &BytesMut) -> bool {
        !src.is_empty()
    }

    /// A head that is there as a whole and plainly good; where it ends. `None`: the strict parser decides.
    #[inline]
    fn quick(&self, octets: &[u8], method: MethodClass, head: &mut ResponseHead) -> Option<usize> {
        let (line, at) = quick_status_line(octets)?;
        let (direction, mut facts) = (Direction::Response, Facts::default());
        let spans = &mut head.spans;
        let end = scan::fields(octets, at, &self.bounds, direction, spans, &mut facts)?;
        head.conclude(octets.get(..end)?, line, method, &facts)
            .ok()?;
        Some(end)
    }

    /// The strict parser: over a head that comes in pieces, line by line, and over one that the
    /// quick way did not take.
    #[inline(never)]
    fn resume(
        &mut self,
        src: &mut BytesMut,
        method: MethodClass,
        head: &mut ResponseHead,
    ) -> Result<bool, DecodeError> {
        let seen = self.drip.stop();
        self.partial.get_or_insert_default().lines.skip(seen);
        let decoded = self.resume_lines(src, method, head);
        match (decoded, &mut self.partial) {
            // The first octets of a status line are looked at one by one, and what comes behind a CR.
            (Ok(false), Some(partial))
                if src.len() >= STATUS_LINE_START && partial.lines.at() == src.len() =>
            {
                self.drip = partial.lines.drip(&self.bounds).unwrap_or(Drip::NONE);
            }
            (Err(error), Some(partial)) => {
                partial.failed = Some(error);
                partial.status_line = None;
                head.clear();
            }
            _ => {}
        }
        decoded
    }

    fn resume_lines(
        &mut self,
        src: &mut BytesMut,
        method: MethodClass,
        head: &mut ResponseHead,
    ) -> Result<bool, DecodeError> {
        let bounds = &self.bounds;
        let partial = self.partial.get_or_insert_default();
        if let Some(error) = partial.failed {
            return Err(error);
        }
        let end = loop {
            let line = partial.lines.next(src, bounds);
            let Some(start) = partial.status_line else {
                let seen = match line {
                    Ok(Some(line)) => line.end,
                    _ => partial.lines.at(),
                };
                let known = seen.min(STATUS_LINE_START);
                if !could_begin(&src[..known]) {
                    // An incomplete version, refused by its first octets.
                    status_line(src, known)?;
                }
                match line? {
                    None => return Ok(false),
                    Some(line) => partial.status_line = Some(status_line(src, line.end)?),
                }
                continue;
            };
            let Some(line) = line? else {
                return Ok(false);
            };
            if partial.section.take(src, line, bounds)? {
                // A value is read without its line ends.
                partial.section.unfold(src);
                let direction = match framing::opens_tunnel(method, start.status) {
                    true => Direction::Tunnel,
                    false => Direction::Response,
                };
                let facts = Facts::of(src, partial.section.spans.as_slice(), direction)?;
                head.spans.take_over(&mut partial.section.spans);
                head.conclude(&src[..line.next], start, method, &facts)?;
                break line.next;
            }
        };
        Ok(self.take(src, end, head))
    }

    /// Splits the octets of a decoded head off the buffer, and starts anew.
    fn take(&mut self, src: &mut BytesMut, end: usize, head: &mut ResponseHead) -> bool {
        head.octets = src.split_to(end).freeze();
        self.partial = None;
        true
    }
}

/// Octets that say whether this is a status line: those of the version and the space behind it.
const STATUS_LINE_START: usize = 9;

/// Whether these first octets, at most nine, can be those of a status line.
#[inline]
fn could_begin(octets: &[u8]) -> bool {
    octets
        .iter()
        .zip(b"HTTP/1.0 ")
        .enumerate()
        .all(|(at, (octet, expected))| match at {
            5 | 7 => octet.is_ascii_digit(),
            _ => octet == expected,
        })
}

/// A plain status line with its line end, at the start of `octets`, and where the next line starts.
#[inline]
fn quick_status_line(octets: &[u8]) -> Option<(StatusLineSpans, usize)> {
    // A comparison of arrays is one of words; a pattern would be one of octets.
    let (version, behind) = octets.split_first_chunk()?;
    let version = if version == b"HTTP/1.1 " {
        Version::HTTP_11
    } else if version == b"HTTP/1.0 " {
        Version::HTTP_10
    } else {
        return None;
    };
    let (code, behind) = behind.split_first_chunk()?;
    let [code @ .., b' '] = code as &[u8; 4] else {
        return None;
    };
    let status = StatusCode::from_bytes(code).ok()?;
    let length = behind
        .iter()
        .position(|&octet| !grammar::is_value_octet(octet))?;
    let start = b"HTTP/1.1 200 ".len();
    let line = StatusLineSpans {
        version,
        status,
        reason: Span::new(start, start + length),
    };
    behind[length..]
        .starts_with(b"\r\n")
        .then_some((line, start + length + 2))
}

/// `status-line = HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 section 4), ending at
/// `end`; the last SP may be missing with the phrase.
fn status_line(octets: &[u8], end: usize) -> Result<StatusLineSpans, DecodeError> {
    let line = &octets[..end];
    let version = start_line::version(line.get(..8).unwrap_or(line), 0)?;
    if line.get(8) != Some(&b' ') {
        return Err(DecodeError::at(Kind::Version, 8));
    }
    let status = line
        .get(9..12)
        .filter(|digits| digits.iter().all(u8::is_ascii_digit))
        .and_then(|digits| StatusCode::from_bytes(digits).ok())
        .ok_or(DecodeError::at(Kind::Status, 9))?;
    let reason = match line.get(12) {
        None => Span::new(12, 12),
        Some(b' ') => Span::new(13, end),
        Some(_) => return Err(DecodeError::at(Kind::Status, 12)),
    };
    let offence = reason
        .of(octets)
        .iter()
        .position(|&octet| !grammar::is_value_octet(octet));
    match offence {
        Some(at) => Err(DecodeError::at(Kind::Reason, 13 + at)),
        None => Ok(StatusLineSpans {
            version,
            status,
            reason,
        }),
    }
}
