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

    /// Looks at the last of these octets, if it alone is new.
    #[inline(always)]
    pub(super) fn look(&mut self, octets: &[u8]) -> Look {
        let at = u32::from_le_bytes(self.at) as usize;
        if at.wrapping_add(1) != octets.len() {
            return Look::More;
        }
        match octets.get(at) {
            Some(octet) if *octet > b'\r' => {
                self.at[0] = octets.len() as u8;
                Look::Nothing
            }
            _ => Look::End,
        }
    }

    /// Whether the last of these octets alone is new behind a block that has come unseen since `seen` octets, and ends nothing.
    pub(super) fn is_behind_block(&self, seen: usize, octets: &[u8]) -> bool {
        let at = u32::from_le_bytes(self.at) as usize;
        // A block that was seen at its start could be one of which nothing has come.
        let whole = self.at[0] == 0 && seen % 256 != 0;
        whole
            && at.wrapping_add(257) == octets.len()
            && octets.last().is_some_and(|octet| *octet > b'\r')
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

/// What has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// One octet that ends nothing; it is taken.
    Nothing,
    /// One octet that may belong to the end of the line.
    End,
    /// More than one octet, or one that is not to come unseen.
    More,
}
