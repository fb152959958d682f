//! The janitor: idle connections that were closed, disturbed, or are too old leave the pool without anybody asking for them.
//!
//! One task a transport, spawned when the first connection comes to rest. It does not slow down those who park: a new
//! idle connection is picked up at the next tick (half a second at most), polled once, and from then on its own waker tells
//! of its end. When all are watched, the janitor sleeps until the first of them expires.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::task::AtomicWaker;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::table::Idle;
use super::{Pool, Pooled};

/// How soon a new idle connection is watched; well below the second in which a closed one must be gone.
const TICK: Duration = Duration::from_millis(400);

/// The janitor's bell: rung by idle connections that were disturbed, and by those who park.
#[derive(Debug, Default)]
pub(crate) struct Janitor {
    waker: AtomicWaker,
    /// A connection was disturbed: look at all of them now.
    disturbed: AtomicBool,
    /// A connection is idle that is not watched yet: look soon.
    unwatched: AtomicBool,
    running: AtomicBool,
}

impl Wake for Janitor {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.disturbed.store(true, Ordering::Release);
        self.waker.wake();
    }
}

impl Janitor {
    pub(super) fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire)
    }

    /// Tells of an idle connection that is not watched yet; spawns the task if there is none.
    pub(super) fn rouse<C: Pooled>(pool: &Arc<Pool<C>>) {
        let janitor = &pool.janitor;
        janitor.unwatched.store(true, Ordering::Release);
        if !janitor.running.swap(true, Ordering::AcqRel) {
            let on_duty = OnDuty(Arc::clone(janitor));
            // Without a runtime nothing is spawned, and `on_duty` signs off at once.
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(work(Arc::downgrade(pool), on_duty));
            }
        }
        janitor.waker.wake();
    }
}

/// Signs off when the task ends, also when its runtime shuts down: the next one to park spawns it again.
struct OnDuty(Arc<Janitor>);

impl Drop for OnDuty {
    fn drop(&mut self) {
        self.0.running.store(false, Ordering::Release);
    }
}

impl<C: Pooled> Drop for Pool<C> {
    fn drop(&mut self) {
        self.janitor.wake_by_ref();
    }
}

async fn work<C: Pooled>(pool: Weak<Pool<C>>, on_duty: OnDuty) {
    let janitor = &on_duty.0;
    let bell = Waker::from(Arc::clone(janitor));
    let timer = tokio::time::sleep(TICK);
    tokio::pin!(timer);
    let mut next = Some(Instant::now() + TICK);
    loop {
        if let Some(next) = next {
            timer.as_mut().reset(next);
        }
        poll_fn(|cx| {
            janitor.waker.register(cx.waker());
            if janitor.disturbed.swap(false, Ordering::AcqRel) {
                return Poll::Ready(());
            }
            if janitor.unwatched.swap(false, Ordering::AcqRel) {
                let soon = Instant::now() + TICK;
                if next.is_none_or(|next| next > soon) {
                    next = Some(soon);
                    timer.as_mut().reset(soon);
                }
            }
            match next {
                Some(_) => timer.as_mut().poll(cx),
                None => Poll::Pending,
            }
        })
        .await;
        let Some(pool) = pool.upgrade() else {
            return;
        };
        next = pool.inspect(&bell);
    }
}

impl<C: Pooled> Pool<C> {
    /// Looks at every idle connection; those that are not good any more are dropped. When to look again.
    fn inspect(&self, bell: &Waker) -> Option<Instant> {
        let now = Instant::now();
        let mut cx = Context::from_waker(bell);
        let mut next: Option<Instant> = None;
        let mut table = self.table();
        let gone = table.sweep(|idle: &mut Idle<C>| {
            let expiry = self.bounds.expiry(idle.connection.born(), idle.since);
            if expiry.is_some_and(|expiry| expiry <= now)
                || idle.connection.poll_disturbed(&mut cx).is_ready()
            {
                return true;
            }
            idle.connection.rest();
            next = match (next, expiry) {
                (Some(next), Some(expiry)) => Some(next.min(expiry)),
                (one, other) => one.or(other),
            };
            false
        });
        table.watched = true;
        drop(table);
        if !gone.is_empty() {
            tracing::debug!(
                connections = gone.len(),
                "idle connections have left the pool"
            );
        }
        drop(gone);
        next
    }
}
