//! An allocator that counts, for the figures and the budgets.

#![allow(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one counts a call and hands it on unchanged"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Threads that can have a count of their own.
const THREADS: usize = 1024;

/// A count on cache lines that nobody else writes to. One for all threads would be a locked operation for each request for memory:
/// a twentieth of the CPU time of a pipelined exchange, in a figure that is to say what the exchange costs.
#[repr(align(128))]
struct Count(AtomicU64);

static COUNTS: [Count; THREADS] = [const { Count(AtomicU64::new(0)) }; THREADS];

/// What no thread counts to: the count of those that have not begun.
static NONE: Count = Count(AtomicU64::new(0));

static THREADS_SO_FAR: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread's count. Needs neither memory nor a destructor, so an allocator may use it.
    static HERE: Cell<&'static Count> = const { Cell::new(&NONE) };
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
    let begun = THREADS_SO_FAR.load(Ordering::Relaxed).min(THREADS);
    let counts = COUNTS[..begun].iter();
    counts
        .map(|Count(calls)| calls.load(Ordering::Relaxed))
        .sum()
}

/// How often this thread has asked for memory.
pub fn count_here() -> u64 {
    HERE.get().0.load(Ordering::Relaxed)
}

fn note() {
    let mut here = HERE.get();
    if std::ptr::eq(here, &NONE) {
        here = begin();
    }
    // Nobody else writes to it.
    let calls = here.0.load(Ordering::Relaxed);
    here.0.store(calls + 1, Ordering::Relaxed);
}

#[cold]
fn begin() -> &'static Count {
    let place = THREADS_SO_FAR.fetch_add(1, Ordering::Relaxed);
    let Some(count) = COUNTS.get(place) else {
        // A count that were too low would make a budget hold.
        std::process::abort();
    };
    HERE.set(count);
    count
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

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static ALLOCATOR: Counting = Counting;

    #[test]
    fn every_thread_counts() {
        let before = count();
        for _ in 0..100 {
            let counted = std::thread::spawn(|| {
                let before = count_here();
                drop(std::hint::black_box(Box::new(7)));
                count_here() - before
            });
            assert_eq!(counted.join().expect("it does not panic"), 1);
        }
        assert!(count() >= before + 100);
    }
}
