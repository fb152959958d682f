//! From spans to the types of the `http` crate: the one place where a map is built.

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

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
    if form == TargetForm::Origin && target.len() == 1 {
        return Some(Uri::default());
    }
    let target = octets.slice(target.start as usize..target.end as usize);
    match form {
        TargetForm::Origin => PathAndQuery::from_maybe_shared(target).map(Uri::from).ok(),
        TargetForm::Authority => Authority::from_maybe_shared(target).map(Uri::from).ok(),
        TargetForm::Absolute | TargetForm::Asterisk => Uri::from_maybe_shared(target).ok(),
    }
}

/// The field lines as a map, in the storage of `map`.
pub(super) fn fields(
    octets: &Bytes,
    spans: &[FieldSpan],
    mut map: HeaderMap,
) -> Result<HeaderMap, DecodeError> {
    map.clear();
    let failed = |position: u32| {
        DecodeError::new(
            DecodeErrorKind::TooManyFields(spans.len()),
            u64::from(position),
        )
    };
    map.try_reserve(spans.len()).map_err(|_| failed(0))?;
    for span in spans {
        append(&mut map, octets, *span)?;
    }
    Ok(map)
}

/// Appends one field line to a map.
pub(crate) fn append(
    map: &mut HeaderMap,
    octets: &Bytes,
    span: FieldSpan,
) -> Result<(), DecodeError> {
    let at = |kind, span: Span| DecodeError::new(kind, u64::from(span.start));
    let name = HeaderName::from_bytes(span.name.of(octets))
        .map_err(|_| at(DecodeErrorKind::FieldName, span.name))?;
    let value = octets.slice(span.value.start as usize..span.value.end as usize);
    let value = HeaderValue::from_maybe_shared(value)
        .map_err(|_| at(DecodeErrorKind::FieldValue, span.value))?;
    map.try_append(name, value)
        .map_err(|_| at(DecodeErrorKind::TooManyFields(map.len()), span.name))?;
    Ok(())
}
