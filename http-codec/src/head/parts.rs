//! From spans to the types of the `http` crate: the one place where a map is built.

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use super::span::{FieldSpan, Seen, Span};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::grammar;
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

/// Makes a URI the target's. It is refused where that type is narrower than the wire.
pub(super) fn set_uri(
    octets: &Bytes,
    target: Span,
    form: TargetForm,
    uri: &mut Uri,
) -> Result<(), DecodeError> {
    let refused = |_| DecodeError::new(DecodeErrorKind::Target, u64::from(target.start));
    let octets = slice(octets, target);
    *uri = match form {
        TargetForm::Origin => Uri::from(PathAndQuery::from_maybe_shared(octets).map_err(refused)?),
        TargetForm::Authority => Uri::from(Authority::from_maybe_shared(octets).map_err(refused)?),
        TargetForm::Absolute | TargetForm::Asterisk => {
            Uri::from_maybe_shared(octets).map_err(refused)?
        }
    };
    Ok(())
}

/// Fills a map with the field lines, in the map's own storage.
pub(crate) fn fill(
    octets: &Bytes,
    spans: &[FieldSpan],
    seen: Seen,
    map: &mut HeaderMap,
) -> Result<(), DecodeError> {
    if seen == Seen::InPieces {
        check_values(octets, spans)?;
    }
    map.clear();
    if map.try_reserve(spans.len()).is_err() {
        return Err(too_many(map, Span::default()));
    }
    for span in spans {
        append(map, octets, *span)?;
    }
    Ok(())
}

/// Looks at all values once more.
#[cold]
fn check_values(octets: &[u8], spans: &[FieldSpan]) -> Result<(), DecodeError> {
    let is_value = |octets: &[u8]| octets.iter().copied().all(grammar::is_value_octet);
    match spans.iter().find(|span| !is_value(span.value.of(octets))) {
        None => Ok(()),
        Some(FieldSpan { value, .. }) => Err(DecodeError::new(
            DecodeErrorKind::FieldValue,
            u64::from(value.start),
        )),
    }
}

/// Appends one field line to a map.
#[inline(always)]
fn append(map: &mut HeaderMap, octets: &Bytes, span: FieldSpan) -> Result<(), DecodeError> {
    let value = checked_value(slice(octets, span.value));
    let appended = match span.known.header() {
        Some(name) => map.try_append(name, value),
        None => map.try_append(other_name(octets, span.name)?, value),
    };
    match appended {
        Ok(_) => Ok(()),
        Err(_) => Err(too_many(map, span.name)),
    }
}

#[inline(never)]
fn other_name(octets: &Bytes, name: Span) -> Result<HeaderName, DecodeError> {
    HeaderName::from_bytes(name.of(octets))
        .map_err(|_| DecodeError::new(DecodeErrorKind::FieldName, u64::from(name.start)))
}

/// The octets of a span, which share the memory.
#[inline(always)]
fn slice(octets: &Bytes, span: Span) -> Bytes {
    let range = span.start as usize..span.end as usize;
    match octets.get(range.clone()) {
        // A slice of nothing, or of what is not there, would be looked at once more.
        None | Some([]) => Bytes::new(),
        Some(_) => octets.slice(range),
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
    let value = HeaderValue::from_maybe_shared(slice(octets, host)).map_err(|_| {
        // As for the other values, where the head came in pieces.
        DecodeError::new(DecodeErrorKind::FieldValue, u64::from(host.start))
    })?;
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

/// A value whose octets have been checked.
///
/// Checking them again was a tenth of a browser's request (1,000 of 9,700 instructions in this crate).
#[allow(
    unsafe_code,
    reason = "the check would be the third over the same octets; the measurement is above"
)]
fn checked_value(octets: Bytes) -> HeaderValue {
    // SAFETY: `scan` or `check_values` has looked at these very octets, and has let pass what `HeaderValue` holds and nothing else:
    // HTAB, SP, VCHAR and obs-text. (A build with debug assertions checks it here once more.)
    unsafe { HeaderValue::from_maybe_shared_unchecked(octets) }
}
