//! Reading without checks what the table and the slashes guarantee.
//!
//! All `unsafe` code of this crate is here. The [checked](super::search::Checked) reading gives the same results, is what Miri and other
//! architectures than x86-64 use for the path's slashes, and is held against this one by the tests.
#![allow(unsafe_code, reason = "the checks are a fifth of a lookup's instructions")]

use super::search::Access;

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

    #[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
    #[inline(always)]
    fn marks(path: &[u8]) -> (u64, bool) {
        sse2::marks(path)
    }

    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
    #[inline(always)]
    fn marks(path: &[u8]) -> (u64, bool) {
        super::search::Checked::marks(path)
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
    };

    use super::super::search::{Access, Checked};

    #[inline(always)]
    pub(super) fn marks(path: &[u8]) -> (u64, bool) {
        let length = path.len();
        if length < 16 {
            return Checked::marks(path);
        }
        let (mut slashes, mut escapes, mut at) = (0, 0, 0);
        while at + 16 <= length {
            let (slash, escape) = chunk(path, at);
            slashes |= slash << at;
            escapes |= escape;
            at += 16;
        }
        if at < length {
            // The last sixteen octets, some of them again.
            let (slash, escape) = chunk(path, length - 16);
            slashes |= slash << (length - 16);
            escapes |= escape;
        }
        (slashes, escapes != 0)
    }

    #[inline(always)]
    fn chunk(path: &[u8], at: usize) -> (u64, u64) {
        debug_assert!(at + 16 <= path.len());
        let is = |octets: __m128i, octet: u8| {
            // SAFETY: SSE2 is there, by this module's condition.
            let equal =
                unsafe { _mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8(octet as i8))) };
            u64::from(equal as u32)
        };
        // SAFETY: both callers have compared `at + 16` with the path's length; the load needs no alignment.
        let octets = unsafe { _mm_loadu_si128(path.as_ptr().add(at).cast()) };
        (is(octets, b'/'), is(octets, b'%'))
    }
}
