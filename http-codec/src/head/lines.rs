//! The strict line parser: the one authority on what a head is.
//!
//! ```text
//! HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
//! field-line   = field-name ":" OWS field-value OWS
//! ```
//!
//! It runs where the fast way (httparse, checked afterwards) refuses a head, so that an error has
//! its kind and place, where a head is relaxed by [`Leniency`], and on trailer sections. The fast
//! way accepts nothing that this parser does not.

use http::Version;

use super::span::{FieldSpan, FieldSpans, Span};
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::grammar;
use crate::leniency::Leniency;
use crate::limits::Limits;
use crate::target;

/// One line: its octets, and where the next one starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) next: usize,
}

/// The line at `start`, or `None` while its end is not there.
pub(crate) fn next_line(
    octets: &[u8],
    start: usize,
    leniency: Leniency,
) -> Result<Option<Line>, DecodeError> {
    let Some(found) = memchr::memchr2(b'\r', b'\n', &octets[start..]) else {
        return Ok(None);
    };
    let end = start + found;
    let next = match (octets[end], octets.get(end + 1)) {
        (b'\r', Some(b'\n')) => end + 2,
        (b'\r', Some(_)) => return Err(DecodeError::at(Kind::BareCr, end)),
        (b'\r', None) => return Ok(None),
        _ if leniency.bare_lf => end + 1,
        _ => return Err(DecodeError::at(Kind::BareLf, end)),
    };
    Ok(Some(Line { start, end, next }))
}

/// Parses the field section at `start` into `spans`; `Some` is the place behind its empty line.
/// Line ends that [`Leniency::obs_fold`] makes part of a value are given to `folds`.
pub(crate) fn field_section(
    octets: &[u8],
    mut start: usize,
    limits: Limits,
    leniency: Leniency,
    spans: &mut FieldSpans,
    folds: &mut Vec<Span>,
) -> Result<Option<usize>, DecodeError> {
    let mut before = None;
    loop {
        let Some(line) = next_line(octets, start, leniency)? else {
            if without_cr(octets).len() - start > limits.line {
                return Err(DecodeError::at(Kind::LineTooLong(limits.line), start));
            }
            return Ok(None);
        };
        if line.start == line.end {
            return Ok(Some(line.next));
        }
        if line.end - line.start > limits.line {
            return Err(DecodeError::at(Kind::LineTooLong(limits.line), line.start));
        }
        if grammar::is_ows(octets[line.start]) {
            match (spans.last_mut(), before) {
                (Some(field), Some(end)) if leniency.obs_fold => {
                    fold(octets, line, field)?;
                    folds.push(Span::new(end, line.start));
                }
                _ => return Err(DecodeError::at(Kind::ObsFold, line.start)),
            }
        } else {
            if spans.len() >= limits.fields {
                return Err(DecodeError::at(
                    Kind::TooManyFields(limits.fields),
                    line.start,
                ));
            }
            spans.push(field_line(octets, line.start, line.end)?);
        }
        before = Some(line.end);
        start = line.next;
    }
}

/// What is there of an incomplete line, without a CR that may be half of its end.
pub(crate) fn without_cr(octets: &[u8]) -> &[u8] {
    octets.strip_suffix(b"\r").unwrap_or(octets)
}

/// Parses the field line between `start` and `end`.
pub(crate) fn field_line(
    octets: &[u8],
    start: usize,
    end: usize,
) -> Result<FieldSpan, DecodeError> {
    let line = &octets[start..end];
    let name = line
        .iter()
        .position(|&octet| !grammar::is_tchar(octet))
        .unwrap_or(line.len());
    if name == 0 || line.get(name) != Some(&b':') {
        let kind = match line.first() {
            Some(&first) if grammar::is_ows(first) => Kind::ObsFold,
            _ => Kind::FieldName,
        };
        return Err(DecodeError::at(kind, start + name));
    }
    Ok(FieldSpan {
        name: Span::new(start, start + name),
        value: value(octets, start + name + 1, end)?,
    })
}

/// The value between `start` and `end`, without the whitespace around it.
fn value(octets: &[u8], start: usize, end: usize) -> Result<Span, DecodeError> {
    let raw = &octets[start..end];
    if let Some(offence) = raw
        .iter()
        .position(|&octet| !grammar::is_value_octet(octet))
    {
        return Err(DecodeError::at(Kind::FieldValue, start + offence));
    }
    Ok(Span::within(octets, grammar::trim_ows(raw)))
}

/// Appends a continuation line to the value before it.
fn fold(octets: &[u8], line: Line, field: &mut FieldSpan) -> Result<(), DecodeError> {
    let more = value(octets, line.start, line.end)?;
    if field.value.len() == 0 {
        field.value = more;
    } else if more.len() > 0 {
        field.value.end = more.end;
    }
    Ok(())
}

/// The parts of a request line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLineSpans {
    pub(crate) method: Span,
    pub(crate) target: Span,
    pub(crate) version: Version,
}

/// `request-line = method SP request-target SP HTTP-version` (RFC 9112 section 3).
///
/// `end` is that of the line, or of what has arrived of it: `Ok(None)` then says that there is no
/// offence so far.
pub(crate) fn request_line(
    octets: &[u8],
    end: usize,
    complete: bool,
    limits: Limits,
) -> Result<Option<RequestLineSpans>, DecodeError> {
    let line = &octets[..end];
    if line.starts_with(b"PRI * HTTP/2") {
        return Err(DecodeError::at(Kind::UnsupportedVersion, 0));
    }
    let method = line
        .iter()
        .position(|&octet| !grammar::is_tchar(octet))
        .unwrap_or(end);
    if method > limits.method {
        return Err(DecodeError::at(
            Kind::MethodTooLong(limits.method),
            limits.method,
        ));
    }
    match line.get(method) {
        Some(b' ') if method > 0 => {}
        None if !complete => return Ok(None),
        _ => return Err(DecodeError::at(Kind::Method, method)),
    }
    let start = method + 1;
    let rest = &line[start..];
    let length = target::offence(rest).unwrap_or(rest.len());
    if length > limits.target {
        let kind = Kind::TargetTooLong(limits.target);
        return Err(DecodeError::at(kind, start + limits.target));
    }
    let stop = start + length;
    match line.get(stop) {
        Some(b' ') if length > 0 => {}
        None if !complete => return Ok(None),
        // A method and a target, and no version: the line of HTTP/0.9.
        None if length > 0 => return Err(DecodeError::at(Kind::Version, stop)),
        _ => return Err(DecodeError::at(Kind::Target, stop)),
    }
    if !complete {
        return Ok(None);
    }
    Ok(Some(RequestLineSpans {
        method: Span::new(0, method),
        target: Span::new(start, stop),
        version: version(&line[stop + 1..], stop + 1)?,
    }))
}

/// `HTTP-version = "HTTP/" DIGIT "." DIGIT` (RFC 9112 section 2.3); a minor version above 1 counts
/// as 1 (RFC 9110 section 2.5).
pub(crate) fn version(octets: &[u8], position: usize) -> Result<Version, DecodeError> {
    match octets {
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            match (major, minor) {
                (b'1', b'0') => Ok(Version::HTTP_10),
                (b'1', _) => Ok(Version::HTTP_11),
                _ => Err(DecodeError::at(Kind::UnsupportedVersion, position)),
            }
        }
        _ => Err(DecodeError::at(Kind::Version, position)),
    }
}

/// The field lines of a trailer section, and the line ends to blank in them.
#[derive(Debug, Default)]
pub(crate) struct TrailerSpans {
    pub(crate) fields: FieldSpans,
    pub(crate) folds: Vec<Span>,
}

/// Parses a trailer section, or what is there of it.
pub(crate) fn trailer_section(
    octets: &[u8],
    limits: Limits,
    leniency: Leniency,
) -> Result<TrailerSpans, DecodeError> {
    let mut spans = TrailerSpans::default();
    let (fields, folds) = (&mut spans.fields, &mut spans.folds);
    field_section(octets, 0, limits, leniency, fields, folds)?;
    Ok(spans)
}
