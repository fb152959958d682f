//! The head of a request: one run of octets and the places of its parts.

use bytes::Bytes;
use http::{HeaderMap, Version};

use super::facts::{Facts, KnownHost};
use super::fields::{self, Fields};
use super::parts;
use super::span::{FieldSpans, Span};
use super::start_line::RequestLineSpans;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::exchange::{Exchange, Expectation, MethodClass};
use crate::framing::{self, BodyLength};
use crate::target::{self, TargetForm};

/// The head of a request, as spans over its octets, with the facts of its framing.
///
/// Decoded in place by [`RequestHeadDecoder`](crate::RequestHeadDecoder): a head that is reused
/// from message to message keeps its span storage and allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct RequestHead {
    pub(super) octets: Bytes,
    pub(super) spans: FieldSpans,
    method: Span,
    target: Span,
    host: Option<Span>,
    form: TargetForm,
    length: Length,
    exchange: Exchange,
}

/// `BodyLength` with a default.
#[derive(Debug, Clone, Copy)]
struct Length(BodyLength);

impl Default for Length {
    fn default() -> Self {
        Length(BodyLength::Known(0))
    }
}

impl RequestHead {
    /// The method, a token; methods are case-sensitive.
    pub fn method(&self) -> &str {
        fields::text(&self.octets, self.method)
    }

    /// The request-target as it was sent.
    pub fn target(&self) -> &str {
        fields::text(&self.octets, self.target)
    }

    /// The path of the request-target (RFC 9112 section 3.2, RFC 3986 section 3.3), as it was sent: nothing is decoded. `/` where an
    /// absolute-form has none, `*` in the asterisk-form, empty in the authority-form. It is looked for at each call.
    #[inline]
    pub fn path(&self) -> &str {
        let (path, _) = self.path_and_query();
        match fields::text(&self.octets, path) {
            "" if self.form == TargetForm::Absolute => "/",
            path => path,
        }
    }

    /// The query of the request-target (RFC 3986 section 3.4), as it was sent, without the `?` before it; `None` where there is no `?`.
    #[inline]
    pub fn query(&self) -> Option<&str> {
        let (_, query) = self.path_and_query();
        query.map(|query| fields::text(&self.octets, query))
    }

    /// Path and query of the request-target.
    #[inline]
    fn path_and_query(&self) -> (Span, Option<Span>) {
        let Span { mut start, end } = self.target;
        match (self.form, self.host) {
            (TargetForm::Authority, _) => start = end,
            (TargetForm::Absolute, Some(authority)) => start = authority.end,
            _ => {}
        }
        let whole = Span { start, end };
        let mut octets = whole.of(&self.octets).iter();
        match octets.position(|&octet| octet == b'?') {
            Some(length) => {
                let end = start + length as u32;
                (
                    Span { start, end },
                    Some(Span {
                        start: end + 1,
                        ..whole
                    }),
                )
            }
            None => (whole, None),
        }
    }

    /// The form of the request-target.
    pub fn target_form(&self) -> TargetForm {
        self.form
    }

    /// `HTTP/1.0` or `HTTP/1.1`; a higher minor version counts as 1.1.
    pub fn version(&self) -> Version {
        self.exchange.version
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

    /// The host that the request is for: the authority of the target where it has one, else the value of
    /// `Host` (RFC 9112 section 3.2.2). `None` in HTTP/1.0 without either.
    pub fn host(&self) -> Option<&str> {
        self.host.map(|span| fields::text(&self.octets, span))
    }

    /// What a response must know of this request.
    pub fn exchange(&self) -> Exchange {
        self.exchange
    }

    /// The length of the content.
    pub fn length(&self) -> BodyLength {
        self.length.0
    }

    /// The octets of the head, from the first of the method to the empty line.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// Drops the octets and keeps the span storage.
    pub fn clear(&mut self) {
        self.octets = Bytes::new();
        self.spans.clear();
        self.method = Span::default();
        self.target = Span::default();
        self.host = None;
        self.form = TargetForm::Origin;
        self.length = Length::default();
        self.exchange = Exchange::default();
    }

    /// The head in the types of the `http` crate. `recycled` is a map whose allocations are used
    /// again; what is in it is dropped.
    ///
    /// # Errors
    ///
    /// As of [`fill`](Self::fill).
    pub fn to_parts(&self, recycled: HeaderMap) -> Result<http::request::Parts, DecodeError> {
        let mut request = http::Request::new(());
        *request.headers_mut() = recycled;
        self.fill(&mut request)?;
        Ok(request.into_parts().0)
    }

    /// Makes a new request, one of [`http::Request::new`], this head's: in place, for a request is too large to be moved about.
    /// The allocations of its map are used again; what was in the map is dropped.
    ///
    /// Where the target has an authority, that is what `Host` says in the map, whatever it said on the wire (RFC 9112
    /// section 3.2.2): nobody who looks there is led astray.
    ///
    /// # Errors
    ///
    /// `Target` where the target is one that [`http::Uri`] cannot hold, `FieldName` where a name is one that [`http::HeaderName`]
    /// cannot (64 KiB or more), `TooManyFields` where the map cannot hold the fields, `FieldValue` where the head came in pieces and
    /// the decoder was not given the same buffer each time. The request is filled in part then.
    #[inline(always)]
    pub fn fill<B>(&self, request: &mut http::Request<B>) -> Result<(), DecodeError> {
        let map = request.headers_mut();
        let spans = &self.spans;
        parts::fill(&self.octets, spans.as_slice(), spans.seen(), map)?;
        if matches!(self.form, TargetForm::Absolute | TargetForm::Authority) {
            parts::set_host(&self.octets, self.host, map)?;
        }
        // A new request is `GET / HTTP/1.1`.
        if self.form != TargetForm::Origin || self.target.len() != 1 {
            parts::set_uri(&self.octets, self.target, self.form, request.uri_mut())?;
        }
        match self.method.of(&self.octets) {
            b"GET" => {}
            method => *request.method_mut() = parts::method(method),
        }
        *request.version_mut() = self.exchange.version;
        Ok(())
    }

    /// Fills in what follows from the start line and the facts; the spans of the fields and the
    /// octets are the decoder's to set.
    #[inline(always)]
    pub(super) fn conclude(
        &mut self,
        octets: &[u8],
        line: RequestLineSpans,
        facts: &Facts,
        known: &mut KnownHost,
    ) -> Result<(), DecodeError> {
        let method = line.method.of(octets);
        let class = MethodClass::of(method);
        let origin = octets.get(line.target.start as usize) == Some(&b'/');
        self.method = line.method;
        self.target = line.target;
        match facts.host {
            // The usual request: a path, a host, nothing about content or connection.
            Some(host)
                if origin
                    && !facts.special
                    && host.len() > 0
                    && class != MethodClass::Connect
                    && line.version == Version::HTTP_11 =>
            {
                known
                    .check(host.of(octets))
                    .map_err(|kind| DecodeError::new(kind, u64::from(host.start)))?;
                self.host = Some(host);
                self.form = TargetForm::Origin;
                self.length = Length::default();
                self.exchange = Exchange {
                    method: class,
                    ..Exchange::default()
                };
                Ok(())
            }
            _ => self.conclude_unusual(octets, method, line.version, facts, known),
        }
    }

    #[inline(never)]
    fn conclude_unusual(
        &mut self,
        octets: &[u8],
        method: &[u8],
        version: Version,
        facts: &Facts,
        known: &mut KnownHost,
    ) -> Result<(), DecodeError> {
        let at_end = |kind| DecodeError::at(kind, octets.len());
        let class = MethodClass::of(method);
        let start = self.target.start as usize;
        let target = target::classify(class, method, self.target.of(octets))
            .map_err(|kind| DecodeError::at(kind, start))?;
        if let Some(host) = facts.host {
            let empty = host.len() == 0 && target.form == TargetForm::Origin;
            let checked = match empty {
                true => Err(DecodeErrorKind::Host),
                false => known.check(host.of(octets)),
            };
            checked.map_err(|kind| DecodeError::new(kind, u64::from(host.start)))?;
        } else if version != Version::HTTP_10 {
            return Err(at_end(DecodeErrorKind::HostMissing));
        }
        let length = framing::request(version, facts.framing).map_err(at_end)?;
        self.form = target.form;
        self.host = match target.authority {
            Some((from, to)) => Some(Span::new(start + from, start + to)),
            None => facts.host,
        };
        self.length = Length(length);
        self.exchange = exchange(class, version, length, facts);
        Ok(())
    }
}

/// `100-continue` has a meaning only in HTTP/1.1 and before content, what else is expected is unknown in
/// every version (RFC 9110 section 10.1.1); an upgrade is one only in HTTP/1.1, where `Connection` names it,
/// and without content.
#[inline]
fn exchange(method: MethodClass, version: Version, length: BodyLength, facts: &Facts) -> Exchange {
    let modern = version != Version::HTTP_10;
    let expectation = match facts.expectation {
        Expectation::Continue if !modern || length.is_empty() => Expectation::None,
        expectation => expectation,
    };
    Exchange {
        method,
        version,
        persistence: facts.connection.persistence(version),
        expectation,
        upgrade: modern && facts.upgrade && facts.connection.upgrade && length.is_empty(),
    }
}
