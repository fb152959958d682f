//! Places in a head. A head is bounded far below 4 GiB, so `u32` does.

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

/// Field lines kept in place; more of them go to memory of their own.
const INLINE: usize = 16;

/// The field lines of a head: the usual request needs no allocation, and the storage is kept from head
/// to head.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldSpans {
    inline: [FieldSpan; INLINE],
    /// All lines, where there are more than fit in place.
    spilled: Vec<FieldSpan>,
    length: usize,
}

impl FieldSpans {
    /// Room for `count` lines, with whatever was in it, to be written in full.
    #[inline]
    pub(crate) fn slots(&mut self, count: usize) -> &mut [FieldSpan] {
        self.length = count;
        if count <= INLINE {
            return &mut self.inline[..count];
        }
        if self.spilled.len() < count {
            self.spilled.resize(count, FieldSpan::default());
        }
        &mut self.spilled[..count]
    }

    /// The lines.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[FieldSpan] {
        if self.length <= INLINE {
            &self.inline[..self.length]
        } else {
            &self.spilled[..self.length]
        }
    }

    /// Appends a line.
    pub(crate) fn push(&mut self, line: FieldSpan) {
        let count = self.length + 1;
        if count == INLINE + 1 {
            self.spilled.clear();
            self.spilled.extend_from_slice(&self.inline);
        }
        if let Some(last) = self.slots(count).last_mut() {
            *last = line;
        }
    }

    /// The last line.
    pub(crate) fn last_mut(&mut self) -> Option<&mut FieldSpan> {
        let count = self.length;
        self.slots(count).last_mut()
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// Forgets the lines and keeps their room.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }
}
