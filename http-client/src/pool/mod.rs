//! The pool: idle connections, dials in flight, and those who wait for either.
//!
//! ```text
//!   take ---- newest idle, undisturbed ----------------------------> connection
//!    |
//!    +-- none: queue as a waiter, dial if there is room
//!              |                                    ^
//!              +-- own dial finished --+            | front waiter
//!   park (a connection came home) -----+-> deliver -+
//!   a dial that lost its race ---------+            | nobody waits
//!   a slot became free ----------------+            v
//!                                                  idle
//! ```
//!
//! There is one lock, held for a few instructions; nothing is polled, woken into or dropped under it that could ask for it
//! again. Whatever becomes available goes to the front waiter under that lock, so that newcomers never overtake, and a waiter
//! that is dropped passes on what it was given. Only a waiter's own dial is its own before it is that of others who dial: who
//! waits here and is not polled holds nobody up. A connection holds its [`Slot`]; dropping the connection frees it.

mod janitor;
mod slot;
mod stats;
mod table;
mod take;
mod waiting;

pub(crate) use janitor::Janitor;
pub(crate) use slot::Slot;
pub use stats::{HostStats, Stats};
pub(crate) use take::{Dial, Source, Taken};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hashbrown::DefaultHashBuilder;
use tokio::runtime::Id as RuntimeId;
use tokio::time::Instant;

use crate::config::until;
use crate::lent::earlier;
use crate::origin::{Key, Origin};
use table::{Idle, Table};

/// What the pool needs to know of a connection.
pub(crate) trait Pooled: Send + Sized + 'static {
    fn slot(&self) -> &Slot<Self>;
    fn slot_mut(&mut self) -> &mut Slot<Self>;
    /// The runtime that drives it.
    fn runtime(&self) -> RuntimeId;
    fn born(&self) -> Instant;
    /// Ready when the peer has closed it or sent something that nobody asked for.
    fn poll_disturbed(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    /// The same, for who does not want to be woken.
    fn is_disturbed(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        self.poll_disturbed(&mut cx).is_ready()
    }
    /// It has been idle for a moment: gives memory back.
    fn rest(&mut self) {}
}

/// The bounds of a pool.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) max_idle: usize,
    pub(crate) max_idle_per_host: usize,
    pub(crate) max_per_host: usize,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            max_idle: 100,
            max_idle_per_host: usize::MAX,
            max_per_host: usize::MAX,
            idle_timeout: Some(Duration::from_secs(90)),
            max_age: None,
        }
    }
}

impl Bounds {
    /// When a connection that is idle from `since` on must go.
    fn expiry(&self, born: Instant, since: Instant) -> Option<Instant> {
        earlier(until(since, self.idle_timeout), until(born, self.max_age))
    }
}

pub(crate) struct Pool<C: Pooled> {
    table: Mutex<Table<C>>,
    hasher: DefaultHashBuilder,
    bounds: Bounds,
    janitor: Arc<Janitor>,
}

impl<C: Pooled> Pool<C> {
    pub(crate) fn new(bounds: Bounds) -> Arc<Pool<C>> {
        Arc::new(Pool {
            table: Mutex::default(),
            hasher: DefaultHashBuilder::default(),
            bounds,
            janitor: Arc::default(),
        })
    }

    fn table(&self) -> MutexGuard<'_, Table<C>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest idle connection that is still good. When it is disturbed later, the task of `cx` is woken.
    ///
    /// A connection that turns out to be disturbed already is dropped and the next one tried.
    pub(crate) fn pop(
        &self,
        key: &Key<'_>,
        runtime: RuntimeId,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> Option<Taken<C>> {
        let hash = key.hash(&self.hasher);
        loop {
            let Idle {
                mut connection,
                since,
                ..
            } = self.table().pop(key, hash, runtime)?;
            let fresh = self
                .bounds
                .expiry(connection.born(), since)
                .is_none_or(|expiry| now < expiry);
            if fresh && connection.poll_disturbed(cx).is_pending() {
                return Some(Taken {
                    connection,
                    source: Source::Idle(since),
                });
            }
        }
    }

    /// A connection came home, about `now`: to the front waiter, or to the idle ones. One that may not stay is dropped.
    pub(crate) fn park(self: &Arc<Self>, mut connection: C, now: Instant) {
        let retires = until(connection.born(), self.bounds.max_age);
        if retires.is_some_and(|retires| now >= retires) {
            return;
        }
        connection.slot_mut().dialing = false;
        let mut table = self.table();
        let mut parked = table.park(Idle::new(connection, now), false, &self.bounds);
        if let Err(mut idle) = parked {
            drop(table);
            if idle.connection.is_disturbed() {
                return;
            }
            table = self.table();
            parked = table.park(idle, true, &self.bounds);
        }
        let doomed = parked.unwrap_or_else(Some);
        let asleep = table.janitor_asleep();
        unlock(table);
        drop(doomed);
        if asleep || !self.janitor.is_running() {
            Janitor::rouse(self);
        }
    }

    /// Closes what is idle now, and what comes home until the next request.
    pub(crate) fn close_idle(&self) {
        let doomed = self.table().close_idle();
        drop(doomed);
    }

    pub(crate) fn stats(&self) -> Stats {
        self.table().stats()
    }

    /// A slot is free again: another waiter may dial with it.
    fn release(self: &Arc<Self>, origin: &Arc<Origin>, dialing: bool) {
        let granted = self
            .table()
            .release(origin, dialing, self.bounds.max_per_host);
        if let Some(waiter) = granted {
            waiter.grant(Slot::new(self, origin));
        }
    }
}

/// Frees the table, and wakes whom something was delivered to.
fn unlock<C: Pooled>(mut table: MutexGuard<'_, Table<C>>) {
    let delivered = table.delivered.take();
    drop(table);
    if let Some(waiter) = delivered {
        waiter.wake();
    }
}

#[cfg(test)]
mod tests;
