//! Cookies of a request (RFC 6265 section 4.2): `cookie-string = cookie-pair *( ";" SP cookie-pair )`.

use http::HeaderMap;
use http::header::COOKIE;

/// The cookies of all `Cookie` fields, in their order. Values are as sent, without quotes around them; nothing is decoded.
pub fn cookies(headers: &HeaderMap) -> Cookies<'_> {
    Cookies {
        fields: headers.get_all(COOKIE).iter(),
        rest: b"",
    }
}

/// Iterator over names and values; made by [`cookies`]. What is not a pair, or no UTF-8, is passed over.
#[derive(Debug)]
pub struct Cookies<'a> {
    fields: http::header::ValueIter<'a, http::HeaderValue>,
    rest: &'a [u8],
}

impl<'a> Cookies<'a> {
    /// The value of the first cookie of that name.
    pub fn get(mut self, name: &str) -> Option<&'a str> {
        self.find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Cookies<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while self.rest.is_empty() {
                self.rest = self.fields.next()?.as_bytes();
            }
            let end = self.rest.iter().position(|&octet| octet == b';');
            let (pair, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = rest.get(1..).unwrap_or_default();
            // Pair by pair: a cookie that is no text, which any script of the site can set, takes no other with it.
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                let value = value.trim();
                let value = value
                    .strip_prefix('"')
                    .and_then(|value| value.strip_suffix('"'))
                    .unwrap_or(value);
                if !name.trim().is_empty() {
                    return Some((name.trim(), value));
                }
            }
        }
    }
}
