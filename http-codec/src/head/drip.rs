//! Octets that arrive one by one.

use crate::grammar::Class;

/// What the next octet of an incomplete head may be without ending or changing anything, as most octets of a head are that
/// drips in: it costs some comparisons, and the parser behind sees it with the end of its line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drip {
    /// How many octets there are with the next one; 0 where it must be looked at.
    next: usize,
    /// Up to how many there may be.
    until: usize,
    class: Class,
}

impl Drip {
    /// Behind `seen` octets, any of a class does, as long as there are at most `until`.
    pub(super) const fn new(seen: usize, until: usize, class: Class) -> Self {
        Drip {
            next: seen + 1,
            until,
            class,
        }
    }

    /// Whether all but the last of these octets have been seen before, and the last is of the class or the CR that ends a line.
    #[inline(always)]
    pub(super) fn takes(&mut self, octets: &[u8]) -> bool {
        let Some(&octet) = octets.last() else {
            return false;
        };
        if octets.len() != self.next || octets.len() > self.until {
            return false;
        }
        if !self.class.has(octet) {
            if octet != b'\r' || !self.class.has(b' ') {
                return false;
            }
            self.until = 0;
        }
        self.next += 1;
        true
    }

    /// How many octets have been seen, without a CR at their end; from now on each must be looked at.
    pub(super) fn stop(&mut self) -> usize {
        let Drip { next, until, .. } = std::mem::take(self);
        match until {
            0 => next.saturating_sub(2),
            _ => next - 1,
        }
    }
}
