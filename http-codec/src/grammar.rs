//! The octet classes and small lexical rules of RFC 9110 section 5.6 and RFC 3986.
//!
//! ```text
//! token          = 1*tchar
//! field-vchar    = VCHAR / obs-text
//! OWS            = *( SP / HTAB )
//! ```

/// A set of octets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Class(u8);

impl Class {
    pub(crate) const TCHAR: Class = Class(TCHAR);
    pub(crate) const VALUE: Class = Class(VALUE);
    pub(crate) const TARGET: Class = Class(TARGET);

    #[inline(always)]
    pub(crate) const fn has(self, octet: u8) -> bool {
        CLASS[octet as usize] & self.0 != 0
    }
}

const TCHAR: u8 = 1;
const VALUE: u8 = 2;
const TARGET: u8 = 4;
const REG_NAME: u8 = 8;

/// For each octet the classes that it belongs to.
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = classes(octet as u8);
        octet += 1;
    }
    table
};

const fn classes(octet: u8) -> u8 {
    let mut classes = 0;
    if octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
    {
        classes |= TCHAR;
    }
    if octet == b'\t' || (octet >= b' ' && octet != 0x7f) {
        classes |= VALUE;
    }
    if octet > b' ' && octet < 0x7f && !matches!(octet, b'#' | b'\\' | b'"' | b'<' | b'>') {
        classes |= TARGET;
    }
    if octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b';'
                | b'='
        )
    {
        classes |= REG_NAME;
    }
    classes
}

/// `tchar` (RFC 9110 section 5.6.2).
pub const fn is_tchar(octet: u8) -> bool {
    CLASS[octet as usize] & TCHAR != 0
}

/// An octet of a field value: HTAB, SP, VCHAR or obs-text (RFC 9110 section 5.5).
pub const fn is_value_octet(octet: u8) -> bool {
    CLASS[octet as usize] & VALUE != 0
}

/// An octet of a request-target: visible ASCII without `#`, `\`, `"`, `<` and `>`.
///
/// Wider than RFC 3986 by ``^ ` { | }`` and by brackets anywhere, which browsers send as they are.
pub const fn is_target_octet(octet: u8) -> bool {
    CLASS[octet as usize] & TARGET != 0
}

/// An octet of a `reg-name` except `%` (RFC 3986 section 3.2.2), and except the comma, which
/// would make one host look like two.
pub const fn is_reg_name_octet(octet: u8) -> bool {
    CLASS[octet as usize] & REG_NAME != 0
}

/// `token = 1*tchar` (RFC 9110 section 5.6.2).
pub fn is_token(octets: &[u8]) -> bool {
    !octets.is_empty() && is_all(octets, TCHAR)
}

/// Whether `octets` are those of a request-target, and at least one.
pub(crate) fn is_target(octets: &[u8]) -> bool {
    !octets.is_empty() && is_all(octets, TARGET)
}

/// Whether all octets are of a class; without a branch for each.
fn is_all(octets: &[u8], class: u8) -> bool {
    let common = |common, octets: &[u8]| {
        octets
            .iter()
            .fold(common, |common, &octet| common & CLASS[octet as usize])
    };
    let eights = octets.chunks_exact(8);
    let rest = eights.remainder();
    common(eights.fold(class, common), rest) != 0
}

/// `OWS` at one place (RFC 9110 section 5.6.3).
pub const fn is_ows(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

/// `octets` without the optional whitespace around them.
pub const fn trim_ows(mut octets: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = octets {
        if !is_ows(*first) {
            break;
        }
        octets = rest;
    }
    while let [rest @ .., last] = octets {
        if !is_ows(*last) {
            break;
        }
        octets = rest;
    }
    octets
}

/// `1*DIGIT` within 63 bits: the one number that field values here hold.
pub fn decimal(octets: &[u8]) -> Option<u64> {
    if octets.is_empty() {
        return None;
    }
    let mut number: u64 = 0;
    for &octet in octets {
        if !octet.is_ascii_digit() {
            return None;
        }
        number = number
            .checked_mul(10)?
            .checked_add(u64::from(octet - b'0'))?;
    }
    (number <= i64::MAX as u64).then_some(number)
}

/// The value of a `HEXDIG`.
pub const fn hex_digit(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        _ => None,
    }
}

/// The members of a comma-separated list, without the whitespace around them; an empty member
/// is an empty slice (RFC 9110 section 5.6.1).
pub fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&octet| octet == b',').map(trim_ows)
}
