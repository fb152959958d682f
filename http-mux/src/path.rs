//! Paths: percent-decoding by segment, cleaning, and Locations that stay on this host.

use std::borrow::Cow;

use crate::tree::Scan;

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

/// Go's `cleanPath`: one slash at the front, no empty, `.` or `..` segment; a slash at the end stays. Escapes are not looked into.
pub(crate) fn clean(path: &str) -> Cow<'_, str> {
    let octets = path.as_bytes();
    if path.starts_with('/') && !Scan::of(octets).is_suspicious(octets) || is_clean(path) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(cleaned(path))
}

/// Segment by segment: for a path that looks as if it were not.
#[cold]
fn is_clean(path: &str) -> bool {
    let Some(relative) = path.strip_prefix('/') else {
        return false;
    };
    let mut segments = relative.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if matches!(segment, "." | "..") || segment.is_empty() && !last {
            return false;
        }
    }
    true
}

#[cold]
fn cleaned(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    let mut clean = String::with_capacity(path.len() + 1);
    for segment in &segments {
        clean.push('/');
        clean.push_str(segment);
    }
    if clean.is_empty() || path.ends_with('/') {
        clean.push('/');
    }
    clean
}

/// A Location on this host: `path` begins with one slash, whatever a client sent, and nothing in it ends the header or reads as
/// `//host` to a browser.
pub(crate) fn location(path: &str, query: Option<&str>) -> String {
    let mut location = String::with_capacity(path.len() + 1 + query.map_or(0, str::len));
    location.push('/');
    push_escaped(&mut location, path.trim_start_matches(['/', '\\']));
    if let Some(query) = query {
        location.push('?');
        push_escaped(&mut location, query);
    }
    location
}

fn push_escaped(to: &mut String, text: &str) {
    for &octet in text.as_bytes() {
        if octet.is_ascii_graphic() && octet != b'\\' {
            to.push(char::from(octet));
        } else {
            push_escape(to, octet);
        }
    }
}

fn push_escape(to: &mut String, octet: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    to.push('%');
    to.push(char::from(DIGITS[usize::from(octet >> 4)]));
    to.push(char::from(DIGITS[usize::from(octet & 15)]));
}

/// Writes the octets as they may stand in one segment of a path (RFC 3986 section 3.3).
pub(crate) fn push_segment(to: &mut String, octets: &[u8]) {
    for &octet in octets {
        if octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&octet) {
            to.push(char::from(octet));
        } else {
            push_escape(to, octet);
        }
    }
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

    #[test]
    fn cleaning_is_go_s() {
        for (path, cleaned) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("a", "/a"),
            ("/a//b/", "/a/b/"),
            ("/a/./b", "/a/b"),
            ("/a/../../b", "/b"),
            ("/a/.", "/a"),
            ("/a/..", "/"),
            ("/a/b/..", "/a"),
            ("/a/../", "/"),
            ("/.well-known/x", "/.well-known/x"),
            ("/a/..b/c.", "/a/..b/c."),
            ("/%2e%2e/a", "/%2e%2e/a"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
            assert_eq!(clean(cleaned), cleaned);
        }
    }

    #[test]
    fn a_path_is_cleaned_wherever_the_words_it_is_read_by_end() {
        for length in 1..200 {
            let before = format!("/{}", "x".repeat(length));
            for (after, cleaned) in [
                ("//b", "/b"),
                ("/./b", "/b"),
                ("/.b/c", "/.b/c"),
                ("//", "/"),
            ] {
                assert_eq!(
                    clean(&[&before, after].concat()),
                    [&before, cleaned].concat()
                );
            }
        }
    }

    #[test]
    fn a_location_never_leaves_this_host() {
        assert_eq!(location("//evil.example/a", None), "/evil.example/a");
        assert_eq!(
            location("/\\evil.example", Some("q=1")),
            "/evil.example?q=1"
        );
        assert_eq!(location("/a\\b\r\nx", None), "/a%5Cb%0D%0Ax");
        assert_eq!(location("/é", None), "/%C3%A9");
        assert_eq!(location("/a%2Fb", None), "/a%2Fb");
    }
}
