//! Unread content: skip a little of it, or decide to close (rule 1 of the connection).

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use http_codec::io::Fault;
use http_codec::{BodyError, BodyErrorKind, Exchange};
use tokio::time::Instant;

use crate::core::Phase;
use crate::error::Ending;
use crate::exchange::{Exchanges, Overrides, Stage};
use crate::link::signal;
use crate::loan::Content;
use crate::spans::RequestSpan;
use crate::stats;

impl Exchanges<'_> {
    /// Before a response head: brings the half home if its body was dropped, and skips what was left unread.
    ///
    /// Afterwards the content is done, broken, too large to skip, or still held by a live borrower.
    pub(crate) async fn clear_content(&mut self) -> Result<(), Ending> {
        if matches!(self.content, Content::Lent) {
            if let Some(back) = self.connection.link.home.take_home() {
                self.bring_home(back);
            }
        }
        // Content that the peer holds back is never waited for.
        if matches!(self.content, Content::Unread(_))
            && !self.connection.link.has(signal::AWAITS_CONTINUE)
        {
            self.drain().await?;
        }
        Ok(())
    }

    /// Skips unread content: what has arrived, then what comes within a short while; known to be larger, nothing.
    async fn drain(&mut self) -> Result<(), Ending> {
        let bounds = self.connection.config().bounds;
        let mut left = bounds.drain;
        let mut until = None;
        poll_fn(|cx| self.poll_drain(cx, &mut left, &mut until)).await
    }

    fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        left: &mut u64,
        until: &mut Option<Instant>,
    ) -> Poll<Result<(), Ending>> {
        loop {
            let Content::Unread(decoder) = &mut self.content else {
                return Poll::Ready(Ok(()));
            };
            if decoder
                .remaining()
                .is_some_and(|remaining| remaining > *left)
            {
                return Poll::Ready(Ok(()));
            }
            let half = self
                .connection
                .read
                .as_mut()
                .expect("unread content means that the half is home");
            match decoder.decode(half.buffer()) {
                Ok(Some(frame)) => {
                    let skipped = frame.data_ref().map_or(0, |data| data.len() as u64);
                    match left.checked_sub(skipped) {
                        Some(rest) => *left = rest,
                        None => return Poll::Ready(Ok(())),
                    }
                    continue;
                }
                Ok(None) if decoder.is_end() => {
                    self.content = Content::Done;
                    return Poll::Ready(Ok(()));
                }
                Ok(None) => {}
                Err(error) => {
                    self.broke(error);
                    return Poll::Ready(Ok(()));
                }
            }
            match self.connection.poll_fill(cx) {
                Poll::Ready(Ok(0)) => {
                    let error = truncated(&mut self.content);
                    self.broke(error);
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(_)) => continue,
                Poll::Ready(Err(_)) => {
                    self.content = Content::Broken(None);
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending => {}
            }
            return self.poll_drain_sleep(cx, until);
        }
    }

    fn poll_drain_sleep(
        &mut self,
        cx: &mut Context<'_>,
        until: &mut Option<Instant>,
    ) -> Poll<Result<(), Ending>> {
        let connection = &mut *self.connection;
        let time = connection.config().bounds.drain_time;
        let until = *until.get_or_insert_with(|| Instant::now() + time);
        connection.listen(cx);
        if let Poll::Ready(Err(ending)) = connection.poll_flush(cx) {
            return Poll::Ready(Err(ending));
        }
        if connection.phase() == Phase::Forced {
            return Poll::Ready(Err(Ending::Abort));
        }
        ready!(connection.poll_timer(cx, Some(until)))?;
        // Not in time: the content stays unread, and the connection closes after the response.
        Poll::Ready(Ok(()))
    }

    fn broke(&mut self, error: impl Into<BodyError>) {
        let error = error.into();
        self.connection.note(stats::Fault::Content);
        self.content = Content::Broken(Some(Fault::from(&error)));
    }

    /// After a response that left the connection open, with its request's content still on loan: the half comes home.
    #[cold]
    pub(crate) async fn settle(&mut self) -> Result<(), Ending> {
        // It is not said with responses that end their exchange.
        self.connection.link.raise(signal::HEAD_SENT);
        self.reclaim().await?;
        self.clear_content().await?;
        if matches!(self.content, Content::Done) {
            Ok(())
        } else {
            // The head has promised otherwise; it cannot be kept.
            Err(Ending::Linger)
        }
    }

    /// After a response that said `Connection: close`: whoever still reads the content may do so; then the end.
    #[cold]
    pub(crate) async fn finish(&mut self) -> Result<(), Ending> {
        self.reclaim().await?;
        Err(Ending::Linger)
    }

    /// The exchange is over, and another may follow.
    #[inline(always)]
    pub(crate) fn end_exchange(&mut self) {
        self.connection.link.close();
        self.overrides = Overrides::default();
        self.called = None;
        self.stage = Stage::Waiting;
        // What is refused next has nothing to do with this request.
        self.facts = Exchange::default();
        self.span = RequestSpan::none();
    }

    /// Waits for the half as long as its borrower shows signs of life.
    #[cold]
    async fn reclaim(&mut self) -> Result<(), Ending> {
        self.connection.clock.idle_since = None;
        let mut seen = (0, Instant::now());
        poll_fn(|cx| self.poll_reclaim(cx, &mut seen)).await
    }

    fn poll_reclaim(
        &mut self,
        cx: &mut Context<'_>,
        seen: &mut (u32, Instant),
    ) -> Poll<Result<(), Ending>> {
        loop {
            self.poll_sleep(cx)?;
            if !matches!(self.content, Content::Lent) {
                return Poll::Ready(Ok(()));
            }
            let Some(forgotten) = self.connection.config().deadlines.forgotten else {
                return Poll::Pending;
            };
            let activity = self.connection.link.home.activity();
            if activity.polls != seen.0 || activity.pending_since.is_some() {
                *seen = (activity.polls, Instant::now());
            }
            ready!(self.connection.poll_timer(cx, Some(seen.1 + forgotten)))?;
            if self.connection.link.home.activity().polls == seen.0 {
                self.revoke(BodyErrorKind::Revoked, "the body lay unread for too long");
            }
        }
    }
}

/// What the content says of the peer's end.
fn truncated(content: &mut Content) -> BodyError {
    let finished = match content {
        Content::Unread(decoder) => decoder.finish(),
        _ => Ok(()),
    };
    match finished {
        Err(error) => error.into(),
        Ok(()) => BodyError::new(BodyErrorKind::Truncated, "the content ended early"),
    }
}
