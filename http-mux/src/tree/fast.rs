//! Reading without checks what the table and the slashes guarantee.
//!
//! All `unsafe` code of this crate is here. The [checked](super::checked::Checked) reading gives the same results, is what the feature
//! `safe` uses, and is held against this one by the tests.
#![allow(
    unsafe_code,
    reason = "a lookup in the GitHub routes takes three quarters of the instructions that it takes with checks, and 0.6 of matchit's"
)]

use super::search::{Access, Marks};

/// Reads what is known to be there.
pub(crate) struct Unchecked;

impl Access for Unchecked {
    #[inline(always)]
    fn octets(path: &[u8], at: usize) -> u64 {
        debug_assert!(at + 8 <= path.len());
        // SAFETY: the search asks for octets only where it has compared `at + 8` with the path's length, or within a segment longer than
        // eight octets, which lies within the path.
        u64::from_le(unsafe { path.as_ptr().add(at).cast::<u64>().read_unaligned() })
    }

    #[inline(always)]
    fn element<T>(slice: &[T], at: usize) -> &T {
        debug_assert!(at < slice.len());
        // SAFETY: the table's own numbers. `heads` has a first element always; `wild` is set together with the flags that lead to it, to the
        // first of two heads; a head with literals has 2^(64 - shift) slots from `base` on, and a hash is less than that.
        unsafe { slice.get_unchecked(at) }
    }

    #[inline(always)]
    fn short(path: &[u8]) -> u64 {
        let length = path.len();
        debug_assert!(length < 8);
        let start = path.as_ptr();
        if length >= 4 {
            // SAFETY: both words lie within the path, for it has four octets and more.
            let (low, high) = unsafe {
                let high = start.add(length - 4);
                (
                    start.cast::<u32>().read_unaligned(),
                    high.cast::<u32>().read_unaligned(),
                )
            };
            return u64::from(u32::from_le(low))
                | u64::from(u32::from_le(high)) << (8 * (length - 4));
        }
        if length == 0 {
            return 0;
        }
        // Three octets, of which some may be the same one.
        let octet = |at: usize| u64::from(path[at]) << (8 * at);
        octet(0) | octet(length / 2) | octet(length - 1)
    }

    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    #[inline(always)]
    fn marks(path: &[u8]) -> Marks {
        sse2::marks(path)
    }

    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    #[inline(always)]
    fn marks(path: &[u8]) -> Marks {
        super::checked::Checked::marks(path)
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8,
    };

    use super::super::search::{Access, Marks};
    use super::Unchecked;

    #[inline(always)]
    pub(super) fn marks(path: &[u8]) -> Marks {
        let length = path.len();
        if length < 16 {
            return few(path);
        }
        let mut all = Bits::default();
        let mut at = 0;
        while at + 16 <= length {
            all.add(chunk(path, at), at);
            at += 16;
        }
        if at < length {
            // The last sixteen octets, some of them again.
            all.add(chunk(path, length - 16), length - 16);
        }
        all.marks()
    }

    /// Fewer than sixteen octets: the first and the last eight side by side, or all of them.
    #[inline(always)]
    fn few(path: &[u8]) -> Marks {
        let (low, high, distance) = match path.len().checked_sub(8) {
            Some(last) => (
                Unchecked::octets(path, 0),
                Unchecked::octets(path, last),
                last,
            ),
            None => (Unchecked::short(path), 0, 0),
        };
        // SAFETY: SSE2 is there, by this module's condition.
        let octets = unsafe { _mm_set_epi64x(high as i64, low as i64) };
        let both = each(octets);
        let place = |bits: u64| bits & 0xff | (bits >> 8) << distance;
        let all = Bits {
            slashes: place(both.slashes),
            dots: place(both.dots),
            ..both
        };
        all.marks()
    }

    /// A bit for each octet that is the one. Of the escapes it is only asked whether there are any.
    #[derive(Default)]
    struct Bits {
        slashes: u64,
        dots: u64,
        escapes: u64,
    }

    impl Bits {
        #[inline(always)]
        fn add(&mut self, more: Self, at: usize) {
            self.slashes |= more.slashes << at;
            self.dots |= more.dots << at;
            self.escapes |= more.escapes;
        }

        #[inline(always)]
        fn marks(self) -> Marks {
            Marks {
                slashes: self.slashes,
                dots: self.dots,
                escaped: self.escapes != 0,
            }
        }
    }

    #[inline(always)]
    fn chunk(path: &[u8], at: usize) -> Bits {
        debug_assert!(at + 16 <= path.len());
        // SAFETY: both callers have compared `at + 16` with the path's length; the load needs no alignment.
        each(unsafe { _mm_loadu_si128(path.as_ptr().add(at).cast()) })
    }

    #[inline(always)]
    fn each(octets: __m128i) -> Bits {
        Bits {
            slashes: is(octets, b'/'),
            dots: is(octets, b'.'),
            escapes: is(octets, b'%'),
        }
    }

    /// A bit for each octet that is `octet`.
    #[inline(always)]
    fn is(octets: __m128i, octet: u8) -> u64 {
        // SAFETY: SSE2 is there, by this module's condition.
        let equal =
            unsafe { _mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8(octet as i8))) };
        u64::from(equal as u32)
    }
}
