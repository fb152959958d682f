//! Places in a head. A head is bounded far below 4 GiB, so `u32` does.

use smallvec::SmallVec;

/// A run of octets of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The span of `part`, which lies in `whole`.
    pub(crate) fn within(whole: &[u8], part: &[u8]) -> Self {
        let start = part.as_ptr() as usize - whole.as_ptr() as usize;
        Span::new(start, start + part.len())
    }

    pub(crate) const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(crate) fn of(self, octets: &[u8]) -> &[u8] {
        octets
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// One field line: its name as spelled, and its value without the whitespace around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FieldSpan {
    pub(crate) name: Span,
    pub(crate) value: Span,
}

/// The field lines of a head; the usual request needs no allocation.
pub(crate) type FieldSpans = SmallVec<[FieldSpan; 16]>;
