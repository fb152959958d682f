//! A connection that may serve many exchanges: both halves, and the storage that they reuse.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll};

use http_codec::io::{Deadline, ReadHalf, WriteHalf};
use http_codec::{ResponseHead, ResponseHeadDecoder};
use tokio::runtime::Id as RuntimeId;
use tokio::task::coop::{has_budget_remaining, unconstrained};
use tokio::time::Instant;

use crate::config::Reading;
use crate::error::Error;
use crate::pool::{Pooled, Slot};
use crate::prepare::Outgoing;
use crate::trace::DialTimes;

/// A connection, boxed once, so that handing it on moves one pointer.
pub(crate) type Connection = Box<PersistConn>;

pub(crate) struct PersistConn {
    /// Elsewhere while content is read from it ([`Lent`](crate::lent::Lent)).
    pub(crate) read: ReadHalf,
    /// Elsewhere while an upload outlives its exchange ([`Meeting`](crate::upload::Meeting)).
    pub(crate) write: WriteHalf,
    pub(crate) decoder: ResponseHeadDecoder,
    pub(crate) head: ResponseHead,
    pub(crate) deadline: Deadline,
    pub(crate) facts: ConnectionFacts,
    slot: Slot<Connection>,
    runtime: RuntimeId,
    born: Instant,
}

/// What is known of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ConnectionFacts {
    pub(crate) local: Option<SocketAddr>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) dial: DialTimes,
}

impl PersistConn {
    pub(crate) fn new(
        (read, write): (ReadHalf, WriteHalf),
        facts: ConnectionFacts,
        reading: &Reading,
        slot: Slot<Connection>,
        runtime: RuntimeId,
    ) -> Connection {
        Box::new(PersistConn {
            read,
            write,
            decoder: ResponseHeadDecoder::new(reading.limits, reading.leniency),
            head: ResponseHead::default(),
            deadline: Deadline::new(),
            facts,
            slot,
            runtime,
            born: Instant::now(),
        })
    }

    /// Begins an exchange: puts the head of the request into the buffer. Nothing is written yet.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request).
    pub(crate) fn encode(&mut self, outgoing: &Outgoing<'_>) -> Result<(), Error> {
        outgoing.encode(&self.slot.origin.host_value, self.write.buffer())
    }

    /// Whether it could serve another exchange now, as far as it can be seen from here: nothing to write is left, and
    /// nothing has come that nobody asked for.
    pub(crate) fn is_clean(&self) -> bool {
        !self.write.needs_flush() && self.read.buffered().is_empty() && !self.read.is_ended()
    }

    /// Takes the reading half out; an empty one stands in for it.
    pub(crate) fn take_read(&mut self) -> ReadHalf {
        std::mem::replace(&mut self.read, ReadHalf::new(Box::new(tokio::io::empty())))
    }

    /// Takes the writing half out; a bottomless one stands in for it.
    pub(crate) fn take_write(&mut self) -> WriteHalf {
        std::mem::replace(&mut self.write, WriteHalf::new(Box::new(tokio::io::sink())))
    }
}

/// Back to the pool, about `now`, if it is clean; else it closes.
pub(crate) fn park(connection: Connection, now: Instant) {
    if !connection.is_clean() {
        return;
    }
    if let Some(pool) = connection.slot.pool() {
        pool.park(connection, now);
    }
}

impl Pooled for Connection {
    fn slot(&self) -> &Slot<Self> {
        &self.slot
    }

    fn slot_mut(&mut self) -> &mut Slot<Self> {
        &mut self.slot
    }

    fn runtime(&self) -> RuntimeId {
        self.runtime
    }

    fn born(&self) -> Instant {
        self.born
    }

    /// Asks the transport, not the socket: what TLS keeps to itself disturbs nobody.
    fn poll_disturbed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let disturbed = self.read.poll_fill(cx).map(|_| ());
        if disturbed.is_ready() || has_budget_remaining() {
            return disturbed;
        }
        // To a task that has used up its turn, nothing is ready, whatever there is.
        let look = unconstrained(poll_fn(|cx| self.read.poll_fill(cx)));
        pin!(look).poll(cx).map(|_| ())
    }

    fn rest(&mut self) {
        self.read.release();
        self.write.release();
        self.deadline.release();
    }
}
