//! What all connections of a server share: configuration, the register of connections, totals, the phase of its life.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::info::{ConnectionInfo, ConnectionState};
use crate::link::Link;
use crate::stats::{Stats, Totals};

/// A user's ear for the states of connections.
pub(crate) type StateHook = Arc<dyn Fn(&ConnectionInfo, ConnectionState) + Send + Sync>;

/// Where a server stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Accepting and serving.
    Running,
    /// The same, and no connection is kept alive beyond its current response.
    Brief,
    /// Finishing what runs; idle connections close.
    Draining,
    /// The deadline has passed: everything closes where it stands.
    Forced,
}

/// See the module.
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) totals: Totals,
    hook: Option<StateHook>,
    phase: AtomicU8,
    /// Cancelled when draining begins; what long streams watch.
    pub(crate) draining: CancellationToken,
    /// Cancelled at the shutdown's deadline.
    pub(crate) forced: CancellationToken,
    register: Mutex<Register>,
    /// Told whenever a connection or a listener leaves while somebody may wait for it.
    pub(crate) left: Notify,
}

/// Every connection that has been accepted and has not ended.
#[derive(Default)]
struct Register {
    open: usize,
    /// Listeners that are being accepted from.
    listeners: usize,
    links: Vec<Option<Arc<Link>>>,
    free: Vec<usize>,
    per_peer: HashMap<IpAddr, usize>,
    outcome: Outcome,
}

/// How connections ended since draining began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) finished: usize,
    pub(crate) forced: usize,
    pub(crate) refused: usize,
}

impl Core {
    pub(crate) fn new(config: Config, hook: Option<StateHook>) -> Self {
        Core {
            config: config.bounded(),
            totals: Totals::default(),
            hook,
            phase: AtomicU8::new(0),
            draining: CancellationToken::new(),
            forced: CancellationToken::new(),
            register: Mutex::default(),
            left: Notify::new(),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Running,
            1 => Phase::Brief,
            2 => Phase::Draining,
            _ => Phase::Forced,
        }
    }

    /// Moves on to `phase`, never back, and wakes every connection to see it.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, Ordering::AcqRel);
        self.draining.cancel();
        if phase == Phase::Forced {
            self.forced.cancel();
        }
        self.wake_all();
        self.left.notify_waiters();
    }

    /// Keeps connections alive, or no longer does. A server that stops has made up its mind.
    pub(crate) fn keep_alive(&self, on: bool) {
        let (from, to) = if on {
            (Phase::Brief, Phase::Running)
        } else {
            (Phase::Running, Phase::Brief)
        };
        let (from, to) = (from as u8, to as u8);
        let changed = self
            .phase
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
        if changed.is_ok() && !on {
            self.wake_all();
        }
    }

    /// Wakes every connection, so that it sees the phase.
    fn wake_all(&self) {
        let links: Vec<_> = self.register().links.iter().flatten().cloned().collect();
        for link in links {
            link.waker.wake();
        }
    }

    #[inline]
    pub(crate) fn on_state(&self, info: &ConnectionInfo, state: ConnectionState) {
        if let Some(hook) = &self.hook {
            tell(hook, info, state);
        }
    }

    fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        self.register().open
    }

    /// Whether nothing is being accepted from.
    pub(crate) fn is_deaf(&self) -> bool {
        self.register().listeners == 0
    }

    /// A listener is being accepted from, until the result is dropped.
    pub(crate) fn accepting(self: &Arc<Self>) -> Accepting {
        self.register().listeners += 1;
        Accepting(Arc::clone(self))
    }

    pub(crate) fn outcome(&self) -> Outcome {
        self.register().outcome
    }

    /// A snapshot of the counters.
    pub(crate) fn stats(&self) -> Stats {
        let load = |cell: &std::sync::atomic::AtomicU64| cell.load(Ordering::Relaxed);
        let mut stats = Stats {
            accepted: load(&self.totals.accepted),
            refused: load(&self.totals.refused),
            hijacked: load(&self.totals.hijacked),
            errors: self.totals.errors(),
            ..Stats::default()
        };
        // A connection that ends is taken over into the totals under the lock: it counts once, here or there.
        let register = self.register();
        self.totals.ended.add_to(&mut stats);
        let mut ready = 0;
        for link in register.links.iter().flatten() {
            ready += 1;
            link.counters.add_to(&mut stats);
            match link.state() {
                ConnectionState::New => stats.new += 1,
                ConnectionState::Active => stats.active += 1,
                ConnectionState::Idle => stats.idle += 1,
                ConnectionState::Hijacked | ConnectionState::Closed => {}
            }
        }
        stats.handshaking = register.open.saturating_sub(ready) as u64;
        stats
    }

    /// Takes a connection up, if its peer may have another one.
    pub(crate) fn admit(self: &Arc<Self>, peer: Option<IpAddr>) -> Option<Slot> {
        let bound = self.config.bounds.connections_per_peer;
        let peer = peer.filter(|_| bound.is_some());
        let mut register = self.register();
        if let (Some(peer), Some(bound)) = (peer, bound) {
            let count = register.per_peer.entry(peer).or_insert(0);
            if *count >= bound {
                return None;
            }
            *count += 1;
        }
        register.open += 1;
        Some(Slot {
            core: Arc::clone(self),
            peer,
            place: None,
            accepted: Instant::now(),
        })
    }
}

#[cold]
fn tell(hook: &StateHook, info: &ConnectionInfo, state: ConnectionState) {
    // A connection's end is told while its task may be unwinding already.
    if catch_unwind(AssertUnwindSafe(|| hook(info, state))).is_err() {
        tracing::error!(?state, "the hook on connection states panicked");
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("phase", &self.phase())
            .field("open", &self.open())
            .finish_non_exhaustive()
    }
}

/// A listener's place in the register.
pub(crate) struct Accepting(Arc<Core>);

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.register().listeners -= 1;
        self.0.left.notify_waiters();
    }
}

/// A connection's place in the register; dropping it is the connection's end.
pub(crate) struct Slot {
    core: Arc<Core>,
    peer: Option<IpAddr>,
    place: Option<usize>,
    accepted: Instant,
}

impl Slot {
    /// The connection is ready for requests, and can be reached through `link`.
    pub(crate) fn occupy(&mut self, link: &Arc<Link>) {
        let mut register = self.core.register();
        let entry = Some(Arc::clone(link));
        let place = match register.free.pop() {
            Some(place) => {
                register.links[place] = entry;
                place
            }
            None => {
                register.links.push(entry);
                register.links.len() - 1
            }
        };
        self.place = Some(place);
    }

    /// When the connection was accepted.
    pub(crate) fn accepted(&self) -> Instant {
        self.accepted
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let core = &self.core;
        let mut register = core.register();
        register.open -= 1;
        let link = self.place.and_then(|place| {
            register.free.push(place);
            register.links[place].take()
        });
        if let Some(peer) = self.peer {
            if let Some(count) = register.per_peer.get_mut(&peer) {
                *count -= 1;
                if *count == 0 {
                    register.per_peer.remove(&peer);
                }
            }
        }
        match (core.phase(), &link) {
            (Phase::Running | Phase::Brief, _) => {}
            (_, None) => register.outcome.refused += 1,
            (Phase::Draining, _) => register.outcome.finished += 1,
            (Phase::Forced, _) => register.outcome.forced += 1,
        }
        if let Some(link) = &link {
            core.totals.ended.absorb(&link.counters);
        }
        drop(register);
        if let Some(link) = link {
            // Whoever still holds the request's body holds no part of the connection any more.
            drop(link.end_loan());
            link.forget_orders();
            link.set_gone();
            if link.state() != ConnectionState::Hijacked {
                link.set_state(ConnectionState::Closed);
            }
        }
        core.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[tokio::test]
    async fn totals_never_decrease() {
        let core = Arc::new(Core::new(Config::default(), None));
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut before = 0;
                while !over.load(Ordering::Relaxed) {
                    let requests = core.stats().requests;
                    assert!(requests >= before, "{before}, then {requests}");
                    before = requests;
                }
            });
            for _ in 0..50_000 {
                let mut slot = core.admit(None).expect("no bound");
                let link = Arc::new(Link::new(Arc::clone(&core), ConnectionInfo::default()));
                slot.occupy(&link);
                crate::stats::Counters::add(&link.counters.requests, 1);
            }
            over.store(true, Ordering::Relaxed);
        });
        assert_eq!(core.stats().requests, 50_000);
    }
}
