//! Where the values of a match lie in the path: spans, sixteen of them without an allocation.

/// A range of octets of the path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// The first octet.
    pub start: u32,
    /// Behind the last octet.
    pub end: u32,
}

/// The number of spans that are kept in place.
pub(super) const INLINE: usize = 16;

/// The spans of one match, in the order of the path. Made to be used again: a lookup clears it first.
#[derive(Default)]
pub struct Captures {
    pub(super) len: usize,
    pub(super) inline: [Span; INLINE],
    /// The path was seen to hold no escape, so that its values need no decoding.
    pub(crate) plain: bool,
    /// All spans, once there are more than fit `inline`.
    spilled: Vec<Span>,
}

impl Captures {
    /// No spans.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The spans.
    #[must_use]
    pub fn as_slice(&self) -> &[Span] {
        if self.len <= INLINE {
            &self.inline[..self.len]
        } else {
            &self.spilled
        }
    }

    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets all spans, and keeps the memory.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    pub(crate) fn push(&mut self, start: usize, end: usize) {
        // A lookup refuses paths that `u32` cannot count.
        let span = Span {
            start: start as u32,
            end: end as u32,
        };
        if let Some(slot) = self.inline.get_mut(self.len) {
            *slot = span;
        } else {
            if self.len == INLINE {
                self.spilled.clear();
                self.spilled.extend_from_slice(&self.inline);
            }
            self.spilled.push(span);
        }
        self.len += 1;
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        if self.len > INLINE {
            self.spilled.truncate(len);
        }
        self.len = self.len.min(len);
    }
}

impl Clone for Captures {
    #[inline]
    fn clone(&self) -> Self {
        let spilled = match self.len <= INLINE {
            true => Vec::new(),
            false => self.spilled.clone(),
        };
        // Last, and so copied once.
        Self {
            len: self.len,
            inline: self.inline,
            plain: self.plain,
            spilled,
        }
    }
}

impl std::fmt::Debug for Captures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.as_slice().iter().map(|span| span.start..span.end))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_beyond_the_inline_ones_spill_and_come_back() {
        let mut captures = Captures::new();
        for i in 0..40 {
            captures.push(i, i + 1);
        }
        let starts: Vec<u32> = captures.as_slice().iter().map(|span| span.start).collect();
        assert_eq!(starts, (0..40).collect::<Vec<_>>());
        captures.truncate(10);
        captures.push(99, 100);
        assert_eq!(captures.len(), 11);
        assert_eq!(captures.as_slice()[9].start, 9);
        assert_eq!(captures.as_slice()[10].start, 99);
    }
}
