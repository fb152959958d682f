//! `Content-Length = 1*DIGIT` (RFC 9110 section 8.6).

use crate::error::DecodeErrorKind;
use crate::grammar;

/// What to do with a second field line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Refuse it, equal or not: requests.
    Refuse,
    /// Let it pass if it is equal to the first: responses.
    Collapse,
}

/// The length after one more field line, `before` being that of the lines before it.
///
/// # Errors
///
/// `ContentLength` for anything but digits within 63 bits, `ContentLengthRepeated` for a line
/// too many.
pub fn note(
    before: Option<u64>,
    value: &[u8],
    repeat: Repeat,
) -> Result<Option<u64>, DecodeErrorKind> {
    let length = grammar::decimal(value).ok_or(DecodeErrorKind::ContentLength)?;
    match before {
        None => Ok(Some(length)),
        Some(first) if first == length && repeat == Repeat::Collapse => Ok(before),
        Some(_) => Err(DecodeErrorKind::ContentLengthRepeated),
    }
}

/// The one length that an application's `Content-Length` declares; `None` where it is absent,
/// malformed, or says two things.
pub fn declared(fields: &http::HeaderMap) -> Option<u64> {
    let mut lengths = fields.get_all(http::header::CONTENT_LENGTH).iter();
    let first = grammar::decimal(lengths.next()?.as_bytes())?;
    lengths
        .all(|value| grammar::decimal(value.as_bytes()) == Some(first))
        .then_some(first)
}
