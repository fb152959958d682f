//! An allocator that counts, for the figures and the budgets.

#![allow(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one counts a call and hands it on unchanged"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Threads that have a count of their own.
const THREADS: usize = 64;

/// The count of each of them, on cache lines that nobody else writes to. One count for all would be a locked operation for each
/// request for memory: a twelfth of the CPU time of a pipelined exchange, in a figure that is to say what the exchange costs.
static CALLS: [Alone; THREADS] = [const { Alone(AtomicU64::new(0)) }; THREADS];

#[repr(align(128))]
struct Alone(AtomicU64);

/// What the threads after those have counted.
static CALLS_OF_OTHERS: AtomicU64 = AtomicU64::new(0);

static NEXT_PLACE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Needs neither memory nor a destructor, so an allocator may use it.
    static HERE: Here = const { Here { calls: Cell::new(0), place: Cell::new(None) } };
}

/// A thread's count, and where it is among [`CALLS`].
struct Here {
    calls: Cell<u64>,
    place: Cell<Option<usize>>,
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
    let counts = CALLS.iter().map(|Alone(calls)| calls);
    counts
        .chain([&CALLS_OF_OTHERS])
        .map(|calls| calls.load(Ordering::Relaxed))
        .sum()
}

/// How often this thread has asked for memory.
pub fn count_here() -> u64 {
    HERE.with(|here| here.calls.get())
}

fn note() {
    HERE.with(|here| {
        let calls = here.calls.get() + 1;
        here.calls.set(calls);
        let place = here.place.get().unwrap_or_else(|| {
            let place = NEXT_PLACE.fetch_add(1, Ordering::Relaxed);
            here.place.set(Some(place));
            place
        });
        match CALLS.get(place) {
            Some(Alone(own)) => own.store(calls, Ordering::Relaxed),
            None => {
                CALLS_OF_OTHERS.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
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
    fn every_thread_counts_whether_it_has_a_place_or_not() {
        let before = count();
        for _ in 0..2 * THREADS {
            let counted = std::thread::spawn(|| {
                let before = count_here();
                drop(std::hint::black_box(Box::new(7)));
                count_here() - before
            });
            assert_eq!(counted.join().expect("it does not panic"), 1);
        }
        assert!(count() >= before + 2 * THREADS as u64);
        assert!(CALLS_OF_OTHERS.load(Ordering::Relaxed) >= THREADS as u64);
    }
}
