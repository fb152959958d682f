//! The strict line parser: the one authority on what a head is.
//!
//! ```text
//! HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
//! field-line   = field-name ":" OWS field-value OWS
//! ```
//!
//! It runs where the quick way ([`scan`](super::scan)) does not take a head, so that an error has its kind and
//! place, over heads that come in pieces, where a head is relaxed by [`Leniency`], and on trailer sections. The quick way accepts
//! nothing that this parser does not.

use super::drip::Drip;
use super::names;
use super::scan;
use super::span::{self, FieldSpan, FieldSpans, Span};
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::grammar;
use crate::leniency::Leniency;
use crate::limits::Limits;

/// One line: its octets, and where the next one starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) next: usize,
}

/// Finds lines in a buffer that grows; each octet is looked at once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LineReader {
    /// Octets that have been looked at; a CR whose LF is still missing has not.
    at: usize,
    /// Where the current line starts.
    start: usize,
}

/// What bounds the lines of one section.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Octets of all lines together, and what to say when there are more.
    pub(crate) section: (usize, Kind),
    /// Octets of one line, without its end.
    pub(crate) line: usize,
    /// How many octets there may be while the first line has no end.
    pub(super) first_line: usize,
    /// Field lines, and what to say when there are more.
    pub(crate) fields: (usize, Kind),
    pub(crate) leniency: Leniency,
}

impl Bounds {
    pub(crate) const fn head(limits: Limits, leniency: Leniency) -> Self {
        let most = least(limits.head, span::LAST);
        Bounds {
            section: (most, Kind::HeadTooLarge(most)),
            line: limits.line,
            first_line: least(limits.line, most.saturating_sub(1)),
            fields: (limits.fields, Kind::TooManyFields(limits.fields)),
            leniency,
        }
    }

    pub(crate) const fn trailer(limits: Limits, leniency: Leniency) -> Self {
        // Chunked content ends with the empty line, whatever fields may stand before it.
        let most = match limits.trailer {
            0 | 1 => b"\r\n".len(),
            octets => least(octets, span::LAST),
        };
        let fields = limits.trailer_fields;
        Bounds {
            section: (most, Kind::TrailerTooLarge(most)),
            line: limits.line,
            first_line: least(limits.line, most.saturating_sub(1)),
            fields: (fields, Kind::TooManyTrailerFields(fields)),
            leniency,
        }
    }
}

const fn least(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

impl LineReader {
    /// How far the octets have been looked at; at an error, its place.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Where the current line starts.
    pub(super) const fn start(&self) -> usize {
        self.start
    }

    /// Takes note that all of these octets have been looked at.
    pub(crate) fn skip(&mut self, seen: usize) {
        self.at = self.at.max(seen);
    }

    /// What may come unseen behind the octets that have been looked at: what reaches no limit, and no limit in its block.
    pub(super) const fn drip(&self, bounds: &Bounds) -> Option<Drip> {
        let last = Drip::last(self.at);
        match last + 1 < bounds.section.0 && last - self.start < bounds.line {
            true => Some(Drip::new(self.at)),
            false => None,
        }
    }

    /// The next line, or `None` while its end is not there. Of a bad line end and the limits, what shows first counts, however
    /// many octets come at once.
    pub(crate) fn next(
        &mut self,
        octets: &[u8],
        bounds: &Bounds,
    ) -> Result<Option<Line>, DecodeError> {
        let (section, longest) = (bounds.section.0, self.start.saturating_add(bounds.line));
        let line = self.line(octets, bounds.leniency);
        let (end, needed) = match line {
            Ok(Some(line)) => (line.end, line.next),
            Ok(None) => (self.at, octets.len().saturating_add(1)),
            Err(_) if octets[self.at] == b'\r' => (self.at, self.at + 2),
            Err(_) => (self.at, self.at + 1),
        };
        if end > longest && longest < section {
            self.at = longest + 1;
            return Err(DecodeError::at(Kind::LineTooLong(bounds.line), longest));
        }
        if needed > section {
            self.at = end.min(section);
            return Err(DecodeError::at(bounds.section.1, section));
        }
        line
    }

    /// Takes note of a line that ends with these octets, if no limit is near; what may come unseen behind it.
    pub(super) fn take(&mut self, octets: &[u8], bounds: &Bounds) -> Option<Drip> {
        if octets.len() - self.start > bounds.line {
            return None;
        }
        self.go_on(octets.len(), octets, bounds)
    }

    /// Takes note of an octet that ends nothing, the last of these, if no limit is near; what may come unseen behind it.
    pub(super) fn take_octet(&mut self, octets: &[u8], bounds: &Bounds) -> Option<Drip> {
        self.go_on(self.start, octets, bounds)
    }

    /// All of these octets have been looked at, if no limit is near, and the current line starts there.
    fn go_on(&mut self, start: usize, octets: &[u8], bounds: &Bounds) -> Option<Drip> {
        let next = LineReader {
            at: octets.len(),
            start,
        };
        let drip = next.drip(bounds)?;
        *self = next;
        Some(drip)
    }

    fn line(&mut self, octets: &[u8], leniency: Leniency) -> Result<Option<Line>, DecodeError> {
        let rest = octets.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let found = match rest {
            // The usual end of a line that drips in.
            [b'\r', b'\n'] => Some(0),
            _ => memchr::memchr2(b'\r', b'\n', rest),
        };
        let Some(found) = found else {
            self.at = octets.len().max(self.at);
            return Ok(None);
        };
        let end = self.at + found;
        self.at = end;
        let next = match (octets[end], octets.get(end + 1)) {
            (b'\r', Some(b'\n')) => end + 2,
            (b'\r', Some(_)) => return Err(DecodeError::at(Kind::BareCr, end)),
            (b'\r', None) => return Ok(None),
            _ if leniency.bare_lf => end + 1,
            _ => return Err(DecodeError::at(Kind::BareLf, end)),
        };
        let start = std::mem::replace(&mut self.start, next);
        self.at = next;
        Ok(Some(Line { start, end, next }))
    }
}

/// A field section, as far as its lines are complete.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    pub(crate) spans: FieldSpans,
    /// Line ends that [`Leniency::obs_fold`] makes part of a value, to be blanked.
    pub(crate) folds: Vec<Span>,
}

impl Section {
    /// Takes one line; `true` if it is the empty one that ends the section.
    pub(crate) fn take(
        &mut self,
        octets: &[u8],
        line: Line,
        bounds: &Bounds,
    ) -> Result<bool, DecodeError> {
        if line.start == line.end {
            return Ok(true);
        }
        if grammar::is_ows(octets[line.start]) {
            match self.spans.last_mut() {
                Some(field) if bounds.leniency.obs_fold => {
                    fold(octets, line, field)?;
                    let end = match octets[..line.start].ends_with(b"\r\n") {
                        true => line.start - 2,
                        false => line.start - 1,
                    };
                    self.folds.push(Span::new(end, line.start));
                }
                _ => return Err(DecodeError::at(Kind::ObsFold, line.start)),
            }
        } else {
            if self.spans.len() >= bounds.fields.0 {
                return Err(DecodeError::at(bounds.fields.1, line.start));
            }
            *self.spans.slot() = field_line(octets, line)?;
        }
        Ok(false)
    }

    /// Takes lines until the section ends; the place behind its empty line.
    pub(crate) fn take_all(
        &mut self,
        octets: &[u8],
        lines: &mut LineReader,
        bounds: &Bounds,
    ) -> Result<Option<usize>, DecodeError> {
        while let Some(line) = lines.next(octets, bounds)? {
            if self.take(octets, line, bounds)? {
                return Ok(Some(line.next));
            }
        }
        Ok(None)
    }

    /// Blanks the line ends that became part of values.
    pub(crate) fn unfold(&mut self, octets: &mut [u8]) {
        for fold in self.folds.drain(..) {
            octets[fold.start as usize..fold.end as usize].fill(b' ');
        }
    }
}

/// Parses a field line.
fn field_line(octets: &[u8], line: Line) -> Result<FieldSpan, DecodeError> {
    match scan::line(&octets[..line.end], line.start) {
        Some(field) => Ok(field),
        // What offends, and what has HTAB or obs-text in it.
        None => field_line_strictly(octets, line.start, line.end),
    }
}

fn field_line_strictly(octets: &[u8], start: usize, end: usize) -> Result<FieldSpan, DecodeError> {
    let line = &octets[start..end];
    let name = line
        .iter()
        .position(|&octet| !grammar::is_tchar(octet))
        .unwrap_or(line.len());
    if name == 0 || line.get(name) != Some(&b':') {
        let kind = match line.first() {
            Some(&first) if grammar::is_ows(first) => Kind::ObsFold,
            _ => Kind::FieldName,
        };
        return Err(DecodeError::at(kind, start + name));
    }
    Ok(FieldSpan {
        name: Span::new(start, start + name),
        value: value(octets, start + name + 1, end)?,
        known: names::find(&line[..name]),
    })
}

/// The value between `start` and `end`, without the whitespace around it.
fn value(octets: &[u8], start: usize, end: usize) -> Result<Span, DecodeError> {
    let raw = &octets[start..end];
    if let Some(offence) = raw
        .iter()
        .position(|&octet| !grammar::is_value_octet(octet))
    {
        return Err(DecodeError::at(Kind::FieldValue, start + offence));
    }
    Ok(Span::within(octets, grammar::trim_ows(raw)))
}

/// Appends a continuation line to the value before it.
fn fold(octets: &[u8], line: Line, field: &mut FieldSpan) -> Result<(), DecodeError> {
    let more = value(octets, line.start, line.end)?;
    if field.value.len() == 0 {
        field.value = more;
    } else if more.len() > 0 {
        field.value.end = more.end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beyond that a span would name another place, and `parts` would take what is there for a checked value.
    #[test]
    fn no_section_is_larger_than_a_span_can_reach() {
        let limits = Limits::request()
            .with_head(usize::MAX)
            .with_trailer(usize::MAX);
        for bounds in [Bounds::head, Bounds::trailer] {
            let (section, _) = bounds(limits, Leniency::strict()).section;
            assert_eq!(Span::new(section, section).start as usize, section);
        }
    }
}
