//! Well-known field names, recognised by length and first letter: one comparison instead of a lookup
//! that looks at each octet, and no allocation for names that the `http` crate has no constant for.

use http::header::{self, HeaderName};

/// The name as a `HeaderName`; `None` where it is not a token.
pub(super) fn name(octets: &[u8]) -> Option<HeaderName> {
    match candidate(octets) {
        Some(known) if octets.eq_ignore_ascii_case(known.as_str().as_bytes()) => Some(known),
        _ => HeaderName::from_bytes(octets).ok(),
    }
}

/// The one well-known name that these octets can be.
fn candidate(octets: &[u8]) -> Option<HeaderName> {
    let letter = |at: usize| octets.get(at).map_or(0, |octet| octet | 0x20);
    Some(match (octets.len(), letter(0)) {
        (2, b't') => header::TE,
        (3, b'a') => header::AGE,
        (3, b'v') => header::VIA,
        (4, b'h') => header::HOST,
        (4, b'd') => header::DATE,
        (4, b'e') => header::ETAG,
        (4, b'v') => header::VARY,
        (5, b'r') => header::RANGE,
        (5, b'a') => header::ALLOW,
        (6, b'a') => header::ACCEPT,
        (6, b'c') => header::COOKIE,
        (6, b'o') => header::ORIGIN,
        (6, b'e') => header::EXPECT,
        (6, b's') => header::SERVER,
        (6, b'p') => header::PRAGMA,
        (7, b'r') => header::REFERER,
        (7, b'u') => header::UPGRADE,
        (7, b't') => header::TRAILER,
        (7, b'e') => header::EXPIRES,
        (8, b'l') => header::LOCATION,
        (8, b'p') => PRIORITY,
        (8, b'i') if letter(3) == b'm' => header::IF_MATCH,
        (8, b'i') => header::IF_RANGE,
        (9, b'x') => X_REAL_IP,
        (9, b's') => SEC_CH_UA,
        (10, b'u') => header::USER_AGENT,
        (10, b'c') => header::CONNECTION,
        (10, b's') => header::SET_COOKIE,
        (10, b'k') => KEEP_ALIVE,
        (11, b'r') => header::RETRY_AFTER,
        (12, b'c') => header::CONTENT_TYPE,
        (12, b'x') => X_REQUEST_ID,
        (13, b'c') if letter(1) == b'a' => header::CACHE_CONTROL,
        (13, b'c') => header::CONTENT_RANGE,
        (13, b'a') if letter(1) == b'u' => header::AUTHORIZATION,
        (13, b'a') => header::ACCEPT_RANGES,
        (13, b'l') => header::LAST_MODIFIED,
        (13, b'i') => header::IF_NONE_MATCH,
        (14, b'c') => header::CONTENT_LENGTH,
        (14, b's') if letter(10) == b'm' => SEC_FETCH_MODE,
        (14, b's') if letter(10) == b's' => SEC_FETCH_SITE,
        (14, b's') if letter(10) == b'd' => SEC_FETCH_DEST,
        (14, b's') => SEC_FETCH_USER,
        (15, b'a') if letter(7) == b'e' => header::ACCEPT_ENCODING,
        (15, b'a') => header::ACCEPT_LANGUAGE,
        (15, b'x') => X_FORWARDED_FOR,
        (16, b'c') if letter(8) == b'e' => header::CONTENT_ENCODING,
        (16, b'c') => header::CONTENT_LANGUAGE,
        (16, b'w') => header::WWW_AUTHENTICATE,
        (16, b's') => SEC_CH_UA_MOBILE,
        (17, b't') => header::TRANSFER_ENCODING,
        (17, b'i') => header::IF_MODIFIED_SINCE,
        (17, b'x') => X_FORWARDED_PROTO,
        (18, b's') => SEC_CH_UA_PLATFORM,
        (19, b'c') => header::CONTENT_DISPOSITION,
        (25, b'u') => header::UPGRADE_INSECURE_REQUESTS,
        _ => return None,
    })
}

#[allow(
    clippy::declare_interior_mutable_const,
    reason = "a static name holds no state that could be shared"
)]
mod texts {
    use http::HeaderName;

    pub(super) const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    pub(super) const PRIORITY: HeaderName = HeaderName::from_static("priority");
    pub(super) const SEC_CH_UA: HeaderName = HeaderName::from_static("sec-ch-ua");
    pub(super) const SEC_CH_UA_MOBILE: HeaderName = HeaderName::from_static("sec-ch-ua-mobile");
    pub(super) const SEC_CH_UA_PLATFORM: HeaderName = HeaderName::from_static("sec-ch-ua-platform");
    pub(super) const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
    pub(super) const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
    pub(super) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    pub(super) const SEC_FETCH_USER: HeaderName = HeaderName::from_static("sec-fetch-user");
    pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    pub(super) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
    pub(super) const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
    pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
}

use texts::*;

#[cfg(test)]
mod tests {
    use super::*;

    /// Recognition changes no name: in every case of its letters it is the one that the crate `http` makes.
    #[test]
    fn a_name_is_what_http_makes_of_it() {
        let mut known = 0;
        for text in [
            "te", "age", "via", "host", "date", "etag", "vary", "range", "allow", "accept", "cookie", "origin", "expect", "server",
            "pragma", "referer", "upgrade", "trailer", "expires", "location", "priority", "if-match", "if-range", "x-real-ip", "sec-ch-ua",
            "user-agent", "connection", "set-cookie", "keep-alive", "retry-after", "content-type", "x-request-id", "cache-control",
            "content-range", "authorization", "accept-ranges", "last-modified", "if-none-match", "content-length", "sec-fetch-mode",
            "sec-fetch-site", "sec-fetch-dest", "sec-fetch-user", "accept-encoding", "accept-language", "x-forwarded-for",
            "content-encoding", "content-language", "www-authenticate", "sec-ch-ua-mobile", "transfer-encoding", "if-modified-since",
            "x-forwarded-proto", "sec-ch-ua-platform", "content-disposition", "upgrade-insecure-requests", "x", "hosu", "content_length",
        ] {
            let expected = HeaderName::from_bytes(text.as_bytes()).unwrap();
            for spelled in [text.to_owned(), text.to_uppercase()] {
                assert_eq!(name(spelled.as_bytes()).unwrap(), expected, "{spelled}");
            }
            known += usize::from(candidate(text.as_bytes()) == Some(expected));
        }
        assert_eq!(known, 56);
        assert_eq!(name(b"a b"), None);
        assert_eq!(name(b""), None);
    }
}
