//! The trailer section (RFC 9112 section 7.1.2), kept apart from the head.

use bytes::BytesMut;
use http::{HeaderMap, HeaderName};

use crate::error::DecodeError;
use crate::fields::trailer;
use crate::head::{self, Bounds, FieldSpan, LineReader, Section, Seen};

/// A trailer section, as far as it has come. Its lines stay in the buffer until it is complete.
#[derive(Debug, Clone, Default)]
pub(super) struct TrailerSection {
    lines: LineReader,
    section: Section,
}

impl TrailerSection {
    /// The fields, once the empty line is there, and the octets that were split off `src` for them.
    ///
    /// Fields that may not stand here are checked like the others, and then left out.
    pub(super) fn decode(
        &mut self,
        src: &mut BytesMut,
        bounds: &Bounds,
    ) -> Result<Option<(usize, HeaderMap)>, DecodeError> {
        let Some(end) = self.section.take_all(src, &mut self.lines, bounds)? else {
            return Ok(None);
        };
        self.section.unfold(src);
        let octets = src.split_to(end).freeze();
        let is_allowed = |span: &FieldSpan| {
            HeaderName::from_bytes(span.name.of(&octets))
                .is_ok_and(|name| trailer::is_allowed(&name))
        };
        let spans = self.section.spans.as_slice().iter().copied();
        let allowed: Vec<FieldSpan> = spans.filter(is_allowed).collect();
        let mut map = HeaderMap::new();
        head::fill(&octets, &allowed, Seen::InPieces, &mut map)?;
        Ok(Some((end, map)))
    }
}
