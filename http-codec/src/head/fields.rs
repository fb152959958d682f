//! Field lines in their order and spelling: read from a head, or given to one.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::span::{FieldSpan, Span};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::grammar;

/// One field line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name, in the case it was spelled in.
    pub name: &'a str,
    /// The value, without the whitespace around it; it may hold obs-text.
    pub value: &'a [u8],
}

/// The field lines of a head, in their order on the wire.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    octets: &'a [u8],
    spans: std::slice::Iter<'a, FieldSpan>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(octets: &'a [u8], spans: &'a [FieldSpan]) -> Self {
        Fields {
            octets,
            spans: spans.iter(),
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let span = self.spans.next()?;
        Some(Field {
            name: text(self.octets, span.name),
            value: span.value.of(self.octets),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.spans.size_hint()
    }
}

impl ExactSizeIterator for Fields<'_> {}

/// A span that a decoder has found to be ASCII.
pub(crate) fn text(octets: &[u8], span: Span) -> &str {
    std::str::from_utf8(span.of(octets)).unwrap_or_default()
}

/// Something that a head writer can take field lines from.
///
/// Whoever implements this answers for each name being a token and each value holding no control
/// octet but HTAB: the writer copies them as they are. All implementations here keep that promise.
pub trait FieldLines {
    /// Calls `each` with name and value of every line, in the order to write them in.
    fn for_each(&self, each: impl FnMut(&[u8], &[u8]));

    /// Whether `Host`, `Content-Length`, `Transfer-Encoding` and `Connection` keep the place and spelling that they
    /// have among these lines. Their values are the writer's in any case; where `false`, so are their place and name.
    #[inline]
    fn framing_in_place(&self) -> bool {
        false
    }
}

impl FieldLines for HeaderMap {
    #[inline(always)]
    fn for_each(&self, mut each: impl FnMut(&[u8], &[u8])) {
        for (name, value) in self {
            each(name.as_str().as_bytes(), value.as_bytes());
        }
    }
}

impl FieldLines for Fields<'_> {
    fn for_each(&self, mut each: impl FnMut(&[u8], &[u8])) {
        for field in self.clone() {
            each(field.name.as_bytes(), field.value);
        }
    }
}

/// No field lines.
impl FieldLines for () {
    fn for_each(&self, _: impl FnMut(&[u8], &[u8])) {}
}

impl FieldLines for [(HeaderName, HeaderValue)] {
    fn for_each(&self, mut each: impl FnMut(&[u8], &[u8])) {
        for (name, value) in self {
            each(name.as_str().as_bytes(), value.as_bytes());
        }
    }
}

/// A handful of lines that costs no allocation.
impl<const N: usize> FieldLines for [(HeaderName, HeaderValue); N] {
    fn for_each(&self, each: impl FnMut(&[u8], &[u8])) {
        self.as_slice().for_each(each);
    }
}

impl FieldLines for Vec<(HeaderName, HeaderValue)> {
    fn for_each(&self, each: impl FnMut(&[u8], &[u8])) {
        self.as_slice().for_each(each);
    }
}

/// The field lines of a head that was received: a proxy hands them on as they came.
impl FieldLines for super::ResponseHead {
    fn for_each(&self, each: impl FnMut(&[u8], &[u8])) {
        FieldLines::for_each(&self.fields(), each);
    }
}

/// The field lines of a head that was received: a proxy hands them on as they came.
impl FieldLines for super::RequestHead {
    fn for_each(&self, each: impl FnMut(&[u8], &[u8])) {
        FieldLines::for_each(&self.fields(), each);
    }
}

/// Field lines to write in a given order and spelling, which a `HeaderMap` does not keep.
///
/// ```
/// use http_codec::RawFields;
///
/// let mut fields = RawFields::new();
/// fields.push("X-B", "2")?;
/// fields.push("x-a", "1")?;
/// assert!(fields.push("X-C", "1\r\nX-D: 2").is_err());
/// # Ok::<(), http_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct RawFields {
    lines: Vec<(Bytes, Bytes)>,
    framing_in_place: bool,
}

impl RawFields {
    /// No lines.
    pub const fn new() -> Self {
        RawFields {
            lines: Vec::new(),
            framing_in_place: false,
        }
    }

    /// Lets a line of `Host`, `Content-Length`, `Transfer-Encoding` or `Connection` say where that field stands and how it is
    /// spelled. Its value stays the one that the writer frames the message with, and it is left out where the message has
    /// no such field; one that no line names comes where it always does. By default these lines are ignored but for
    /// the options of `Connection`.
    pub fn with_framing_in_place(mut self) -> Self {
        self.framing_in_place = true;
        self
    }

    /// Appends a line.
    ///
    /// # Errors
    ///
    /// `FieldName` if the name is not a token, `FieldValue` if the value holds a control octet.
    pub fn push(
        &mut self,
        name: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<(), EncodeError> {
        let (name, value) = (name.as_ref(), value.as_ref());
        if !grammar::is_token(name) {
            return Err(EncodeError::new(EncodeErrorKind::FieldName));
        }
        if !value.iter().all(|&octet| grammar::is_value_octet(octet)) {
            return Err(EncodeError::new(EncodeErrorKind::FieldValue));
        }
        self.lines
            .push((Bytes::copy_from_slice(name), Bytes::copy_from_slice(value)));
        Ok(())
    }

    /// Appends a line of checked parts.
    pub fn append(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.lines.push((
            Bytes::copy_from_slice(name.as_str().as_bytes()),
            Bytes::copy_from_slice(value.as_bytes()),
        ));
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl FieldLines for RawFields {
    fn for_each(&self, mut each: impl FnMut(&[u8], &[u8])) {
        for (name, value) in &self.lines {
            each(name, value);
        }
    }

    #[inline]
    fn framing_in_place(&self) -> bool {
        self.framing_in_place
    }
}
