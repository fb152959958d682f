//! One who waits for a connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use tokio::runtime::Id as RuntimeId;

use super::take::Taken;
use super::{Pooled, Slot};
use crate::error::Error;

/// A place in the queue. What is delivered here was meant for this waiter alone; a waiter that leaves passes it on.
pub(super) struct Waiter<C: Pooled> {
    pub(super) runtime: RuntimeId,
    /// A dial of its own is in flight, or granted. Changed under the pool's lock.
    dialing: AtomicBool,
    mailbox: Mutex<Mailbox<C>>,
}

struct Mailbox<C: Pooled> {
    outcome: Option<Outcome<C>>,
    slot: Option<Slot<C>>,
    waker: Option<Waker>,
}

/// The end of a wait; the waiter is out of the queue.
pub(super) type Outcome<C> = Result<Taken<C>, Error>;

/// What a waiter finds when it looks.
pub(super) enum Delivery<C: Pooled> {
    /// The end of the wait, with the room for a dial that is not needed any more.
    Outcome(Outcome<C>, Option<Slot<C>>),
    /// Room for a dial: the waiter keeps its place.
    Slot(Slot<C>),
}

impl<C: Pooled> Waiter<C> {
    pub(super) fn new(runtime: RuntimeId) -> Waiter<C> {
        Waiter {
            runtime,
            dialing: AtomicBool::new(false),
            mailbox: Mutex::new(Mailbox {
                outcome: None,
                slot: None,
                waker: None,
            }),
        }
    }

    fn mailbox(&self) -> MutexGuard<'_, Mailbox<C>> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_dialing(&self) -> bool {
        self.dialing.load(Ordering::Relaxed)
    }

    pub(super) fn set_dialing(&self, dialing: bool) {
        self.dialing.store(dialing, Ordering::Relaxed);
    }

    /// Ends the wait; called under the pool's lock, by whoever took the waiter out of the queue, and [wakes](Self::wake) it without.
    pub(super) fn deliver(&self, outcome: Outcome<C>) {
        self.mailbox().outcome = Some(outcome);
    }

    /// Grants room for a dial; called without the pool's lock, which dropping an unseen slot takes.
    pub(super) fn grant(&self, slot: Slot<C>) {
        self.mailbox().slot = Some(slot);
        self.wake();
    }

    /// Calls for whoever waits to look. Called without the pool's lock, for which that may ask.
    pub(super) fn wake(&self) {
        let waker = self.mailbox().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What has come; else the waker is kept and called when something does.
    pub(super) fn collect(&self, cx: &mut Context<'_>) -> Option<Delivery<C>> {
        let mut mailbox = self.mailbox();
        let delivery = mailbox.take();
        let mut before = None;
        if delivery.is_none() {
            match &mailbox.waker {
                Some(waker) if waker.will_wake(cx.waker()) => {}
                _ => before = mailbox.waker.replace(cx.waker().clone()),
            }
        }
        // What it drops may be of the user's making.
        drop(mailbox);
        drop(before);
        delivery
    }

    /// What had come, when the waiter leaves.
    pub(super) fn close(&self) -> Option<Delivery<C>> {
        self.mailbox().take()
    }
}

impl<C: Pooled> Mailbox<C> {
    fn take(&mut self) -> Option<Delivery<C>> {
        match self.outcome.take() {
            Some(outcome) => Some(Delivery::Outcome(outcome, self.slot.take())),
            None => self.slot.take().map(Delivery::Slot),
        }
    }
}
