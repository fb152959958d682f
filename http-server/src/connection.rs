//! One connection: two halves, one timer, and the loop over its requests.
//!
//! ```text
//!            octets                     a moment without a request
//!   resting ---------> exchanges (boxed) --------------------------> resting
//!      |                   |
//!      +---- deadline -----+----- the end was decided ----> end: flush, FIN, linger
//! ```
//!
//! What is needed only while requests come is in one box, which goes after a moment of idling: an idle connection carries
//! neither the size of the service's future nor any buffer.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use futures::FutureExt;
use http_codec::io::{Deadline, ReadHalf, WriteHalf};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::config::Config;
use crate::core::{Phase, Slot};
use crate::error::Ending;
use crate::exchange::Exchanges;
use crate::info::{ConnectionInfo, ConnectionState};
use crate::lane::{FromHead, Serves};
use crate::link::Link;
use crate::stats::{Counters, Fault};

/// How old a new connection must be for a shutdown to close it as an idle one: its first request may be on its way. (Go gives
/// it 5 s.)
pub(crate) const YOUTH: Duration = Duration::from_millis(500);

/// See the module.
pub(crate) struct Connection {
    slot: Slot,
    pub(crate) link: Arc<Link>,
    /// The reading half while it is at home; content in the making has it otherwise.
    pub(crate) read: Option<ReadHalf>,
    pub(crate) write: WriteHalf,
    pub(crate) timer: Deadline,
    pub(crate) clock: Clock,
    /// Reading or writing has failed: the peer is gone for good.
    pub(crate) reset: bool,
    /// The waker that others know.
    waker: Option<Waker>,
}

/// Since when things have been as they are.
pub(crate) struct Clock {
    pub(crate) opened: Instant,
    /// Since when nothing has been owed to the peer, nor by it.
    pub(crate) idle_since: Option<Instant>,
    /// Since when a head has been incomplete.
    pub(crate) head_since: Option<Instant>,
    /// Since when the peer has taken nothing of what is unwritten, and what it had taken by then.
    pub(crate) stalled_since: Option<Instant>,
    pub(crate) taken: u64,
    /// Since when the peer's direction has been closed.
    pub(crate) half_closed_since: Option<Instant>,
}

impl Connection {
    /// A connection that is ready for its first request.
    pub(crate) fn new<Io>(mut slot: Slot, io: Io, info: ConnectionInfo) -> Self
    where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let core = Arc::clone(slot.core());
        core.on_state(&info, ConnectionState::New);
        let link = Arc::new(Link::new(core, info));
        slot.occupy(&link);
        let (read, write) = http_codec::io::split(io);
        let clock = Clock {
            opened: slot.accepted(),
            idle_since: None,
            head_since: None,
            stalled_since: None,
            taken: 0,
            half_closed_since: None,
        };
        Connection {
            slot,
            link,
            read: Some(read),
            write,
            timer: Deadline::new(),
            clock,
            reset: false,
            waker: None,
        }
    }

    /// Serves requests until the connection ends. By then the service is gone.
    pub(crate) async fn serve<R: FromHead, S: Serves<R>>(&mut self, service: &mut Option<Box<S>>) {
        let ending = loop {
            if let Err(ending) = poll_fn(|cx| self.poll_rest(cx)).await {
                break ending;
            }
            let Some(service) = service.as_deref_mut() else {
                break Ending::Close;
            };
            let mut exchanges = Box::new(Exchanges::new(self));
            // One net under everything of the application that runs here.
            let served = AssertUnwindSafe(Box::pin(exchanges.serve(service))).catch_unwind();
            let ending = match served.await {
                Ok(ending) => ending,
                Err(panic) => exchanges.unwound(&*panic),
            };
            drop(exchanges);
            match ending {
                Ending::Idle => self.release(),
                ending => break ending,
            }
        };
        self.link.close();
        if let Some(back) = self.link.end_loan() {
            self.read = Some(back.half);
        }
        self.dismiss(service);
        Box::pin(self.end(ending)).await;
    }

    /// Drops the service: what it has reserved for a request that was then refused is not held while the connection lingers.
    fn dismiss<S>(&self, service: &mut Option<Box<S>>) {
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(service.take())));
        if dropped.is_err() {
            self.note(Fault::Panic);
            tracing::error!("a service panicked as it was dropped");
        }
    }

    /// Waits for the first octet of a request.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        if !self.half().buffered().is_empty() {
            return Poll::Ready(Ok(()));
        }
        match self.poll_fill(cx) {
            Poll::Ready(Ok(0)) => return Poll::Ready(Err(Ending::Close)),
            Poll::Ready(filled) => return Poll::Ready(filled.map(|_| ())),
            Poll::Pending => {}
        }
        self.listen(cx);
        let is_new = self.link.state() == ConnectionState::New;
        let at = match self.phase() {
            Phase::Running => self.rest_deadline(),
            Phase::Brief if is_new => self.rest_deadline(),
            Phase::Draining if is_new => Some(self.clock.opened + YOUTH),
            _ => return Poll::Ready(Err(Ending::Close)),
        };
        ready!(self.poll_timer(cx, at))?;
        Poll::Ready(Err(Ending::Close))
    }

    /// Until when the next request's first octet may come.
    pub(crate) fn rest_deadline(&mut self) -> Option<Instant> {
        let deadlines = self.config().deadlines;
        let age = deadlines.age.map(|age| self.clock.opened + age);
        let rest = if self.link.state() == ConnectionState::New {
            deadlines.first_octet.map(|first| self.clock.opened + first)
        } else {
            let since = *self.clock.idle_since.get_or_insert_with(Instant::now);
            deadlines.idle.map(|idle| since + idle)
        };
        earliest(rest, age)
    }

    /// Gives back what an idle connection has no need of.
    fn release(&mut self) {
        self.half().release();
        self.write.release();
    }

    pub(crate) fn config(&self) -> &Config {
        &self.slot.core().config
    }

    pub(crate) fn phase(&self) -> Phase {
        self.slot.core().phase()
    }

    pub(crate) fn note(&self, fault: Fault) {
        self.slot.core().totals.note(fault);
    }

    /// The reading half, which is at home between exchanges.
    pub(crate) fn half(&mut self) -> &mut ReadHalf {
        self.read
            .as_mut()
            .expect("between exchanges the reading half is at home")
    }

    /// Whoever has something to tell wakes this task from now on.
    #[inline]
    pub(crate) fn listen(&mut self, cx: &Context<'_>) {
        let waker = cx.waker();
        if !self
            .waker
            .as_ref()
            .is_some_and(|known| known.will_wake(waker))
        {
            self.link.waker.set(waker);
            self.waker = Some(waker.clone());
        }
    }

    /// Reads once into the half at home. `Ok(0)` is the peer's end; a failure is its reset.
    #[inline(always)]
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, Ending>> {
        match ready!(self.half().poll_fill(cx)) {
            Ok(octets) => {
                Counters::add(&self.link.counters.received, octets as u64);
                Poll::Ready(Ok(octets))
            }
            Err(error) => {
                tracing::debug!(%error, "reading failed");
                self.note(Fault::Io);
                self.reset = true;
                Poll::Ready(Err(Ending::Abort))
            }
        }
    }

    /// Writes what waits; ready when nothing does.
    #[inline(always)]
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        if !self.write.needs_flush() {
            return Poll::Ready(Ok(()));
        }
        let flushed = self.write.poll_flush(cx);
        let written = self.write.written();
        self.link
            .counters
            .sent
            .store(written, std::sync::atomic::Ordering::Relaxed);
        match flushed {
            Poll::Ready(Ok(())) => {
                self.clock.stalled_since = None;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "writing failed");
                self.note(Fault::Io);
                self.reset = true;
                Poll::Ready(Err(Ending::Abort))
            }
            Poll::Pending => {
                let taken = self.taken(written);
                if self.clock.stalled_since.is_none() || self.clock.taken != taken {
                    self.clock.stalled_since = Some(Instant::now());
                    self.clock.taken = taken;
                }
                Poll::Pending
            }
        }
    }

    /// How many octets have left for the peer. A transport that is TLS keeps some of the `written` ones, and tells.
    #[cold]
    fn taken(&self, written: u64) -> u64 {
        #[cfg(any(feature = "tls-ring", feature = "tls-aws-lc-rs"))]
        if let Some(below) = self.link.info.extensions().get::<crate::listener::Below>() {
            return below.taken();
        }
        written
    }

    /// How many octets have come below TLS; `None` where there is none.
    pub(crate) fn come(&self) -> Option<u64> {
        #[cfg(any(feature = "tls-ring", feature = "tls-aws-lc-rs"))]
        if let Some(below) = self.link.info.extensions().get::<crate::listener::Below>() {
            return Some(below.come());
        }
        None
    }

    /// Ready with `Ok` when `at` has passed, and with an error when the peer takes nothing of what we write.
    pub(crate) fn poll_timer(
        &mut self,
        cx: &mut Context<'_>,
        at: Option<Instant>,
    ) -> Poll<Result<(), Ending>> {
        let stalled = match (self.clock.stalled_since, self.config().deadlines.write) {
            (Some(since), Some(write)) => Some(since + write),
            _ => None,
        };
        self.timer.set(earliest(at, stalled));
        ready!(self.timer.poll(cx));
        if stalled.is_some() && stalled == self.timer.at() {
            self.note(Fault::Timeout);
            return Poll::Ready(Err(Ending::Abort));
        }
        Poll::Ready(Ok(()))
    }
}

/// The earlier of two moments, `None` being never.
pub(crate) fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
