//! Reading with checks: the table's lookup in safe code alone. Used with the feature `safe`; the tests hold it against
//! [`Unchecked`](super::fast::Unchecked) and the walk over the nodes.

use super::search::{Access, Marks};

/// Reads as everyone does.
pub(crate) struct Checked;

impl Access for Checked {
    #[inline(always)]
    fn octets(path: &[u8], at: usize) -> u64 {
        path[at..at + 8].try_into().map_or(0, u64::from_le_bytes)
    }

    #[inline(always)]
    fn element<T>(slice: &[T], at: usize) -> &T {
        &slice[at]
    }

    #[inline(always)]
    fn short(path: &[u8]) -> u64 {
        path.iter()
            .rev()
            .fold(0, |word, &octet| word << 8 | u64::from(octet))
    }

    #[inline(always)]
    fn marks(path: &[u8]) -> Marks {
        let (mut slashes, mut dots, mut escapes, mut at) = (0, 0, 0, 0);
        let words = path.chunks_exact(8);
        let tail = Self::short(words.remainder());
        for word in words {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            slashes |= gather(equal(word, b'/')) << at;
            dots |= gather(equal(word, b'.')) << at;
            escapes |= equal(word, b'%');
            at += 8;
        }
        slashes |= gather(equal(tail, b'/')) << (at & 63);
        dots |= gather(equal(tail, b'.')) << (at & 63);
        escapes |= equal(tail, b'%');
        Marks {
            slashes,
            dots,
            escaped: escapes != 0,
        }
    }
}

const ONES: u64 = u64::MAX / 0xff;

/// The highest bit of each octet that is `octet`.
#[inline(always)]
fn equal(word: u64, octet: u8) -> u64 {
    let zero = word ^ (ONES * u64::from(octet));
    let low = ONES * 0x7f;
    !(((zero & low) + low) | zero | low)
}

/// The highest bits of the octets, side by side.
#[inline(always)]
fn gather(bits: u64) -> u64 {
    (bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
