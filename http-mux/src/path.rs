//! Paths: percent-decoding by segment, cleaning, and Locations that stay on this host.

use std::borrow::Cow;

/// Percent-decodes `raw`. When any escape in it is malformed, all of it is kept as it is.
pub(crate) fn decode(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = raw.iter().position(|&octet| octet == b'%') else {
        return Cow::Borrowed(raw);
    };
    let mut decoded = Vec::with_capacity(raw.len());
    decoded.extend_from_slice(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some((&octet, after)) = rest.split_first() {
        if octet != b'%' {
            decoded.push(octet);
            rest = after;
            continue;
        }
        let Some(value) = escape(rest) else {
            return Cow::Borrowed(raw);
        };
        decoded.push(value);
        rest = &rest[3..];
    }
    Cow::Owned(decoded)
}

/// The octet that `%xx` at the front of `text` stands for.
fn escape(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| text.get(at).and_then(|&d| char::from(d).to_digit(16));
    Some((digit(1)? * 16 + digit(2)?) as u8)
}

/// Where in `raw`, whose escapes are all well-formed, the octet number `decoded` of its decoded form begins.
pub(crate) fn raw_offset(raw: &[u8], decoded: usize) -> usize {
    let mut at = 0;
    for _ in 0..decoded {
        at += if raw.get(at) == Some(&b'%') { 3 } else { 1 };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_escape_leaves_all_as_it_is() {
        for raw in ["%", "%4", "%4x", "a%zz", "%41%", "%+1", "%é"] {
            assert_eq!(decode(raw.as_bytes()), raw.as_bytes(), "{raw}");
        }
        assert_eq!(decode(b"%41%2f%2F"), &b"A//"[..]);
        assert_eq!(decode(b"%2525"), &b"%25"[..]);
    }

    #[test]
    fn offsets_of_decoded_octets_are_found_in_the_raw_ones() {
        let raw = b"a%41b%42";
        let offsets: Vec<usize> = (0..=4).map(|at| raw_offset(raw, at)).collect();
        assert_eq!(offsets, [0, 1, 4, 5, 8]);
    }
}
