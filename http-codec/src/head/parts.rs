//! From spans to the types of the `http` crate: the one place where a map is built.

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use super::span::{FieldSpan, Span};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::target::TargetForm;

/// A method that the decoder has found to be a token.
pub(super) fn method(octets: &[u8]) -> Method {
    match octets {
        b"GET" => Method::GET,
        b"POST" => Method::POST,
        // A token is a method.
        _ => Method::from_bytes(octets).unwrap_or_default(),
    }
}

/// The target as a URI; `None` where that type is narrower than the wire.
pub(super) fn uri(octets: &Bytes, target: Span, form: TargetForm) -> Option<Uri> {
    let target = octets.slice(target.start as usize..target.end as usize);
    match form {
        TargetForm::Origin => PathAndQuery::from_maybe_shared(target).map(Uri::from).ok(),
        TargetForm::Authority => Authority::from_maybe_shared(target).map(Uri::from).ok(),
        TargetForm::Absolute | TargetForm::Asterisk => Uri::from_maybe_shared(target).ok(),
    }
}

/// Fills a map with the field lines, in the map's own storage.
pub(super) fn fill(
    octets: &Bytes,
    spans: &[FieldSpan],
    map: &mut HeaderMap,
) -> Result<(), DecodeError> {
    map.clear();
    if map.try_reserve(spans.len()).is_err() {
        return Err(too_many(map, Span::default()));
    }
    for span in spans {
        append(map, octets, *span)?;
    }
    Ok(())
}

/// Appends one field line to a map.
pub(crate) fn append(
    map: &mut HeaderMap,
    octets: &Bytes,
    span: FieldSpan,
) -> Result<(), DecodeError> {
    let name = match span.known.header() {
        Some(name) => name,
        None => HeaderName::from_bytes(span.name.of(octets)).map_err(|_| {
            DecodeError::new(DecodeErrorKind::FieldName, u64::from(span.name.start))
        })?,
    };
    let value = octets.slice(span.value.start as usize..span.value.end as usize);
    let value = checked_value(value);
    match map.try_append(name, value) {
        Ok(_) => Ok(()),
        Err(_) => Err(too_many(map, span.name)),
    }
}

/// Lets a map's `Host` say what the target does.
#[cold]
pub(super) fn set_host(
    octets: &Bytes,
    host: Option<Span>,
    map: &mut HeaderMap,
) -> Result<(), DecodeError> {
    let Some(host) = host else { return Ok(()) };
    let value = checked_value(octets.slice(host.start as usize..host.end as usize));
    match map.try_insert(header::HOST, value) {
        Ok(_) => Ok(()),
        Err(_) => Err(too_many(map, host)),
    }
}

#[cold]
fn too_many(map: &HeaderMap, at: Span) -> DecodeError {
    let kind = DecodeErrorKind::TooManyFields(map.len());
    DecodeError::new(kind, u64::from(at.start))
}

/// A value whose octets the parser has checked.
///
/// Checking them again was a tenth of a browser's request (1,000 of 9,700 instructions in this crate).
#[allow(
    unsafe_code,
    reason = "the check would be the third over the same octets; the measurement is above"
)]
fn checked_value(octets: Bytes) -> HeaderValue {
    // SAFETY: spans of values come only from `scan` and from `lines`, and both let pass what `HeaderValue` holds and
    // nothing else: HTAB, SP, VCHAR and obs-text. (A build with debug assertions checks it here once more.)
    unsafe { HeaderValue::from_maybe_shared_unchecked(octets) }
}
