//! Field names that are known beforehand, found by length and two words of eight octets.
//!
//! `HeaderName::from_bytes` folds a name octet by octet and looks it up in a chain of matches; for a name that
//! is none of the standard's it then allocates. Nearly all names of real requests are among the ones below.

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

/// The shortest known name.
const SHORTEST: usize = NAMES[0].len();

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
static KNOWN: [HeaderName; NAMES.len()] = {
    let mut known = [const { HeaderName::from_static(NAMES[0]) }; NAMES.len()];
    let mut at = 1;
    while at < known.len() {
        let name = HeaderName::from_static(NAMES[at]);
        std::mem::forget(std::mem::replace(&mut known[at], name));
        at += 1;
    }
    known
};

/// Which of the known names a name is: its place among them, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Name(u8);

impl Name {
    pub(crate) const OTHER: Name = Name(0);
    pub(crate) const HOST: Name = Name::of("host");
    pub(crate) const EXPECT: Name = Name::of("expect");
    pub(crate) const UPGRADE: Name = Name::of("upgrade");
    pub(crate) const CONNECTION: Name = Name::of("connection");
    pub(crate) const TRAILER: Name = Name::of("trailer");
    pub(crate) const CONTENT_LENGTH: Name = Name::of("content-length");
    pub(crate) const TRANSFER_ENCODING: Name = Name::of("transfer-encoding");

    /// The place of a name that is in the list.
    const fn of(name: &str) -> Name {
        let (sought, mut at) = (key(name.as_bytes()), 0);
        while NAMES[at].len() != name.len() || KEYS[at].0 != sought.0 || KEYS[at].1 != sought.1 {
            at += 1;
        }
        Name(at as u8 + 1)
    }

    /// Whether the field of this name concerns the message or its connection.
    pub(crate) const fn says_something(self) -> bool {
        matches!(
            self,
            Name::HOST
                | Name::EXPECT
                | Name::UPGRADE
                | Name::CONNECTION
                | Name::TRAILER
                | Name::CONTENT_LENGTH
                | Name::TRANSFER_ENCODING
        )
    }

    /// Whether the field of this name frames the message.
    pub(crate) const fn frames(self) -> bool {
        matches!(self, Name::CONTENT_LENGTH | Name::TRANSFER_ENCODING)
    }

    pub(crate) const fn is_known(self) -> bool {
        self.0 != Name::OTHER.0
    }

    /// The name as a type of the `http` crate.
    #[inline]
    pub(super) fn header(self) -> Option<&'static HeaderName> {
        KNOWN.get(usize::from(self.0).wrapping_sub(1))
    }
}

/// The known name that these octets spell in any case. Whatever octets they are: what is known is a token.
#[inline]
pub(crate) fn find(octets: &[u8]) -> Name {
    let length = octets.len();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Name::OTHER;
    }
    let key = key(octets);
    let (begin, end) = (BEGIN[length] as usize, BEGIN[length + 1] as usize);
    match KEYS[begin..end].iter().position(|known| *known == key) {
        // Up to 16 octets the key is the whole name.
        Some(at) if length <= 16 || octets.eq_ignore_ascii_case(NAMES[begin + at].as_bytes()) => {
            Name((begin + at) as u8 + 1)
        }
        _ => Name::OTHER,
    }
}

/// The first and the last eight octets, in lower case (of 4 to 7 octets, the first and last four).
#[inline]
const fn key(octets: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return (lower(first), lower(last));
    }
    if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return (lower(first as u64), lower(last as u64));
    }
    (0, 0)
}

/// Letters in lower case. What is no letter and no octet of a known name does not become one: the bit of lower case is set
/// only where the bit of letters is, for CR would become a hyphen otherwise.
const fn lower(word: u64) -> u64 {
    word | (word & 0x4040_4040_4040_4040) >> 1
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
                assert_eq!(
                    find(octets.as_bytes()).header(),
                    Some(&expected),
                    "{spelled}"
                );
            }
        }
    }

    /// What differs from a known name in a single octet, any octet, is not taken for it.
    #[test]
    fn a_name_that_differs_in_one_octet_is_another() {
        for spelled in NAMES {
            for at in 0..spelled.len() {
                for octet in 0..=255 {
                    let mut other = spelled.as_bytes().to_vec();
                    other[at] = octet;
                    let found = find(&other).header();
                    let same = other.eq_ignore_ascii_case(spelled.as_bytes());
                    assert_eq!(found.is_some_and(|name| name == spelled), same, "{other:?}");
                    assert!(
                        found.is_none_or(|name| other.eq_ignore_ascii_case(name.as_str().as_bytes()))
                    );
                }
            }
        }
    }

    #[test]
    fn the_names_that_frame_are_their_own() {
        for (name, spelled) in [
            (Name::HOST, "Host"),
            (Name::EXPECT, "Expect"),
            (Name::UPGRADE, "Upgrade"),
            (Name::CONNECTION, "Connection"),
            (Name::CONTENT_LENGTH, "Content-Length"),
            (Name::TRANSFER_ENCODING, "Transfer-Encoding"),
        ] {
            assert_eq!(find(spelled.as_bytes()), name);
        }
        assert_eq!((find(b"x-y"), find(b"")), (Name::OTHER, Name::OTHER));
        assert_eq!(Name::OTHER.header(), None);
    }
}
