//! Field names that are known beforehand, found by length and two words of eight octets.
//!
//! `HeaderName::from_bytes` folds a name octet by octet and looks it up in a chain of matches; for a name that
//! is none of the standard's it then allocates. Nearly all names of real requests are among the ones below.

use std::sync::LazyLock;

use http::HeaderName;

/// Sorted by length; within a length, what is met most often comes first.
const NAMES: [&str; 53] = [
    "host",
    "date",
    "etag",
    "vary",
    "range",
    "allow",
    "accept",
    "cookie",
    "server",
    "origin",
    "expect",
    "pragma",
    "referer",
    "upgrade",
    "expires",
    "trailer",
    "location",
    "if-match",
    "if-range",
    "priority",
    "sec-ch-ua",
    "connection",
    "user-agent",
    "set-cookie",
    "keep-alive",
    "traceparent",
    "content-type",
    "x-request-id",
    "cache-control",
    "authorization",
    "if-none-match",
    "last-modified",
    "accept-ranges",
    "content-length",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "accept-encoding",
    "accept-language",
    "x-forwarded-for",
    "content-encoding",
    "www-authenticate",
    "sec-ch-ua-mobile",
    "x-forwarded-host",
    "x-requested-with",
    "transfer-encoding",
    "if-modified-since",
    "sec-ch-ua-platform",
    "content-disposition",
    "if-unmodified-since",
    "upgrade-insecure-requests",
    "strict-transport-security",
];

/// The longest known name.
const LONGEST: usize = NAMES[NAMES.len() - 1].len();

/// The keys of `NAMES`.
static KEYS: [(u64, u64); NAMES.len()] = {
    let mut keys = [(0, 0); NAMES.len()];
    let mut at = 0;
    while at < keys.len() {
        keys[at] = key(NAMES[at].as_bytes());
        at += 1;
    }
    keys
};

/// Where in `NAMES` the names of each length begin; those of the next length follow.
static BEGIN: [u8; LONGEST + 2] = {
    let mut begin = [0; LONGEST + 2];
    let mut length = 0;
    while length < begin.len() {
        let mut at = 0;
        while at < NAMES.len() && NAMES[at].len() < length {
            at += 1;
        }
        begin[length] = at as u8;
        length += 1;
    }
    begin
};

/// `NAMES` as the `http` crate's: numbered where it is the standard's, any other without a copy.
static KNOWN: LazyLock<[HeaderName; NAMES.len()]> =
    LazyLock::new(|| NAMES.map(HeaderName::from_static));

/// The name that these octets, which are a token, spell in any case.
#[inline]
pub(super) fn name(octets: &[u8]) -> Option<HeaderName> {
    let length = octets.len();
    if !(4..=LONGEST).contains(&length) {
        return None;
    }
    let key = key(octets);
    let (begin, end) = (BEGIN[length] as usize, BEGIN[length + 1] as usize);
    let at = begin + KEYS[begin..end].iter().position(|known| *known == key)?;
    // Up to 16 octets the key is the whole name.
    let same = length <= 16 || octets.eq_ignore_ascii_case(NAMES[at].as_bytes());
    same.then(|| KNOWN[at].clone())
}

/// The first and the last eight octets, in lower case (of 4 to 7 octets, the first and last four).
///
/// Setting the bit of lower case changes no octet of a token that is not a letter into one of a known name.
#[inline]
const fn key(octets: &[u8]) -> (u64, u64) {
    const LOWER: u64 = 0x2020_2020_2020_2020;
    if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return (first | LOWER, last | LOWER);
    }
    if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return (first as u64 | LOWER, last as u64 | LOWER);
    }
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names are in order, found in any case, and what `http` makes of the same octets.
    #[test]
    fn known_names_are_what_they_spell() {
        assert!(NAMES.is_sorted_by_key(|name| name.len()));
        for spelled in NAMES {
            for octets in [spelled.to_owned(), spelled.to_ascii_uppercase()] {
                let expected = HeaderName::from_bytes(octets.as_bytes()).unwrap();
                assert_eq!(name(octets.as_bytes()), Some(expected), "{spelled}");
            }
        }
    }

    /// A name that differs from a known one in a single octet is not taken for it.
    #[test]
    fn a_name_that_differs_in_one_octet_is_another() {
        for spelled in NAMES {
            for at in 0..spelled.len() {
                for octet in (0..=255).filter(|octet| crate::grammar::is_tchar(*octet)) {
                    let mut other = spelled.as_bytes().to_vec();
                    other[at] = octet;
                    let Some(found) = name(&other) else { continue };
                    assert_eq!(found, HeaderName::from_bytes(&other).unwrap());
                }
            }
        }
    }
}
