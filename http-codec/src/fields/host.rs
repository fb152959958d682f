//! `Host = uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
//!
//! ```text
//! uri-host   = IP-literal / IPv4address / reg-name
//! IP-literal = "[" ( IPv6address / IPvFuture ) "]"
//! reg-name   = *( unreserved / pct-encoded / sub-delims )
//! port       = *DIGIT
//! ```
//!
//! Narrower than the grammar in two points: a comma is refused, and so is a port above 65535.

use std::net::Ipv6Addr;

use crate::grammar;

/// The parts of a valid host, as lengths of the value that they were found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostParts {
    /// Octets of the `uri-host`; 0 if it is empty.
    pub host: usize,
    /// The port, if there is a colon with digits behind it.
    pub port: Option<u16>,
}

/// A value of `Host` that has been checked, so that it need not be for each request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostValue(Box<[u8]>);

impl HostValue {
    /// Checks a value; `None` if it is not one, nor empty.
    pub fn new(value: &[u8]) -> Option<Self> {
        (value.is_empty() || parse(value).is_some()).then(|| HostValue(value.into()))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Takes a host apart; `None` if it is not one. The empty value is a host, with an empty name.
pub fn parse(value: &[u8]) -> Option<HostParts> {
    let host = match value {
        [b'[', ..] => ip_literal(value)?,
        _ => reg_name(value)?,
    };
    let port = match &value[host..] {
        [] => None,
        [b':', digits @ ..] => port(digits)?,
        _ => return None,
    };
    Some(HostParts { host, port })
}

/// Whether `value` is a host that is not empty.
pub fn is_valid(value: &[u8]) -> bool {
    parse(value).is_some_and(|parts| parts.host > 0)
}

fn reg_name(value: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += plain(&value[at..]);
        match value.get(at) {
            None => break,
            // ":80" has a port of nothing.
            Some(b':') if at > 0 => break,
            Some(b'%') => {
                let digits = value.get(at + 1..at + 3)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                at += 3;
            }
            Some(_) => return None,
        }
    }
    Some(at)
}

/// How many octets of a name need no second look.
fn plain(value: &[u8]) -> usize {
    value
        .iter()
        .position(|&octet| !grammar::is_reg_name_octet(octet))
        .unwrap_or(value.len())
}

fn ip_literal(value: &[u8]) -> Option<usize> {
    let end = memchr::memchr(b']', value)?;
    let literal = std::str::from_utf8(&value[1..end]).ok()?;
    let valid = match literal.as_bytes() {
        [b'v' | b'V', rest @ ..] => ip_future(rest),
        _ => literal.parse::<Ipv6Addr>().is_ok(),
    };
    valid.then_some(end + 1)
}

/// `1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
fn ip_future(rest: &[u8]) -> bool {
    let Some(dot) = memchr::memchr(b'.', rest) else {
        return false;
    };
    let (version, address) = (&rest[..dot], &rest[dot + 1..]);
    !version.is_empty()
        && version.iter().all(u8::is_ascii_hexdigit)
        && !address.is_empty()
        && address
            .iter()
            .all(|&octet| octet == b':' || grammar::is_reg_name_octet(octet))
}

/// `Some(None)` for the empty port.
fn port(digits: &[u8]) -> Option<Option<u16>> {
    if digits.is_empty() {
        return Some(None);
    }
    let mut number: u32 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() || number > u32::from(u16::MAX) {
            return None;
        }
        number = number * 10 + u32::from(digit - b'0');
    }
    Some(Some(u16::try_from(number).ok()?))
}
