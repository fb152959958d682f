//! Cookies of a request (RFC 6265 section 4.2): `cookie-string = cookie-pair *( ";" SP cookie-pair )`.

use http::HeaderMap;
use http::header::COOKIE;

/// The cookies of all `Cookie` fields, in their order. Values are as sent, without quotes around them; nothing is decoded.
pub fn cookies(headers: &HeaderMap) -> Cookies<'_> {
    Cookies {
        fields: headers.get_all(COOKIE).iter(),
        rest: "",
    }
}

/// Iterator over names and values; made by [`cookies`]. What is not a pair is passed over.
#[derive(Debug)]
pub struct Cookies<'a> {
    fields: http::header::ValueIter<'a, http::HeaderValue>,
    rest: &'a str,
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
                self.rest = self.fields.next()?.to_str().unwrap_or_default();
            }
            let (pair, rest) = self.rest.split_once(';').unwrap_or((self.rest, ""));
            self.rest = rest;
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
