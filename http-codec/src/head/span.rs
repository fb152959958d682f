//! Places in a head. No section is taken that is larger than [`LAST`], so `u32` does.

use std::fmt;

use super::names::Name;

/// The last place that a span can name.
pub(super) const LAST: usize = u32::MAX as usize;

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
    /// Which name it is.
    pub(crate) known: Name,
}

/// Field lines kept in place; more of them go to memory of their own.
const INLINE: usize = 16;

/// Field lines that memory of their own has room for, before it grows.
const ROOM: usize = 100;

/// The field lines of a head: the usual request needs no allocation, and the storage is kept from head
/// to head.
#[derive(Clone, Default)]
pub(crate) struct FieldSpans {
    inline: [FieldSpan; INLINE],
    /// All lines, where there are more than fit in place.
    spilled: Vec<FieldSpan>,
    length: usize,
    seen: Seen,
}

/// How the octets of field lines were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Seen {
    /// All together, and they have been in the decoder's hands since.
    #[default]
    Whole,
    /// As they came, in a buffer that the decoder's caller may have changed meanwhile.
    InPieces,
}

impl FieldSpans {
    /// The lines.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[FieldSpan] {
        match self.length {
            0..=INLINE => &self.inline[..self.length],
            _ => &self.spilled[..self.length],
        }
    }

    /// Room for one line more, with whatever was in it, to be written.
    #[inline(always)]
    pub(crate) fn slot(&mut self) -> &mut FieldSpan {
        let at = self.length;
        self.length += 1;
        if at >= INLINE && (at == INLINE || at >= self.spilled.len()) {
            self.spill();
        }
        match at {
            0..INLINE => &mut self.inline[at],
            _ => &mut self.spilled[at],
        }
    }

    /// One allocation for as many lines as a head has at most by default.
    #[inline(never)]
    fn spill(&mut self) {
        let room = ROOM.max(2 * self.spilled.len());
        if self.length > self.spilled.len() {
            self.spilled.resize(room, FieldSpan::default());
        }
        if self.length == INLINE + 1 {
            self.spilled[..INLINE].copy_from_slice(&self.inline);
        }
    }

    /// The last line.
    pub(crate) fn last_mut(&mut self) -> Option<&mut FieldSpan> {
        match self.length {
            0..=INLINE => self.inline[..self.length].last_mut(),
            _ => self.spilled[..self.length].last_mut(),
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) const fn seen(&self) -> Seen {
        self.seen
    }

    /// Takes over the lines of another, which came in pieces, and is left with none.
    pub(crate) fn take_over(&mut self, other: &mut FieldSpans) {
        self.seen = Seen::InPieces;
        self.length = std::mem::take(&mut other.length);
        match self.length {
            0..=INLINE => {
                let lines = &other.inline[..self.length];
                self.inline[..self.length].copy_from_slice(lines);
            }
            _ => std::mem::swap(&mut self.spilled, &mut other.spilled),
        }
    }

    /// Forgets the lines and keeps their room.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.length = 0;
        self.seen = Seen::Whole;
    }
}

impl fmt::Debug for FieldSpans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}
