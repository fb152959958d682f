//! `Transfer-Encoding = #transfer-coding` (RFC 9112 section 6.1).
//!
//! ```text
//! transfer-coding    = token *( OWS ";" OWS transfer-parameter )
//! transfer-parameter = token BWS "=" BWS ( token / quoted-string )
//! ```
//!
//! The list may stand in one line only, and has no empty members: both are known ways to make two
//! recipients see two different codings.

use crate::error::DecodeErrorKind;
use crate::framing::TransferCoding;
use crate::grammar;

/// The coding after one more field line, `before` being that of the lines before it.
///
/// # Errors
///
/// `TransferCoding` for a second line, an empty or malformed member, a `chunked` that is not
/// last, not alone in its kind, or has parameters, and for a list that does not end with it.
pub fn note(
    before: Option<TransferCoding>,
    value: &[u8],
) -> Result<Option<TransferCoding>, DecodeErrorKind> {
    if before.is_some() {
        return Err(DecodeErrorKind::TransferCoding);
    }
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(Some(TransferCoding::Chunked));
    }
    list(value).map(Some).ok_or(DecodeErrorKind::TransferCoding)
}

/// A list that is longer than `chunked` alone.
fn list(value: &[u8]) -> Option<TransferCoding> {
    // A quoted parameter may hold a comma; a list with one is cut wrongly here and then refused.
    let mut members = grammar::list(value).peekable();
    let mut chunked = false;
    while let Some(member) = members.next() {
        chunked = member.eq_ignore_ascii_case(b"chunked");
        if chunked != members.peek().is_none() || !(chunked || is_coding(member)) {
            return None;
        }
    }
    chunked.then_some(TransferCoding::Unsupported)
}

/// A well-formed coding other than `chunked`, whatever parameters it has.
fn is_coding(member: &[u8]) -> bool {
    let mut parts = member.split(|&octet| octet == b';').map(grammar::trim_ows);
    let name = parts.next().unwrap_or_default();
    grammar::is_token(name) && !name.eq_ignore_ascii_case(b"chunked") && parts.all(is_parameter)
}

fn is_parameter(parameter: &[u8]) -> bool {
    let Some(equals) = memchr::memchr(b'=', parameter) else {
        return false;
    };
    let name = grammar::trim_ows(&parameter[..equals]);
    let value = grammar::trim_ows(&parameter[equals + 1..]);
    grammar::is_token(name)
        && match value {
            [b'"', inner @ .., b'"'] => !inner.contains(&b'"') && !inner.contains(&b'\\'),
            value => grammar::is_token(value),
        }
}
