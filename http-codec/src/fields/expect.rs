//! `Expect = #expectation` (RFC 9110 section 10.1.1).

use crate::exchange::Expectation;
use crate::grammar;

/// The expectation after one more field line, `before` being that of the lines before it.
///
/// Anything beside `100-continue` makes the whole of it unknown; an empty list expects nothing.
pub fn note(before: Expectation, value: &[u8]) -> Expectation {
    let members = grammar::list(value).filter(|member| !member.is_empty());
    members.fold(before, |before, member| match before {
        Expectation::Unknown => Expectation::Unknown,
        _ if member.eq_ignore_ascii_case(b"100-continue") => Expectation::Continue,
        _ => Expectation::Unknown,
    })
}
