//! The query as pairs (`application/x-www-form-urlencoded`, as the URL standard has it).
//!
//! ```text
//! query = pair *( "&" pair )      pair = name [ "=" value ]      "+" is a blank, "%" HEXDIG HEXDIG an octet
//! ```

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

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
