//! Which fields may stand in a trailer section (RFC 9110 section 6.5.1), and which are declared to.

use http::HeaderMap;
use http::header::{self, HeaderName, HeaderValue};
use smallvec::SmallVec;

use crate::grammar;

/// Whether a field may be sent in a trailer section, and handed on from one.
///
/// Framing, routing, authentication, request modifiers and the description of the content would be
/// too late there, and dangerous where somebody merges them into the head.
pub fn is_allowed(name: &HeaderName) -> bool {
    const FORBIDDEN: [HeaderName; 36] = [
        header::AGE,
        header::AUTHORIZATION,
        header::CACHE_CONTROL,
        header::CONNECTION,
        header::CONTENT_ENCODING,
        header::CONTENT_LANGUAGE,
        header::CONTENT_LENGTH,
        header::CONTENT_LOCATION,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::COOKIE,
        header::DATE,
        header::EXPECT,
        header::EXPIRES,
        header::HOST,
        header::IF_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_NONE_MATCH,
        header::IF_RANGE,
        header::IF_UNMODIFIED_SINCE,
        header::LOCATION,
        header::MAX_FORWARDS,
        header::PRAGMA,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::RANGE,
        header::RETRY_AFTER,
        header::SET_COOKIE,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::VARY,
        header::VIA,
        header::WARNING,
        header::WWW_AUTHENTICATE,
    ];
    const FORBIDDEN_BY_TEXT: [&str; 3] = ["keep-alive", "proxy-connection", "http2-settings"];
    !FORBIDDEN.contains(name) && !FORBIDDEN_BY_TEXT.contains(&name.as_str())
}

/// Whether the value of a `Trailer` field announces one that frames messages: whoever merged it into the head would be misled.
pub(crate) fn names_framing(value: &[u8]) -> bool {
    const FRAMING: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"trailer"];
    value.split(|octet| *octet == b',').any(|name| {
        let name = name.trim_ascii();
        FRAMING
            .iter()
            .any(|framing| name.eq_ignore_ascii_case(framing))
    })
}

/// The names that a head declared in its `Trailer` fields: what may follow the content.
///
/// Small and cheap to keep beside an encoder: values are shared, not copied.
#[derive(Debug, Clone, Default)]
pub struct TrailerNames {
    names: Names,
}

#[derive(Debug, Clone, Default)]
enum Names {
    /// Nothing was declared.
    #[default]
    None,
    /// Everything passes: the recipient asked for trailers, or a proxy hands on what it got.
    Any,
    /// The values of the `Trailer` field lines.
    Declared(SmallVec<[HeaderValue; 1]>),
}

impl TrailerNames {
    /// No name at all: every trailer field is dropped.
    pub const fn none() -> Self {
        TrailerNames { names: Names::None }
    }

    /// Every name that may be sent in a trailer section.
    pub const fn any() -> Self {
        TrailerNames { names: Names::Any }
    }

    /// The names in the `Trailer` fields of a head.
    pub fn declared(fields: &HeaderMap) -> Self {
        let values: SmallVec<_> = fields.get_all(header::TRAILER).iter().cloned().collect();
        if values.is_empty() {
            TrailerNames::none()
        } else {
            TrailerNames {
                names: Names::Declared(values),
            }
        }
    }

    /// Takes in the value of one more `Trailer` field; a value that no field can have is ignored.
    pub fn declare(&mut self, value: &[u8]) {
        let Ok(value) = HeaderValue::from_bytes(value) else {
            return;
        };
        match &mut self.names {
            Names::Any => {}
            Names::Declared(values) => values.push(value),
            Names::None => self.names = Names::Declared(smallvec::smallvec![value]),
        }
    }

    /// Whether no trailer field can pass.
    pub const fn is_none(&self) -> bool {
        matches!(self.names, Names::None)
    }

    /// Whether a trailer field of this name is sent.
    pub fn contains(&self, name: &HeaderName) -> bool {
        let declared = match &self.names {
            Names::None => false,
            Names::Any => true,
            Names::Declared(values) => values
                .iter()
                .flat_map(|value| grammar::list(value.as_bytes()))
                .any(|member| member.eq_ignore_ascii_case(name.as_str().as_bytes())),
        };
        declared && is_allowed(name)
    }
}
