//! Contexts are used again: what a context holds by its own is allocated once and then lent to request after request.

use std::sync::{Mutex, PoisonError};

use super::context::Inner;

/// How many contexts are kept where nothing else is said.
pub(super) const DEFAULT_CAPACITY: usize = 256;

/// The contexts that wait for a request.
#[derive(Debug, Default)]
#[allow(
    clippy::vec_box,
    reason = "the boxes themselves are lent; a list of values would move them"
)]
pub(super) struct Pool(Mutex<Vec<Box<Inner>>>);

impl Pool {
    pub(super) fn take(&self) -> Box<Inner> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop().unwrap_or_default()
    }

    /// Takes a context back, unless `capacity` of them wait already. It has been emptied.
    pub(super) fn put(&self, inner: Box<Inner>, capacity: usize) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < capacity {
            waiting.push(inner);
        }
    }
}
