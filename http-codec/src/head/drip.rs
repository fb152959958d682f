//! Octets that arrive one by one.

/// The place of the next octet of a line that drips in. As long as the octet there ends nothing it costs a few comparisons, and
/// is parsed with its line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drip {
    /// The least significant octet first. Only that one counts on, so that behind each block of 256 octets the place is wrong, and
    /// the limits are seen to: that spares a comparison with them for each octet.
    at: [u8; 4],
}

impl Drip {
    /// No octet comes unseen.
    pub(super) const NONE: Drip = Drip { at: [u8::MAX; 4] };

    /// Behind `seen` octets, any that ends nothing comes unseen, up to the one at [`last`](Drip::last).
    pub(super) const fn new(seen: usize) -> Self {
        Drip {
            at: (seen as u32).to_le_bytes(),
        }
    }

    /// The place of the last octet that can come unseen behind so many.
    pub(super) const fn last(seen: usize) -> usize {
        seen | 0xff
    }

    /// Whether the last of these octets alone is new, and ends nothing.
    #[inline(always)]
    pub(super) fn takes(&mut self, octets: &[u8]) -> bool {
        let takes = self.next(octets).is_some_and(|octet| octet > b'\r');
        if takes {
            self.at[0] = octets.len() as u8;
        }
        takes
    }

    /// Whether the last of these octets alone is new, and a CR. What comes behind it tells whether it is bare.
    #[inline(always)]
    pub(super) fn is_cr(&self, octets: &[u8]) -> bool {
        self.next(octets) == Some(b'\r')
    }

    /// The last of these octets, if it alone is new.
    #[inline(always)]
    fn next(&self, octets: &[u8]) -> Option<u8> {
        let at = u32::from_le_bytes(self.at) as usize;
        match at.wrapping_add(1) == octets.len() {
            true => octets.get(at).copied(),
            false => None,
        }
    }

    /// From now on each octet is seen. How many have been, or have been taken, and end nothing; at the end of a block it is those
    /// before the block.
    pub(super) fn stop(&mut self) -> usize {
        let Drip { at } = std::mem::replace(self, Drip::NONE);
        match at == Drip::NONE.at {
            true => 0,
            false => u32::from_le_bytes(at) as usize,
        }
    }
}
