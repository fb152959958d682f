//! A slot: the right to one connection to an origin, counted while it lives.

use std::sync::{Arc, Weak};

use super::{Pool, Pooled};
use crate::origin::Origin;

/// The right to one connection. It belongs to a dial first and to its connection then; dropping it frees it.
pub(crate) struct Slot<C: Pooled> {
    pool: Weak<Pool<C>>,
    pub(crate) origin: Arc<Origin>,
    /// Whether the connection is still being made.
    pub(super) dialing: bool,
}

impl<C: Pooled> Slot<C> {
    pub(super) fn new(pool: &Arc<Pool<C>>, origin: &Arc<Origin>) -> Slot<C> {
        Slot {
            pool: Arc::downgrade(pool),
            origin: Arc::clone(origin),
            dialing: true,
        }
    }

    /// The pool, unless its transport is gone.
    pub(crate) fn pool(&self) -> Option<Arc<Pool<C>>> {
        self.pool.upgrade()
    }
}

impl<C: Pooled> Drop for Slot<C> {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.release(&self.origin, self.dialing);
        }
    }
}
