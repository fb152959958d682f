//! The quick way through a head that is there as a whole: one pass, eight octets at a time. And through a line of one that is not.
//!
//! It takes what is plainly good and leaves the rest to the strict parser ([`lines`](super::lines)): what is
//! incomplete, what offends, what only leniency lets pass. So it has no errors of its own, only `None`, and it
//! accepts nothing that the strict parser does not; the tests hold both against each other, against httparse and against
//! the ABNF.

use http::Version;

use super::facts::{Direction, Facts};
use super::lines::Bounds;
use super::names;
use super::span::{FieldSpan, FieldSpans, Span};
use super::start_line::RequestLineSpans;
use crate::grammar;
use crate::limits::Limits;

/// A request line with its line end, at the start of `octets`, and where the next line starts.
#[inline(always)]
pub(super) fn request_line(octets: &[u8], limits: &Limits) -> Option<(RequestLineSpans, usize)> {
    // A comparison of arrays is one of words; a pattern would be one of octets.
    let method = match octets.first_chunk()? == b"GET " {
        true => 3,
        false => token(octets, b' ')?,
    };
    let start = method + 1;
    let length = first(octets.get(start..)?, b' ')?;
    let (target, behind) = octets[start..].split_at_checked(length)?;
    let version = behind.first_chunk()?;
    let version = if version == b" HTTP/1.1\r\n" {
        Version::HTTP_11
    } else if version == b" HTTP/1.0\r\n" {
        Version::HTTP_10
    } else {
        return None;
    };
    let good = method <= limits.method && length <= limits.target && grammar::is_target(target);
    let end = start + length;
    let line = RequestLineSpans {
        method: Span::new(0, method),
        target: Span::new(start, end),
        version,
    };
    good.then_some((line, end + b" HTTP/1.1\r\n".len()))
}

/// The length of the token that ends at `end`.
fn token(octets: &[u8], end: u8) -> Option<usize> {
    let length = first(octets, end)?;
    grammar::is_token(octets.get(..length)?).then_some(length)
}

/// A field section that starts at `at`, up to and with the empty line behind it: where it ends. The places of its lines go into
/// `spans`, what they say into `facts`.
#[inline]
pub(super) fn fields(
    octets: &[u8],
    at: usize,
    bounds: &Bounds,
    direction: Direction,
    spans: &mut FieldSpans,
    facts: &mut Facts,
) -> Option<usize> {
    let mut rest = octets.get(at..)?;
    spans.clear();
    while !rest.starts_with(b"\r\n") {
        if spans.len() == bounds.fields.0 {
            return None;
        }
        let span;
        (span, rest) = field(octets, rest)?;
        *spans.slot() = span;
        facts.note(octets, span, direction).ok()?;
    }
    let end = octets.len() - rest.len() + 2;
    // A head this small has no line beyond its limit; the others are looked at line by line.
    (end <= bounds.section.0 && end <= bounds.line).then_some(end)
}

/// The field line at the start of `rest`, the end of `octets`; and what comes behind it.
#[inline(always)]
pub(super) fn field<'a>(octets: &[u8], rest: &'a [u8]) -> Option<(FieldSpan, &'a [u8])> {
    let start = octets.len() - rest.len();
    let length = first(rest, b':')?;
    let (name, behind) = rest.split_at_checked(length)?;
    let known = names::find(name);
    // A known name is a token.
    if !known.is_known() && !grammar::is_token(name) {
        return None;
    }
    let value = without_space(behind.get(1..)?);
    let rest = behind_value(value)?;
    let value_start = octets.len() - value.len();
    let value_end = trimmed(octets, value_start, octets.len() - rest.len() - 2);
    let span = FieldSpan {
        name: Span::new(start, start + length),
        value: Span::new(value_start, value_end),
        known,
    };
    Some((span, rest))
}

/// The field line from `start` to the end of `octets`, where its line end was.
#[inline(always)]
pub(super) fn line(octets: &[u8], start: usize) -> Option<FieldSpan> {
    let line = octets.get(start..)?;
    let length = first(line, b':')?;
    let (name, behind) = line.split_at_checked(length)?;
    let known = names::find(name);
    if !known.is_known() && !grammar::is_token(name) {
        return None;
    }
    let value = match behind.get(1..)? {
        // Nearly all values: one space before them, and none behind.
        [b' ', value @ ..] if !is_spaced(value) => value,
        value => grammar::trim_ows(value),
    };
    is_all_visible(value).then_some(FieldSpan {
        name: Span::new(start, start + length),
        value: Span::within(octets, value),
        known,
    })
}

/// Whether there is whitespace at either end.
#[inline(always)]
fn is_spaced(octets: &[u8]) -> bool {
    matches!(octets, [b' ' | b'\t', ..] | [.., b' ' | b'\t'])
}

/// The octets without the whitespace in front of them.
#[inline(always)]
fn without_space(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = octets {
        octets = rest;
    }
    octets
}

/// Where a value ends that ends at `end` with whitespace or without.
#[inline(always)]
fn trimmed(octets: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && grammar::is_ows(octets[end - 1]) {
        end -= 1;
    }
    end
}

/// What comes behind a value and its line end.
#[inline(always)]
fn behind_value(mut octets: &[u8]) -> Option<&[u8]> {
    loop {
        octets = from_control(octets)?;
        octets = match octets {
            [b'\r', b'\n', rest @ ..] => return Some(rest),
            [b'\t', rest @ ..] => rest,
            _ => return None,
        }
    }
}

/// The octets from the first control octet on; HTAB is one here.
#[inline(always)]
fn from_control(mut octets: &[u8]) -> Option<&[u8]> {
    while let Some((block, rest)) = octets.split_first_chunk() {
        if !is_visible_block(block) {
            break;
        }
        octets = rest;
    }
    while let Some((eight, rest)) = octets.split_first_chunk() {
        let word = u64::from_le_bytes(*eight);
        if !is_visible(word) {
            let found = controls(word);
            if found != 0 {
                return octets.get(place(found)..);
            }
        }
        octets = rest;
    }
    let found = octets.iter().position(u8::is_ascii_control)?;
    octets.get(found..)
}

/// Where an octet first is.
#[inline(always)]
fn first(octets: &[u8], octet: u8) -> Option<usize> {
    let mut behind = octets;
    while let Some((eight, rest)) = behind.split_first_chunk() {
        match zeros(u64::from_le_bytes(*eight) ^ all(octet)) {
            0 => behind = rest,
            found => return Some(octets.len() - behind.len() + place(found)),
        }
    }
    let found = behind.iter().position(|&other| other == octet)?;
    Some(octets.len() - behind.len() + found)
}

/// The same octet in all eight places of a word.
const fn all(octet: u8) -> u64 {
    0x0101_0101_0101_0101 * octet as u64
}

/// A bit in the highest place of each octet that is zero. Only the lowest of them is certain, and that is the one
/// asked for.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(all(1)) & !word & all(0x80)
}

/// Whether all octets are visible ASCII or SP. Some are looked at twice, as part of the last whole block.
#[inline(always)]
fn is_all_visible(octets: &[u8]) -> bool {
    if let Some(last) = octets.last_chunk() {
        let mut rest = octets;
        while let Some((block, behind)) = rest.split_first_chunk() {
            if !is_visible_block(block) {
                return false;
            }
            rest = behind;
        }
        return is_visible_block(last);
    }
    match (octets.first_chunk(), octets.last_chunk()) {
        (Some(first), Some(last)) => {
            is_visible(u64::from_le_bytes(*first)) && is_visible(u64::from_le_bytes(*last))
        }
        _ => octets.iter().all(|octet| matches!(octet, b' '..=b'~')),
    }
}

/// Whether all octets are visible ASCII or SP: those of nearly every value.
const fn is_visible(word: u64) -> bool {
    (word | word.wrapping_sub(all(b' ')) | word.wrapping_add(all(1))) & all(0x80) == 0
}

/// The same of a block, for long values; a loop without a way out is one of vectors.
#[inline(always)]
fn is_visible_block(block: &[u8; 16]) -> bool {
    let is_visible = |octet: &u8| (*octet as i8 >= b' ' as i8) & (*octet != 0x7f);
    block
        .iter()
        .fold(true, |all, octet| all & is_visible(octet))
}

/// A bit for each octet below SP and for DEL, as [`zeros`].
const fn controls(word: u64) -> u64 {
    (word.wrapping_sub(all(b' ')) & !word & all(0x80)) | zeros(word ^ all(0x7f))
}

/// The place of the octet that the lowest bit stands for.
const fn place(bits: u64) -> usize {
    (bits.trailing_zeros() / 8) as usize
}
