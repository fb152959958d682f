//! The query as pairs (`application/x-www-form-urlencoded`, as the URL standard has it).
//!
//! ```text
//! query = pair *( "&" pair )      pair = name [ "=" value ]      "+" is a blank, "%" HEXDIG HEXDIG an octet
//! ```

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

#[cfg(feature = "serde")]
use super::{InputError, InputKind};

/// How many pairs a query or a form may have to be read into a type, and how many of a query a context keeps (Go's default too):
/// each costs many times the octets that it came in.
pub const MOST_PAIRS: usize = 10_000;

/// Whether a type may be made of so many pairs.
#[cfg(feature = "serde")]
pub(crate) fn check(octets: &[u8], kind: InputKind) -> Result<(), InputError> {
    let more = octets
        .iter()
        .filter(|&&octet| octet == b'&')
        .nth(MOST_PAIRS - 1);
    match more {
        None => Ok(()),
        Some(_) => Err(InputError::new(
            kind,
            format!("more than {MOST_PAIRS} pairs"),
        )),
    }
}

/// The pairs of a query or of a form's content, in their order. Empty pairs are passed over.
pub fn pairs(query: &str) -> Pairs<'_> {
    Pairs { rest: query }
}

/// Iterator over decoded names and values; made by [`pairs`].
///
/// What is not UTF-8 after decoding has U+FFFD in its place; a `%` that begins no octet stays as it is.
#[derive(Debug, Clone)]
pub struct Pairs<'a> {
    rest: &'a str,
}

impl<'a> Pairs<'a> {
    /// The first value of that name.
    pub fn get(mut self, name: &str) -> Option<Cow<'a, str>> {
        self.find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (pair, rest) = self.rest.split_once('&').unwrap_or((self.rest, ""));
            self.rest = rest;
            if !pair.is_empty() {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                return Some((decode(name), decode(value)));
            }
        }
        None
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|octet| matches!(octet, b'+' | b'%')) {
        return Cow::Borrowed(text);
    }
    if !text.contains('+') {
        return percent_decode_str(text).decode_utf8_lossy();
    }
    let blanks = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&blanks).decode_utf8_lossy().into_owned())
}
