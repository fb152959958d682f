//! Taking in the next head: from what has been read first, from the socket only when that does not hold one.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use crate::core::Phase;
use crate::error::Ending;
use crate::exchange::{Exchanges, Stage};
use crate::info::ConnectionState;
use crate::stats::{Counters, Fault};

/// How long a connection idles before its busy part goes.
const MOMENT: Duration = Duration::from_millis(50);

/// Heads that are taken from one buffer before the task's neighbours get their turn.
const STREAK: u32 = 64;

/// Below this deadline a head that never completes gets no answer.
const ANSWERED: Duration = Duration::from_secs(5);

impl Exchanges<'_> {
    /// Ready once `head` is filled.
    pub(crate) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        loop {
            if !self.may_take_up() {
                return self.poll_backlog(cx);
            }
            if self.take_up()? {
                return Poll::Ready(Ok(()));
            }
            // About to sleep: what is finished leaves now, and its head lets go of what was read.
            self.let_go();
            let flushed = self.connection.poll_flush(cx)?;
            match self.connection.poll_fill(cx)? {
                Poll::Ready(0) => return Poll::Ready(Err(self.ended())),
                Poll::Ready(_) => self.pause(),
                Poll::Pending => return self.poll_receive_sleep(cx, flushed),
            }
        }
    }

    /// Drops the octets of the last head, so that their memory can be read into.
    #[inline(always)]
    fn let_go(&mut self) {
        if self.head.octets().is_empty() {
            return;
        }
        if let Some(head) = Arc::get_mut(&mut self.head) {
            head.clear();
        }
    }

    /// Takes a head up, if one has arrived.
    #[inline(always)]
    fn take_up(&mut self) -> Result<bool, Ending> {
        let half = self.connection.half();
        if half.buffered().is_empty() {
            return Ok(false);
        }
        let head = match Arc::get_mut(&mut self.head) {
            Some(head) => head,
            None => {
                // A service of the raw lane has kept the last one.
                self.head = Arc::default();
                Arc::get_mut(&mut self.head).expect("nobody else has it")
            }
        };
        match self.decoder.decode(half.buffer(), head) {
            Ok(true) => self.received(),
            Ok(false) => return Ok(false),
            Err(error) => return Err(self.refuse_head(&error)),
        }
        Ok(true)
    }

    /// Whether another head may begin: not on top of too much that is unwritten, nor for too long without a pause.
    fn may_take_up(&self) -> bool {
        let bound = self.connection.config().bounds.unwritten;
        self.streak < STREAK && self.connection.write.unwritten() <= bound
    }

    fn received(&mut self) {
        self.facts = self.head.exchange();
        let connection = &mut *self.connection;
        self.streak += 1;
        self.stage = Stage::Asked;
        connection.clock.head_since = None;
        connection.clock.idle_since = None;
        connection.link.set_state(ConnectionState::Active);
        Counters::add(&connection.link.counters.requests, 1);
    }

    /// The peer closed its direction.
    fn ended(&mut self) -> Ending {
        let half = self.connection.half();
        if self.decoder.started(half.buffer()) {
            self.connection.note(Fault::Head);
            return self.refuse(StatusCode::BAD_REQUEST);
        }
        Ending::Close
    }

    /// Waits until what is unwritten lets another head begin. Whatever of it is there waits for us, so no clock of its runs.
    #[cold]
    fn poll_backlog(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        self.pause();
        if self.connection.poll_flush(cx)?.is_ready() {
            // A task that never waits for its socket must let its neighbours run now and then.
            cx.waker().wake_by_ref();
        }
        let connection = &mut *self.connection;
        connection.listen(cx);
        if connection.phase() == Phase::Forced {
            return Poll::Ready(Err(Ending::Abort));
        }
        connection.clock.head_since = None;
        connection.clock.idle_since = None;
        ready!(connection.poll_timer(cx, None))?;
        Poll::Pending
    }

    fn poll_receive_sleep(
        &mut self,
        cx: &mut Context<'_>,
        flushed: Poll<()>,
    ) -> Poll<Result<(), Ending>> {
        self.pause();
        let between = self.is_between();
        let connection = &mut *self.connection;
        connection.listen(cx);
        let started = self.decoder.started(connection.half().buffer());
        match connection.phase() {
            Phase::Running => {}
            // The next request may be on its way for a moment yet.
            Phase::Brief | Phase::Draining if started || between || flushed.is_pending() => {}
            Phase::Brief | Phase::Draining => return Poll::Ready(Err(Ending::Close)),
            Phase::Forced => return Poll::Ready(Err(Ending::Abort)),
        }
        if started {
            return self.poll_head_sleep(cx);
        }
        if flushed.is_pending() {
            // The idle clock runs only when nothing is unwritten.
            connection.clock.idle_since = None;
            ready!(connection.poll_timer(cx, None))?;
            return Poll::Pending;
        }
        self.poll_rest(cx, between)
    }

    /// Waits for a head with nothing owed to the peer, nor by it. After a moment the connection rests, `between` two requests.
    fn poll_rest(&mut self, cx: &mut Context<'_>, between: bool) -> Poll<Result<(), Ending>> {
        let connection = &mut *self.connection;
        if connection.link.state() != ConnectionState::New {
            connection.link.set_state(ConnectionState::Idle);
        }
        if !between {
            let rest = connection.rest_deadline();
            ready!(connection.poll_timer(cx, rest))?;
            return Poll::Ready(Err(Ending::Close));
        }
        // All other clocks of a connection at rest are looked at when it is.
        let since = *connection.clock.idle_since.get_or_insert_with(Instant::now);
        let idle = connection.config().deadlines.idle;
        let moment = idle.map_or(MOMENT, |idle| idle.min(MOMENT));
        ready!(connection.poll_timer(cx, Some(since + moment)))?;
        Poll::Ready(Err(Ending::Idle))
    }

    /// Whether one request has been answered and nothing of another has come.
    fn is_between(&self) -> bool {
        let read = self.connection.read.as_ref();
        self.connection.link.state() != ConnectionState::New
            && read.is_some_and(|half| half.buffered().is_empty())
            && self.decoder.is_fresh()
    }

    /// Waits for the rest of a head, all of which has one deadline.
    fn poll_head_sleep(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        let connection = &mut *self.connection;
        connection.link.set_state(ConnectionState::Active);
        let since = *connection.clock.head_since.get_or_insert_with(Instant::now);
        let deadline = connection.config().deadlines.head;
        ready!(connection.poll_timer(cx, deadline.map(|deadline| since + deadline)))?;
        connection.note(Fault::Timeout);
        Poll::Ready(Err(match deadline {
            Some(deadline) if deadline >= ANSWERED => self.refuse(StatusCode::REQUEST_TIMEOUT),
            _ => Ending::Close,
        }))
    }
}
