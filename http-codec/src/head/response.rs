//! The head of a response: one run of octets and the places of its parts.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};

use super::facts::Facts;
use super::fields::Fields;
use super::parts;
use super::reason::ReasonPhrase;
use super::span::{FieldSpans, Span};
use crate::error::DecodeError;
use crate::exchange::{MethodClass, Persistence};
use crate::framing::{self, BodyLength};

/// The head of a response, as spans over its octets, with the facts of its framing.
///
/// Decoded in place by [`ResponseHeadDecoder`](crate::ResponseHeadDecoder): a head that is reused
/// from message to message keeps its span storage and allocates nothing.
#[derive(Debug, Clone)]
pub struct ResponseHead {
    pub(super) octets: Bytes,
    pub(super) spans: FieldSpans,
    reason: Span,
    status: StatusCode,
    version: Version,
    length: BodyLength,
    persistence: Persistence,
    upgrade: bool,
}

impl Default for ResponseHead {
    /// An empty head, with status 200.
    fn default() -> Self {
        ResponseHead {
            octets: Bytes::new(),
            spans: FieldSpans::default(),
            reason: Span::default(),
            status: StatusCode::OK,
            version: Version::HTTP_11,
            length: BodyLength::Known(0),
            persistence: Persistence::KeepAlive,
            upgrade: false,
        }
    }
}

/// The parts of a status line.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatusLineSpans {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    pub(super) reason: Span,
}

impl ResponseHead {
    /// The status code.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The reason phrase; it may be empty, and may hold obs-text.
    pub fn reason(&self) -> &[u8] {
        self.reason.of(&self.octets)
    }

    /// `HTTP/1.0` or `HTTP/1.1`; a higher minor version counts as 1.1.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The field lines in their order and spelling.
    pub fn fields(&self) -> Fields<'_> {
        Fields::new(&self.octets, self.spans.as_slice())
    }

    /// The value of the first field line of this name, in any case.
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields()
            .find(|field| field.name.eq_ignore_ascii_case(name))
            .map(|field| field.value)
    }

    /// The length of the content, the request's method taken into account.
    pub fn length(&self) -> BodyLength {
        self.length
    }

    /// Whether the connection persists after this response: `close`, HTTP/1.0 without `keep-alive`,
    /// and content that only the close ends say no.
    pub fn persistence(&self) -> Persistence {
        self.persistence
    }

    /// Whether both `Connection: upgrade` and an `Upgrade` are there, as a 101 must have them (RFC
    /// 9110 section 15.2.2).
    pub fn upgrade(&self) -> bool {
        self.upgrade
    }

    /// Whether this is an interim response: 1xx, except 101, after which HTTP is over.
    pub fn is_interim(&self) -> bool {
        self.status.is_informational() && self.status != StatusCode::SWITCHING_PROTOCOLS
    }

    /// The octets of the head, from the version to the empty line.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// Drops the octets and keeps the span storage.
    pub fn clear(&mut self) {
        // In place: the span storage is large to move. The next head sets the rest.
        self.octets = Bytes::new();
        self.spans.clear();
        self.reason = Span::default();
        self.status = StatusCode::OK;
        self.version = Version::HTTP_11;
        self.length = BodyLength::Known(0);
        self.persistence = Persistence::KeepAlive;
        self.upgrade = false;
    }

    /// The head in the types of the `http` crate. `recycled` is a map whose allocations are used
    /// again; what is in it is dropped. A reason phrase other than the usual one goes into the
    /// extensions, as [`ReasonPhrase`].
    ///
    /// # Errors
    ///
    /// `FieldName` where a name is one that [`http::HeaderName`] cannot hold (64 KiB or more), `TooManyFields` where the map cannot
    /// hold the fields, `FieldValue` where the head came in pieces and the decoder was not given the same buffer each time.
    pub fn to_parts(&self, recycled: HeaderMap) -> Result<http::response::Parts, DecodeError> {
        let mut response = http::Response::new(());
        *response.headers_mut() = recycled;
        self.fill(&mut response)?;
        Ok(response.into_parts().0)
    }

    /// Makes a new response, one of [`http::Response::new`], this head's: in place, for a response is too large to be moved
    /// about. Fields that it has are dropped, their storage is used again; a reason phrase is kept as
    /// [`to_parts`](Self::to_parts) does it.
    ///
    /// # Errors
    ///
    /// As of [`to_parts`](Self::to_parts). The response is filled in part then.
    pub fn fill<B>(&self, response: &mut http::Response<B>) -> Result<(), DecodeError> {
        *response.status_mut() = self.status;
        *response.version_mut() = self.version;
        let (spans, map) = (&self.spans, response.headers_mut());
        parts::fill(&self.octets, spans.as_slice(), spans.seen(), map)?;
        let reason = self.reason();
        let usual = self.status.canonical_reason().unwrap_or_default();
        if !reason.is_empty() && reason != usual.as_bytes() {
            let phrase = self.octets.slice_ref(reason);
            let phrase = ReasonPhrase::checked(phrase);
            response.extensions_mut().insert(phrase);
        }
        Ok(())
    }

    /// Fills in what follows from the start line and the facts; the spans of the fields and the
    /// octets are the decoder's to set.
    pub(super) fn conclude(
        &mut self,
        octets: &[u8],
        line: StatusLineSpans,
        method: MethodClass,
        facts: &Facts,
    ) -> Result<(), DecodeError> {
        let length = framing::response(method, line.version, line.status, facts.framing)
            .map_err(|kind| DecodeError::at(kind, octets.len()))?;
        self.version = line.version;
        self.status = line.status;
        self.reason = line.reason;
        self.length = length;
        self.persistence = match length {
            BodyLength::UntilClose => Persistence::Close,
            _ => facts.connection.persistence(line.version),
        };
        self.upgrade = facts.upgrade && facts.connection.upgrade;
        Ok(())
    }
}
