//! Message body length (RFC 9112 section 6.3), as two tables.
//!
//! ```text
//! request    coding chunked          Chunked          response   HEAD, 1xx, 204, 304   Known(0)
//!            content-length n        Known(n)                    101, CONNECT and 2xx  Tunnel
//!            neither                 Known(0)                    coding chunked        Chunked
//!                                                                content-length n      Known(n)
//!                                                                neither               UntilClose
//! ```
//!
//! Both fields together, a coding in HTTP/1.0, and a coding that is not undone here are refused
//! before either table is asked, in both directions. Only a 2xx to `CONNECT` is a tunnel whatever its fields say: they are to
//! be ignored there (RFC 9110 section 9.3.6).

use http::{StatusCode, Version};

use crate::error::DecodeErrorKind;
use crate::exchange::MethodClass;

/// How the end of a message's content is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// So many octets; `Known(0)` is a message without content.
    Known(u64),
    /// The chunked transfer coding (RFC 9112 section 7.1).
    Chunked,
    /// All octets until the connection closes; responses only.
    UntilClose,
    /// No content and no further message: the octets behind the head belong to another protocol
    /// (101, or 2xx to `CONNECT`).
    Tunnel,
}

impl BodyLength {
    /// Whether the message has no content for certain.
    pub const fn is_empty(self) -> bool {
        matches!(self, BodyLength::Known(0) | BodyLength::Tunnel)
    }
}

/// What the field section says about framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FramingFields {
    /// The value of `Content-Length`.
    pub content_length: Option<u64>,
    /// The value of `Transfer-Encoding`.
    pub coding: Option<TransferCoding>,
    /// `Trailer` announces a field that frames messages: `Content-Length`, `Transfer-Encoding`, `Trailer`.
    pub late: bool,
}

/// A well-formed `Transfer-Encoding`: its last coding is `chunked` (RFC 9112 section 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferCoding {
    /// `chunked` alone.
    Chunked,
    /// `chunked` behind a coding that is not undone here.
    Unsupported,
}

/// The length of a request's content.
///
/// # Errors
///
/// `LengthAndCoding`, `CodingInOldVersion`, `UnsupportedCoding`, `Trailer`.
pub fn request(version: Version, fields: FramingFields) -> Result<BodyLength, DecodeErrorKind> {
    Ok(match announced(version, fields)? {
        Some(length) => length,
        None => BodyLength::Known(0),
    })
}

/// The length of the content of a response to a request of class `method`.
///
/// # Errors
///
/// `LengthAndCoding`, `CodingInOldVersion`, `UnsupportedCoding`, `Trailer`.
pub fn response(
    method: MethodClass,
    version: Version,
    status: StatusCode,
    fields: FramingFields,
) -> Result<BodyLength, DecodeErrorKind> {
    if opens_tunnel(method, status) {
        return Ok(BodyLength::Tunnel);
    }
    let announced = announced(version, fields)?;
    Ok(match without_content(method, status) {
        Some(length) => length,
        None => announced.unwrap_or(BodyLength::UntilClose),
    })
}

/// A 2xx to `CONNECT`.
pub(crate) fn opens_tunnel(method: MethodClass, status: StatusCode) -> bool {
    method == MethodClass::Connect && status.is_success()
}

/// `Known(0)` or `Tunnel` where method and status alone decide (RFC 9112 section 6.3, rules 1 and 2).
pub fn without_content(method: MethodClass, status: StatusCode) -> Option<BodyLength> {
    match (status.as_u16(), method) {
        (101, _) => Some(BodyLength::Tunnel),
        _ if opens_tunnel(method, status) => Some(BodyLength::Tunnel),
        (100..=199 | 204 | 304, _) | (_, MethodClass::Head) => Some(BodyLength::Known(0)),
        _ => None,
    }
}

fn announced(
    version: Version,
    fields: FramingFields,
) -> Result<Option<BodyLength>, DecodeErrorKind> {
    match (fields.coding, fields.content_length) {
        (None, None) => Ok(None),
        (None, Some(length)) => Ok(Some(BodyLength::Known(length))),
        (Some(_), Some(_)) => Err(DecodeErrorKind::LengthAndCoding),
        (Some(_), None) if version == Version::HTTP_10 => Err(DecodeErrorKind::CodingInOldVersion),
        (Some(TransferCoding::Chunked), None) if fields.late => Err(DecodeErrorKind::Trailer),
        (Some(TransferCoding::Chunked), None) => Ok(Some(BodyLength::Chunked)),
        (Some(TransferCoding::Unsupported), None) => Err(DecodeErrorKind::UnsupportedCoding),
    }
}

/// What a head that we send says about its content, and how the content behind it is framed.
///
/// The two differ where a field describes content that is not sent: the answer to a `HEAD`, a 304.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    /// The framing field of the head.
    pub field: LengthField,
    /// The framing of the content, for [`BodyEncoder`](crate::BodyEncoder).
    pub body: BodyLength,
}

/// The framing field of a head that we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthField {
    /// Neither field.
    None,
    /// `Content-Length`.
    ContentLength(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

impl From<BodyLength> for LengthField {
    /// The field that announces this length. `Known(0)` gives `Content-Length: 0`.
    fn from(length: BodyLength) -> Self {
        match length {
            BodyLength::Known(octets) => LengthField::ContentLength(octets),
            BodyLength::Chunked => LengthField::Chunked,
            BodyLength::UntilClose | BodyLength::Tunnel => LengthField::None,
        }
    }
}

/// How a response of ours is framed (RFC 9110 sections 8.6 and 15, RFC 9112 section 6).
///
/// `size` is the content's size where it is known, `declared` a `Content-Length` that the
/// application set. A known size overrules the declaration; a declaration stands where the size is
/// not known, and describes the content that is not sent with `HEAD` and 304. An unknown size is
/// chunked to HTTP/1.1, and ends with the connection to HTTP/1.0.
pub fn outgoing_response(
    method: MethodClass,
    version: Version,
    status: StatusCode,
    size: Option<u64>,
    declared: Option<u64>,
) -> Outgoing {
    let known = size.or(declared);
    let field = |known: Option<u64>| known.map_or(LengthField::None, LengthField::ContentLength);
    match without_content(method, status) {
        Some(BodyLength::Tunnel) => Outgoing {
            field: LengthField::None,
            body: BodyLength::Tunnel,
        },
        // An empty body tells nothing about the content that a GET would have had.
        Some(_) => Outgoing {
            field: match status.as_u16() {
                100..=199 | 204 => LengthField::None,
                304 => field(declared),
                _ => field(declared.or(size.filter(|size| *size > 0))),
            },
            body: BodyLength::Known(0),
        },
        None => match known {
            Some(octets) => Outgoing {
                field: LengthField::ContentLength(octets),
                body: BodyLength::Known(octets),
            },
            None if version == Version::HTTP_10 => Outgoing {
                field: LengthField::None,
                body: BodyLength::UntilClose,
            },
            None => Outgoing {
                field: LengthField::Chunked,
                body: BodyLength::Chunked,
            },
        },
    }
}

/// How a request of ours is framed (RFC 9110 section 8.6).
///
/// `Content-Length: 0` is sent where the method expects content (`POST`, `PUT`, `PATCH`), nothing
/// where it does not; an unknown size is chunked.
pub fn outgoing_request(method: &http::Method, size: Option<u64>) -> Outgoing {
    let expects_content = *method == http::Method::POST
        || *method == http::Method::PUT
        || *method == http::Method::PATCH;
    match size {
        Some(0) if !expects_content => Outgoing {
            field: LengthField::None,
            body: BodyLength::Known(0),
        },
        Some(octets) => Outgoing {
            field: LengthField::ContentLength(octets),
            body: BodyLength::Known(octets),
        },
        None => Outgoing {
            field: LengthField::Chunked,
            body: BodyLength::Chunked,
        },
    }
}
