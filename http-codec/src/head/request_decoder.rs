//! Octets to request heads.

use std::mem::MaybeUninit;

use bytes::{Buf, BytesMut};
use http::Version;

use super::facts::{Direction, Facts};
use super::lines::{self, RequestLineSpans};
use super::request::RequestHead;
use super::scan::{Found, Scan};
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
    leniency: Leniency,
    scan: Scan,
    /// An empty line before the start line was skipped.
    skipped: bool,
    /// The size at which the start line is looked at before its end is there.
    next_look: usize,
}

impl RequestHeadDecoder {
    /// A decoder at the start of a message.
    pub fn new(limits: Limits, leniency: Leniency) -> Self {
        RequestHeadDecoder {
            limits,
            leniency,
            scan: Scan::default(),
            skipped: false,
            next_look: 1,
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
        if self.scan.is_fresh() {
            if !self.skip_empty_line(src)? {
                return Ok(false);
            }
            if self.leniency.strict_heads() {
                if let Some(end) = self.fast(src, head)? {
                    return Ok(self.take(src, end, head));
                }
            }
        }
        match self.scan.advance(src, self.leniency) {
            Found::Nothing => {
                self.check_partial(src, head)?;
                Ok(false)
            }
            Found::End(end) => self.complete(src, end, head),
            Found::Offence(at) => Err(self.diagnose(src, head, Kind::BareCr, at)),
        }
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
                [b'\n', ..] if self.leniency.bare_lf => 1,
                [b'\r', ..] => return Err(DecodeError::at(Kind::BareCr, 0)),
                [b'\n', ..] => return Err(DecodeError::at(Kind::BareLf, 0)),
                _ => return Ok(true),
            };
            if self.skipped && !self.leniency.empty_lines {
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

    /// A head whose end the scan found.
    fn complete(
        &mut self,
        src: &mut BytesMut,
        end: usize,
        head: &mut RequestHead,
    ) -> Result<bool, DecodeError> {
        if self.leniency.strict_heads() {
            if let Some(end) = self.fast(src, head)? {
                return Ok(self.take(src, end, head));
            }
        }
        let mut folds = Vec::new();
        let Some(found) = self.strict(&src[..end], head, &mut folds)? else {
            return Err(DecodeError::at(Kind::Version, end));
        };
        if found > self.limits.head {
            return Err(DecodeError::at(
                Kind::HeadTooLarge(self.limits.head),
                self.limits.head,
            ));
        }
        for fold in folds {
            src[fold.start as usize..fold.end as usize].fill(b' ');
        }
        Ok(self.take(src, found, head))
    }

    /// The strict parser over all of a head, or over what is there of it.
    fn strict(
        &self,
        octets: &[u8],
        head: &mut RequestHead,
        folds: &mut Vec<Span>,
    ) -> Result<Option<usize>, DecodeError> {
        let first = match lines::next_line(octets, 0, self.leniency) {
            Ok(first) => first,
            Err(error) => {
                // What stands before the bad line end comes first.
                lines::request_line(octets, error.position() as usize, false, self.limits)?;
                return Err(error);
            }
        };
        let Some(first) = first else {
            let end = lines::without_cr(octets).len();
            lines::request_line(octets, end, false, self.limits)?;
            return Ok(None);
        };
        let Some(line) = lines::request_line(octets, first.end, true, self.limits)? else {
            return Ok(None);
        };
        head.spans.clear();
        let (limits, leniency) = (self.limits, self.leniency);
        let Some(end) =
            lines::field_section(octets, first.next, limits, leniency, &mut head.spans, folds)?
        else {
            return Ok(None);
        };
        let mut facts = Facts::default();
        for (index, span) in head.spans.iter().enumerate() {
            let (name, value) = (span.name.of(octets), span.value.of(octets));
            facts
                .note(index, name, value, self.direction())
                .map_err(|kind| DecodeError::new(kind, u64::from(span.value.start)))?;
        }
        head.conclude(&octets[..end], line, &facts)?;
        Ok(Some(end))
    }

    /// What can be refused before the end of the head is there.
    fn check_partial(&mut self, src: &[u8], head: &mut RequestHead) -> Result<(), DecodeError> {
        if src.len() >= self.next_look || (self.scan.lines() > 0 && self.next_look < usize::MAX) {
            let (method, line) = (
                self.limits.method,
                self.limits.method + self.limits.target + 16,
            );
            self.next_look = match src.len() {
                _ if self.scan.lines() > 0 => usize::MAX,
                length if length <= method => method + 1,
                length if length <= line => line + 1,
                _ => usize::MAX,
            };
            self.strict(src, head, &mut Vec::new())?;
        }
        let limits = &self.limits;
        if src.len() >= limits.head {
            let (kind, at) = (Kind::HeadTooLarge(limits.head), limits.head);
            return Err(self.diagnose(src, head, kind, at));
        }
        if self.scan.line_length() > limits.line {
            let (kind, at) = (Kind::LineTooLong(limits.line), src.len());
            return Err(self.diagnose(src, head, kind, at));
        }
        if self.scan.lines() > limits.fields + 1 {
            let (kind, at) = (Kind::TooManyFields(limits.fields), src.len());
            return Err(self.diagnose(src, head, kind, at));
        }
        Ok(())
    }

    /// The first offence of a head that is known to be bad; `otherwise` if the strict parser sees
    /// none in it.
    #[cold]
    fn diagnose(
        &self,
        octets: &[u8],
        head: &mut RequestHead,
        otherwise: Kind,
        position: usize,
    ) -> DecodeError {
        match self.strict(octets, head, &mut Vec::new()) {
            Err(error) => error,
            Ok(_) => DecodeError::at(otherwise, position),
        }
    }

    /// Splits the octets of a decoded head off the buffer, and starts anew.
    #[inline]
    fn take(&mut self, src: &mut BytesMut, end: usize, head: &mut RequestHead) -> bool {
        head.octets = src.split_to(end).freeze();
        self.scan = Scan::default();
        self.skipped = false;
        self.next_look = 1;
        true
    }

    const fn direction(&self) -> Direction {
        Direction::Request(if self.leniency.repeated_content_length {
            Repeat::Collapse
        } else {
            Repeat::Refuse
        })
    }
}
