//! Waiting for a connection: whichever comes first, one that is freed or one that is dialled.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Handle, Id as RuntimeId};
use tokio::time::Instant;

use super::waiting::{Delivery, Waiter};
use super::{Pool, Pooled, Slot, unlock};
use crate::error::Error;
use crate::origin::{Key, Origin};

/// The making of a connection. It owns its slot, so that giving up frees it.
pub(crate) type Dial<C> = Pin<Box<dyn Future<Output = Result<C, Error>> + Send>>;

/// A connection that was given to a request.
pub(crate) struct Taken<C> {
    pub(crate) connection: C,
    pub(crate) source: Source,
}

/// Where a connection came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It has been idle since then.
    Idle(Instant),
    /// It had just served another request.
    Freed,
    /// It is new.
    Dialed,
}

/// How long a connection may have been idle before the runtime is asked for news of it.
const SETTLED: Duration = Duration::from_millis(10);

impl Source {
    /// Whether what is known of the connection is news.
    pub(crate) fn is_settled(self, now: Instant) -> bool {
        match self {
            Source::Idle(since) => now < since + SETTLED,
            Source::Freed | Source::Dialed => true,
        }
    }
}

impl<C: Pooled> Pool<C> {
    /// Waits for a connection. `dial` begins to make one, with the room that is given to it.
    ///
    /// Cancel safe: a dial that is in flight is finished in a task of its own, for others or for later.
    pub(crate) async fn take<D>(
        self: &Arc<Self>,
        key: &Key<'_>,
        runtime: RuntimeId,
        dial: D,
    ) -> Result<Taken<C>, Error>
    where
        D: Fn(Slot<C>) -> Dial<C> + Send + Unpin,
    {
        key.check()?;
        loop {
            let popped = poll_fn(|cx| Poll::Ready(self.pop(key, runtime, Instant::now(), cx)));
            if let Some(taken) = popped.await {
                return Ok(taken);
            }
            if let Some(wait) = self.queue(key, runtime, &dial) {
                return wait.await;
            }
        }
    }

    /// Joins the queue, unless a connection came home since we looked.
    fn queue<'a, D>(
        self: &Arc<Self>,
        key: &Key<'_>,
        runtime: RuntimeId,
        dial: &'a D,
    ) -> Option<Wait<'a, C, D>>
    where
        D: Fn(Slot<C>) -> Dial<C>,
    {
        let hash = key.hash(&self.hasher);
        let waiter = Arc::new(Waiter::new(runtime));
        let mut table = self.table();
        if table.has_idle(key, hash, runtime) {
            return None;
        }
        let queued = table.queue(key, hash, &waiter, self.bounds.max_per_host);
        drop(table);
        let mut wait = Wait {
            pool: Arc::clone(self),
            origin: queued.origin,
            waiter,
            make: dial,
            dial: None,
            over: false,
        };
        drop(queued.doomed);
        if queued.may_dial {
            wait.dial = Some(dial(Slot::new(self, &wait.origin)));
        }
        Some(wait)
    }

    /// A dial came to its end, in the task of whoever was driving it.
    fn dialed(
        self: &Arc<Self>,
        origin: &Arc<Origin>,
        dialer: Option<&Arc<Waiter<C>>>,
        result: Result<C, Error>,
    ) {
        let mut table = self.table();
        let spare = table.dialed(origin, dialer, result);
        unlock(table);
        if let Some(Ok(connection)) = spare {
            self.park(connection, Instant::now());
        }
    }

    /// Finishes a dial that nobody waits for here; without a runtime it is given up.
    fn finish_elsewhere(self: &Arc<Self>, origin: &Arc<Origin>, dial: Dial<C>) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let (pool, origin) = (Arc::downgrade(self), Arc::clone(origin));
        runtime.spawn(async move {
            let result = dial.await;
            if let Some(pool) = pool.upgrade() {
                pool.dialed(&origin, None, result);
            }
        });
    }
}

struct Wait<'a, C: Pooled, D> {
    pool: Arc<Pool<C>>,
    origin: Arc<Origin>,
    waiter: Arc<Waiter<C>>,
    make: &'a D,
    dial: Option<Dial<C>>,
    over: bool,
}

impl<C: Pooled, D: Fn(Slot<C>) -> Dial<C>> Future for Wait<'_, C, D> {
    type Output = Result<Taken<C>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            match this.waiter.collect(cx) {
                Some(Delivery::Outcome(outcome, unused)) => {
                    this.over = true;
                    drop(unused);
                    if let Some(dial) = this.dial.take() {
                        this.pool.finish_elsewhere(&this.origin, dial);
                    }
                    return Poll::Ready(outcome);
                }
                Some(Delivery::Slot(slot)) => this.dial = Some((this.make)(slot)),
                None => {}
            }
            let Some(dial) = &mut this.dial else {
                return Poll::Pending;
            };
            let Poll::Ready(result) = dial.as_mut().poll(cx) else {
                return Poll::Pending;
            };
            this.dial = None;
            this.waiter.set_dialing(false);
            this.pool.dialed(&this.origin, Some(&this.waiter), result);
        }
    }
}

impl<C: Pooled, D> Drop for Wait<'_, C, D> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        self.pool.table().leave(&self.origin, &self.waiter);
        // A slot that was granted goes back by being dropped; an error was meant for us, and ends here.
        if let Some(Delivery::Outcome(Ok(taken), _slot)) = self.waiter.close() {
            self.pool.park(taken.connection, Instant::now());
        }
        if let Some(dial) = self.dial.take() {
            self.pool.finish_elsewhere(&self.origin, dial);
        }
    }
}
