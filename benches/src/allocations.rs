//! An allocator that counts, for the figures and the budgets.

#![allow(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one counts a call and hands it on unchanged"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

static CALLS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Needs neither memory nor a destructor, so an allocator may use it.
    static CALLS_HERE: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, with each request for memory counted (growth included, release not).
///
/// ```ignore
/// #[global_allocator]
/// static ALLOCATOR: benches::allocations::Counting = benches::allocations::Counting;
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Counting;

/// How often the process has asked for memory since it started; 0 unless [`Counting`] is its
/// global allocator.
pub fn count() -> u64 {
    CALLS.load(Ordering::Relaxed)
}

/// How often this thread has asked for memory.
pub fn count_here() -> u64 {
    CALLS_HERE.get()
}

fn note() {
    CALLS.fetch_add(1, Ordering::Relaxed);
    CALLS_HERE.set(CALLS_HERE.get() + 1);
}

// SAFETY: each call goes to the system's allocator with the arguments it came with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps `alloc`'s contract, which is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}
