//! What lies under the pool's lock: a table of hosts, and every change to it as one short method.
//!
//! Nothing here drops a connection or an error, or wakes a task: what has to go is returned, who has to be woken is noted, for when
//! the lock is free again.

use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashTable;
use tokio::runtime::Id as RuntimeId;
use tokio::time::Instant;

use super::stats::{HostStats, Stats};
use super::take::{Source, Taken};
use super::waiting::Waiter;
use super::{Bounds, Pooled};
use crate::error::Error;
use crate::origin::{Key, Origin};

pub(super) struct Table<C: Pooled> {
    hosts: HashTable<Host<C>>,
    idle: usize,
    closing: bool,
    /// All idle connections are watched; a new one must be told to the janitor.
    pub(super) watched: bool,
    /// Who was delivered something, and is to be woken without the lock.
    pub(super) delivered: Option<Arc<Waiter<C>>>,
}

pub(super) struct Host<C: Pooled> {
    origin: Arc<Origin>,
    /// Oldest first.
    pub(super) idle: Vec<Idle<C>>,
    waiting: VecDeque<Arc<Waiter<C>>>,
    /// Slots that are given out: connections and dials.
    open: usize,
    /// Those of them that are dials, also the ones granted and not begun.
    dialing: usize,
    dialed: u64,
    reused: u64,
}

pub(super) struct Idle<C> {
    pub(super) connection: C,
    pub(super) since: Instant,
}

impl<C> Idle<C> {
    pub(super) fn new(connection: C, since: Instant) -> Idle<C> {
        Idle { connection, since }
    }
}

/// What a request that found no idle connection begins with.
pub(super) struct Queued<C: Pooled> {
    pub(super) origin: Arc<Origin>,
    /// Whether there is room for a dial, which is then counted.
    pub(super) may_dial: bool,
    /// A connection of another runtime that takes the last room.
    pub(super) doomed: Option<Idle<C>>,
}

impl<C: Pooled> Default for Table<C> {
    fn default() -> Self {
        Table {
            hosts: HashTable::new(),
            idle: 0,
            closing: false,
            watched: true,
            delivered: None,
        }
    }
}

impl<C: Pooled> Table<C> {
    fn host(&mut self, origin: &Arc<Origin>) -> Option<&mut Host<C>> {
        self.hosts
            .find_mut(origin.hash, |host| Arc::ptr_eq(&host.origin, origin))
    }

    /// The newest idle connection of this runtime.
    pub(super) fn pop(&mut self, key: &Key<'_>, hash: u64, runtime: RuntimeId) -> Option<Idle<C>> {
        self.closing = false;
        let host = self.hosts.find_mut(hash, |host| key.is(&host.origin))?;
        let newest = host
            .idle
            .iter()
            .rposition(|idle| idle.connection.runtime() == runtime)?;
        let idle = host.idle.remove(newest);
        host.reused += 1;
        self.idle -= 1;
        Some(idle)
    }

    /// Whether [`pop`](Self::pop) would find one.
    pub(super) fn has_idle(&self, key: &Key<'_>, hash: u64, runtime: RuntimeId) -> bool {
        let host = self.hosts.find(hash, |host| key.is(&host.origin));
        host.is_some_and(|host| {
            host.idle
                .iter()
                .any(|idle| idle.connection.runtime() == runtime)
        })
    }

    /// Queues a new waiter. The caller has found no idle connection under this same lock.
    pub(super) fn queue(
        &mut self,
        key: &Key<'_>,
        hash: u64,
        waiter: &Arc<Waiter<C>>,
        most: usize,
    ) -> Queued<C> {
        let host = self
            .hosts
            .entry(hash, |host| key.is(&host.origin), |host| host.origin.hash)
            .or_insert_with(|| Host::new(Origin::new(key, hash)))
            .into_mut();
        let mut doomed = None;
        if host.open >= most && !host.idle.is_empty() {
            doomed = Some(host.idle.remove(0));
            self.idle -= 1;
        }
        let may_dial = host.open < most;
        if may_dial {
            host.open += 1;
            host.dialing += 1;
            waiter.set_dialing(true);
        }
        host.waiting.push_back(Arc::clone(waiter));
        Queued {
            origin: Arc::clone(&host.origin),
            may_dial,
            doomed,
        }
    }

    /// Hands a connection that came home to the front waiter, or adds it to the idle ones; returns what has to go for it.
    ///
    /// An idle one is looked at by whoever takes it out again. A waiter is given its connection to use at once: one that was not
    /// `seen` to be quiet is given back as an error, to be looked at without the lock. With what came unasked behind the last
    /// response, the waiter would have an answer before its request.
    pub(super) fn park(
        &mut self,
        idle: Idle<C>,
        seen: bool,
        bounds: &Bounds,
    ) -> Result<Option<Idle<C>>, Idle<C>> {
        let closing = self.closing || bounds.max_idle == 0 || bounds.max_idle_per_host == 0;
        let Some(host) = self.host(&idle.connection.slot().origin) else {
            return Ok(Some(idle));
        };
        let idle = if host.waiting.is_empty() {
            idle
        } else if !seen {
            return Err(idle);
        } else {
            let Idle { connection, since } = idle;
            match host.deliver(connection, Source::Freed, None) {
                Ok(waiter) => {
                    self.delivered = Some(waiter);
                    return Ok(None);
                }
                Err(connection) => Idle::new(connection, since),
            }
        };
        // Who still waits is of another runtime: without a dial of its own, or the room for one, this connection stands in its
        // way. The room was withheld from it as long as this connection might have been for it.
        let blocks = !host.waiting.is_empty()
            && (host.open >= bounds.max_per_host || host.waiting.len() > host.dialing);
        if closing || blocks {
            return Ok(Some(idle));
        }
        host.idle.push(idle);
        if host.idle.len() > bounds.max_idle_per_host {
            return Ok(Some(host.idle.remove(0)));
        }
        self.idle += 1;
        Ok(if self.idle > bounds.max_idle {
            self.evict()
        } else {
            None
        })
    }

    /// Takes out the connection that has been idle for longest.
    fn evict(&mut self) -> Option<Idle<C>> {
        let oldest = self
            .hosts
            .iter_mut()
            .filter(|host| !host.idle.is_empty())
            .min_by_key(|host| host.idle[0].since)?;
        self.idle -= 1;
        Some(oldest.idle.remove(0))
    }

    /// A dial came to its end, that of `dialer` or one that was left to others. A connection goes to who waits. An error goes to
    /// `dialer`, if it still waits: the deadlines that were passed are its own, and others have dials of their own, or get the room of
    /// this one. What is for nobody is given back.
    pub(super) fn dialed(
        &mut self,
        origin: &Arc<Origin>,
        dialer: Option<&Arc<Waiter<C>>>,
        result: Result<C, Error>,
    ) -> Option<Result<C, Error>> {
        let Some(host) = self.host(origin) else {
            return Some(result);
        };
        let delivered = match result {
            Ok(mut connection) => {
                connection.slot_mut().dialing = false;
                host.dialing -= 1;
                host.dialed += 1;
                host.deliver(connection, Source::Dialed, dialer).map_err(Ok)
            }
            // Its slot went with it: `release` has counted it out.
            Err(error) => match dialer.and_then(|dialer| host.take_out(dialer)) {
                Some(waiter) => {
                    waiter.deliver(Err(error));
                    Ok(waiter)
                }
                None => Err(Err(error)),
            },
        };
        self.forget_unused(origin);
        match delivered {
            Ok(waiter) => {
                self.delivered = Some(waiter);
                None
            }
            Err(spare) => Some(spare),
        }
    }

    /// A slot is given back; the waiter to whom it goes next, already counted.
    pub(super) fn release(
        &mut self,
        origin: &Arc<Origin>,
        dialing: bool,
        most: usize,
    ) -> Option<Arc<Waiter<C>>> {
        let host = self.host(origin)?;
        host.open -= 1;
        if dialing {
            host.dialing -= 1;
        }
        let mut granted = None;
        if host.open < most && host.waiting.len() > host.dialing {
            granted = host
                .waiting
                .iter()
                .find(|waiter| !waiter.is_dialing())
                .map(Arc::clone);
        }
        if let Some(waiter) = &granted {
            waiter.set_dialing(true);
            host.open += 1;
            host.dialing += 1;
        }
        self.forget_unused(origin);
        granted
    }

    /// A waiter leaves the queue, if it is still in it.
    pub(super) fn leave(&mut self, origin: &Arc<Origin>, waiter: &Arc<Waiter<C>>) {
        if let Some(host) = self.host(origin) {
            host.take_out(waiter);
            self.forget_unused(origin);
        }
    }

    fn forget_unused(&mut self, origin: &Arc<Origin>) {
        let unused = |host: &Host<C>| {
            host.open == 0 && host.waiting.is_empty() && Arc::ptr_eq(&host.origin, origin)
        };
        if let Ok(entry) = self.hosts.find_entry(origin.hash, unused) {
            entry.remove();
        }
    }

    pub(super) fn close_idle(&mut self) -> Vec<Idle<C>> {
        self.closing = true;
        self.idle = 0;
        self.hosts
            .iter_mut()
            .flat_map(|host| std::mem::take(&mut host.idle))
            .collect()
    }

    /// Whether the janitor has to be told of a new idle connection; from now on it is.
    pub(super) fn janitor_asleep(&mut self) -> bool {
        self.idle > 0 && std::mem::replace(&mut self.watched, false)
    }

    /// Takes out every idle connection for which `goes` says so.
    pub(super) fn sweep(&mut self, mut goes: impl FnMut(&mut Idle<C>) -> bool) -> Vec<Idle<C>> {
        let mut gone = Vec::new();
        for host in self.hosts.iter_mut() {
            let mut at = 0;
            while at < host.idle.len() {
                if goes(&mut host.idle[at]) {
                    gone.push(host.idle.remove(at));
                } else {
                    at += 1;
                }
            }
        }
        self.idle -= gone.len();
        gone
    }

    pub(super) fn stats(&self) -> Stats {
        let hosts = self.hosts.iter().map(|host| HostStats {
            origin: host.origin.label(),
            idle: host.idle.len(),
            active: host.open - host.dialing - host.idle.len(),
            dialing: host.dialing,
            waiting: host.waiting.len(),
            dialed: host.dialed,
            reused: host.reused,
        });
        Stats {
            hosts: hosts.collect(),
        }
    }
}

impl<C: Pooled> Host<C> {
    /// Hands a connection to the front waiter of its runtime, which is to be woken; gives it back if nobody waits.
    ///
    /// The one that `dialer` has made itself is its own, unless somebody without a dial waits before it: nobody is to depend on a
    /// dial of another who may never be polled again, as one that is held behind a `select!`.
    fn deliver(
        &mut self,
        connection: C,
        source: Source,
        dialer: Option<&Arc<Waiter<C>>>,
    ) -> Result<Arc<Waiter<C>>, C> {
        let runtime = connection.runtime();
        let own = dialer.and_then(|dialer| self.place(dialer));
        let place = self.waiting.iter().enumerate().position(|(at, waiter)| {
            waiter.runtime == runtime && own.is_none_or(|own| own == at || !waiter.is_dialing())
        });
        let Some(waiter) = place.and_then(|place| self.waiting.remove(place)) else {
            return Err(connection);
        };
        if matches!(source, Source::Freed) {
            self.reused += 1;
        }
        waiter.deliver(Ok(Taken { connection, source }));
        Ok(waiter)
    }

    /// Where it stands in the queue.
    fn place(&self, waiter: &Arc<Waiter<C>>) -> Option<usize> {
        self.waiting
            .iter()
            .position(|other| Arc::ptr_eq(other, waiter))
    }

    /// Takes it out of the queue, if it stands there.
    fn take_out(&mut self, waiter: &Arc<Waiter<C>>) -> Option<Arc<Waiter<C>>> {
        let place = self.place(waiter)?;
        self.waiting.remove(place)
    }

    fn new(origin: Arc<Origin>) -> Host<C> {
        Host {
            origin,
            idle: Vec::new(),
            waiting: VecDeque::new(),
            open: 0,
            dialing: 0,
            dialed: 0,
            reused: 0,
        }
    }
}
