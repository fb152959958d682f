//! The trailer section (RFC 9112 section 7.1.2), kept apart from the head.

use bytes::BytesMut;
use http::{HeaderMap, HeaderName};

use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::fields::trailer;
use crate::head::{self, TrailerSpans};
use crate::leniency::Leniency;
use crate::limits::Limits;

/// A trailer section, as far as it has come. Lines stay in the buffer until the section is complete.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TrailerSection {
    scan: head::Scan,
}

impl TrailerSection {
    /// The fields, once the empty line is there, split off `src`. `position` is that of the section.
    ///
    /// Fields that may not stand here are checked like the others, and then left out.
    pub(super) fn decode(
        &mut self,
        src: &mut BytesMut,
        position: u64,
        limits: Limits,
        leniency: Leniency,
    ) -> Result<Option<(usize, HeaderMap)>, DecodeError> {
        let section =
            |error: DecodeError| DecodeError::new(error.kind(), position + error.position());
        let end = match self.scan.advance(src, leniency) {
            head::Found::End(end) if end <= limits.trailer => end,
            head::Found::Nothing if src.len() < limits.trailer => return Ok(None),
            _ => {
                // Bad, or too large: the strict parser says which comes first.
                let kind = Kind::TrailerTooLarge(limits.trailer);
                let at = src.len().min(limits.trailer);
                parse(&src[..at], limits, leniency).map_err(section)?;
                return Err(section(DecodeError::at(kind, at)));
            }
        };
        let spans = parse(&src[..end], limits, leniency).map_err(section)?;
        for fold in &spans.folds {
            src[fold.start as usize..fold.end as usize].fill(b' ');
        }
        let octets = src.split_to(end).freeze();
        let mut map = HeaderMap::new();
        for span in &spans.fields {
            let name = HeaderName::from_bytes(span.name.of(&octets));
            if name.is_ok_and(|name| trailer::is_allowed(&name)) {
                head::append(&mut map, &octets, *span).map_err(section)?;
            }
        }
        Ok(Some((end, map)))
    }
}

fn parse(octets: &[u8], limits: Limits, leniency: Leniency) -> Result<TrailerSpans, DecodeError> {
    let bounds = limits
        .with_fields(limits.trailer_fields)
        .with_line(limits.trailer);
    head::trailer_section(octets, bounds, leniency).map_err(|error| match error.kind() {
        Kind::TooManyFields(lines) => {
            DecodeError::new(Kind::TooManyTrailerFields(lines), error.position())
        }
        _ => error,
    })
}
