//! An allocator that counts, by thread: allocations are exact where times are not.
//!
//! ```
//! use integration_tests::counting::{Counting, Tally};
//!
//! #[global_allocator]
//! static ALLOCATOR: Counting = Counting;
//!
//! let before = Tally::now();
//! drop(Box::new(7));
//! assert_eq!(Tally::now().since(before).allocations, 1);
//! ```

// A global allocator is an unsafe trait; this one only hands on to the system's.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a tally for each thread.
#[derive(Debug)]
pub struct Counting;

/// What the current thread has allocated so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls for memory, growth of what was there included.
    pub allocations: u64,
    /// Octets handed out and not given back; negative where the thread frees what others allocated.
    pub live: i64,
}

thread_local! {
    static TALLY: Cell<Tally> = const { Cell::new(Tally { allocations: 0, live: 0 }) };
}

impl Tally {
    /// The current thread's.
    pub fn now() -> Self {
        TALLY.get()
    }

    /// What came since an earlier tally.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            allocations: self.allocations - earlier.allocations,
            live: self.live - earlier.live,
        }
    }
}

fn count(allocations: u64, octets: i64) {
    // A thread that is ending has no tally any more.
    let _ = TALLY.try_with(|tally| {
        let Tally {
            allocations: before,
            live,
        } = tally.get();
        tally.set(Tally {
            allocations: before + allocations,
            live: live + octets,
        });
    });
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

// SAFETY: every call is handed on to `System` as it came; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, signed(layout.size()));
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, -signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, signed(size) - signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}
