//! Live counters.
//!
//! A connection counts in its own cells, which only it writes, so that a request costs no contended operation; they are
//! added to the server's totals when the connection ends, and summed up with them when somebody asks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a server has done so far, and is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Connections accepted since the start.
    pub accepted: u64,
    /// Connections closed as they were accepted: over the limit of their peer address.
    pub refused: u64,
    /// Connections that are not yet ready for requests (TLS handshake, PROXY header).
    pub handshaking: u64,
    /// Connections from which no octet has come.
    pub new: u64,
    /// Connections with a request under way.
    pub active: u64,
    /// Connections between two requests.
    pub idle: u64,
    /// Connections handed over by an upgrade or a CONNECT, since the start.
    pub hijacked: u64,
    /// Requests whose head was received, since the start.
    pub requests: u64,
    /// Octets read from connections.
    pub received: u64,
    /// Octets written to connections.
    pub sent: u64,
    /// What went wrong, by kind.
    pub errors: ErrorStats,
}

impl Stats {
    /// Connections that are open now and belong to the server.
    pub fn open(&self) -> u64 {
        self.handshaking + self.new + self.active + self.idle
    }
}

/// Errors since the start, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorStats {
    /// `accept` failed (too many open files, a peer gone before it was accepted).
    pub accept: u64,
    /// The transport could not be made ready: TLS handshake, PROXY header, their deadline.
    pub handshake: u64,
    /// A head was refused (400, 414, 431, 501, 505) or an expectation not met (417).
    pub head: u64,
    /// Content broke its framing or ended early.
    pub content: u64,
    /// A deadline passed: head, content, write, handler.
    pub timeout: u64,
    /// Reading or writing failed: mostly a peer that went away.
    pub io: u64,
    /// A handler panicked.
    pub panic: u64,
    /// The service or a response body returned an error, or was not ready.
    pub service: u64,
}

/// The kinds of [`ErrorStats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Accept,
    Handshake,
    Head,
    Content,
    Timeout,
    Io,
    Panic,
    Service,
}

const FAULTS: usize = 8;

/// The server's totals.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) accepted: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) hijacked: AtomicU64,
    pub(crate) ended: Counters,
    errors: [AtomicU64; FAULTS],
}

impl Totals {
    pub(crate) fn note(&self, fault: Fault) {
        self.errors[fault as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn errors(&self) -> ErrorStats {
        let of = |fault: Fault| self.errors[fault as usize].load(Relaxed);
        ErrorStats {
            accept: of(Fault::Accept),
            handshake: of(Fault::Handshake),
            head: of(Fault::Head),
            content: of(Fault::Content),
            timeout: of(Fault::Timeout),
            io: of(Fault::Io),
            panic: of(Fault::Panic),
            service: of(Fault::Service),
        }
    }
}

/// What one connection counts; and the sum of those that have ended.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) received: AtomicU64,
    pub(crate) sent: AtomicU64,
}

impl Counters {
    /// Adds to a cell that only the calling task writes.
    pub(crate) fn add(cell: &AtomicU64, count: u64) {
        cell.store(cell.load(Relaxed).wrapping_add(count), Relaxed);
    }

    /// Adds another's counts to these, which many may write.
    pub(crate) fn absorb(&self, other: &Counters) {
        self.requests
            .fetch_add(other.requests.load(Relaxed), Relaxed);
        self.received
            .fetch_add(other.received.load(Relaxed), Relaxed);
        self.sent.fetch_add(other.sent.load(Relaxed), Relaxed);
    }

    /// Adds these counts to a snapshot.
    pub(crate) fn add_to(&self, stats: &mut Stats) {
        stats.requests += self.requests.load(Relaxed);
        stats.received += self.received.load(Relaxed);
        stats.sent += self.sent.load(Relaxed);
    }
}
