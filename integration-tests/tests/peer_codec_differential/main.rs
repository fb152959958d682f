//! Whole connections, read by our codec and by hyper. Where the two differ, the difference is one of those listed here, each
//! with the section of the RFC that decides it.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod requests;
mod responses;

use http::HeaderMap;
use http_codec::DecodeErrorKind as Kind;
use http_codec::fields::trailer;

/// A message that was read to its end: its start, its content, and how many trailer fields there were.
type Seen = (String, Vec<u8>, usize);

/// What our codec refuses and hyper takes.
fn stricter(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::BareLf | Kind::BareCr => "RFC 9112 section 2.2: a line ends with CRLF",
        Kind::EmptyLine => {
            "RFC 9112 section 2.2: at least one empty line is ignored, and at most one here"
        }
        Kind::Target => {
            "RFC 9112 section 3.2: octets that no URI has; RFC 9110 section 9.3.6: CONNECT needs a port"
        }
        Kind::TargetForm => "RFC 9112 section 3.2: each form only for its method",
        Kind::HostMissing | Kind::HostRepeated | Kind::Host => {
            "RFC 9112 section 3.2: exactly one valid Host"
        }
        Kind::ContentLengthRepeated => {
            "RFC 9112 section 6.3, rule 5: a repeat may be refused, equal or not"
        }
        Kind::LengthAndCoding => {
            "RFC 9112 section 6.3, rule 3: both fields ought to be handled as an error"
        }
        Kind::TransferCoding | Kind::UnsupportedCoding => {
            "RFC 9112 section 6.1: one `chunked`, and no other coding is undone"
        }
        Kind::CodingInOldVersion => "RFC 9112 section 6.1: faulty framing",
        Kind::ChunkSize | Kind::ChunkExtension => {
            "RFC 9112 section 7.1.1: extensions by their grammar"
        }
        Kind::Unsolicited => "RFC 9112 section 9.2: octets that no request asked for",
        Kind::Upgrade => "RFC 9110 section 15.2.2: a 101 names what it switches to, on an offer",
        _ => return None,
    })
}

/// The trailer fields that ours does not drop (RFC 9110 section 6.5.1): hyper hands all of them on.
fn allowed(trailers: &HeaderMap) -> usize {
    let allowed = |(name, _): &(&http::HeaderName, _)| trailer::is_allowed(name);
    trailers.iter().filter(allowed).count()
}
