//! The busy part of a connection: one exchange after the other.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::HeaderMap;
use http_codec::{
    Body, BodyErrorKind, BodyLength, Exchange, Expectation, RequestHead, RequestHeadDecoder,
};
use tokio::time::Instant;

use crate::clocks::Below;
use crate::connection::Connection;
use crate::core::Phase;
use crate::error::Ending;
use crate::lane::{FromHead, Serves};
use crate::link::{Override, signal};
use crate::loan::{Content, lend};
use crate::send::Sent;
use crate::spans::RequestSpan;
use crate::stats;

/// How much is read ahead of a handler in watching its peer.
const AHEAD: usize = 8 * 1024;

/// What a connection has while requests come.
pub(crate) struct Exchanges<'c> {
    pub(crate) connection: &'c mut Connection,
    pub(crate) decoder: RequestHeadDecoder,
    /// The current request's head; a service of the raw lane may keep it.
    pub(crate) head: Arc<RequestHead>,
    /// The memory of the last response's field section, which the next request's takes over.
    pub(crate) spare: HeaderMap,
    /// The facts of the current exchange.
    pub(crate) facts: Exchange,
    pub(crate) content: Content,
    pub(crate) overrides: Overrides,
    /// Of the last request whose content was waited for.
    pub(crate) below: Option<Below>,
    /// When the current request was handed to the service.
    pub(crate) called: Option<Instant>,
    /// Until when the service may take to be ready, while it is not.
    pub(crate) ready_until: Option<Instant>,
    pub(crate) stage: Stage,
    pub(crate) span: RequestSpan,
    /// Heads taken without a wait between them.
    pub(crate) streak: u32,
    /// The clock as it was read first since the last wait.
    now: Option<Instant>,
}

/// How far the current exchange has come: what may still be sent depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No request is under way.
    Waiting,
    /// A request is; nothing of its final response is queued.
    Asked,
    /// The response's head is queued, its content not wholly.
    Answering { since: Instant },
    /// The response is.
    Answered { since: Instant },
}

impl Stage {
    /// Since when the response's head has been out.
    pub(crate) const fn head_sent(self) -> Option<Instant> {
        match self {
            Stage::Waiting | Stage::Asked => None,
            Stage::Answering { since } | Stage::Answered { since } => Some(since),
        }
    }

    /// All of the response is queued.
    pub(crate) fn answered(&mut self) {
        if let Stage::Answering { since } = *self {
            *self = Stage::Answered { since };
        }
    }
}

/// The deadlines that a handler has set for the current exchange.
#[derive(Default)]
pub(crate) struct Overrides {
    pub(crate) content: Option<Override>,
    pub(crate) write: Option<Override>,
    pub(crate) close: bool,
}

impl<'c> Exchanges<'c> {
    pub(crate) fn new(connection: &'c mut Connection) -> Self {
        let config = connection.config();
        let decoder = RequestHeadDecoder::new(config.limits, config.leniency);
        Exchanges {
            connection,
            decoder,
            head: Arc::default(),
            spare: HeaderMap::new(),
            facts: Exchange::default(),
            content: Content::Done,
            overrides: Overrides::default(),
            below: None,
            called: None,
            ready_until: None,
            stage: Stage::Waiting,
            span: RequestSpan::none(),
            streak: 0,
            now: None,
        }
    }

    /// The task is about to wait, or has something new to go on with.
    #[inline]
    pub(crate) fn pause(&mut self) {
        self.streak = 0;
        self.now = None;
    }

    /// What time it is, to the handlers' computing since the last wait: pipelined requests are answered with one look at the
    /// clock.
    #[inline]
    pub(crate) fn now(&mut self) -> Instant {
        *self.now.get_or_insert_with(Instant::now)
    }

    /// Serves requests until the connection has idled for a moment, or ends.
    pub(crate) async fn serve<R: FromHead, S: Serves<R>>(&mut self, service: &mut S) -> Ending {
        loop {
            if let Err(ending) = self.exchange(service).await {
                return ending;
            }
        }
    }

    /// One request and its response.
    ///
    /// What is large is made in its place: a response moved through layers of futures was a tenth of a request's cost. A panic
    /// of the service, wherever it happens, ends all of this ([`unwound`](Self::unwound)).
    #[inline]
    async fn exchange<R: FromHead, S: Serves<R>>(&mut self, service: &mut S) -> Result<(), Ending> {
        poll_fn(|cx| self.poll_receive(cx)).await?;
        poll_fn(|cx| self.poll_ready(cx, service)).await?;
        self.admit()?;
        let content = self.lend();
        let mut request = R::new(&self.head, content);
        if let Err(error) = request.fill(&self.head, &mut self.spare) {
            return Err(self.refuse_head(&error));
        }
        let (mut draft, mut content) = (None, pin!(None));
        let sent = {
            let mut future = pin!(self.span.within(|| service.call(request)));
            poll_fn(|cx| self.poll_answer(cx, future.as_mut(), &mut draft, content.as_mut()))
                .await?
        };
        if !matches!(sent, Sent::Whole) {
            if let Some(draft) = &mut draft {
                self.send(sent, draft, content.as_mut()).await?;
            }
        }
        self.end_exchange();
        Ok(())
    }

    /// Begins to act on the head that was received, unless it is refused although it is well formed.
    #[inline]
    fn admit(&mut self) -> Result<(), Ending> {
        self.check(self.head.length())?;
        if self.connection.config().deadlines.response.is_some() {
            self.called = Some(Instant::now());
        }
        self.span = RequestSpan::of(&self.head, &self.connection.link);
        Ok(())
    }

    /// The content of the request that was received.
    #[inline(always)]
    fn lend(&mut self) -> Body {
        let length = self.head.length();
        lend(self.connection, &mut self.content, self.facts, length)
    }

    /// What is refused although its head is well formed.
    pub(crate) fn check(&mut self, length: BodyLength) -> Result<(), Ending> {
        if self.facts.expectation == Expectation::Unknown {
            self.connection.note(stats::Fault::Head);
            return Err(self.refuse(http::StatusCode::EXPECTATION_FAILED));
        }
        match length {
            BodyLength::Known(octets) if octets > self.connection.config().limits.content => {
                self.connection.note(stats::Fault::Content);
                Err(self.refuse(http::StatusCode::PAYLOAD_TOO_LARGE))
            }
            _ => Ok(()),
        }
    }

    /// What is done in every wait within an exchange, besides waiting. An error ends the connection.
    ///
    /// Whoever calls this has found nothing to go on with, and returns `Pending` after it.
    pub(crate) fn poll_sleep(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        self.pause();
        self.connection.listen(cx);
        loop {
            self.obey();
            match self.connection.poll_flush(cx) {
                Poll::Ready(Err(ending)) => return Err(self.lost(ending)),
                // What was not to be queued on top of too much: nobody else wakes us for it.
                Poll::Ready(Ok(())) if self.connection.link.has(signal::ORDERS) => {}
                _ => break,
            }
        }
        if matches!(self.content, Content::Lent) {
            if let Poll::Ready(back) = self.connection.link.home.poll_home(cx) {
                self.bring_home(back);
            }
        }
        self.watch(cx)?;
        if self.connection.phase() == Phase::Forced {
            self.revoke(BodyErrorKind::Revoked, "the server has shut down");
            return Err(Ending::Abort);
        }
        self.poll_clocks(cx)
    }

    /// Looks after the peer while the half is at home (rule 5 of the connection).
    fn watch(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        let connection = &mut *self.connection;
        while !connection.reset {
            let Some(half) = connection.read.as_mut() else {
                return Ok(());
            };
            if half.is_ended() || half.buffered().len() >= AHEAD {
                break;
            }
            match connection.poll_fill(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Ok(octets)) if octets > 0 => {}
                Poll::Ready(_) => break,
            }
        }
        let ended = connection.read.as_ref().is_some_and(|half| half.is_ended());
        if (ended || connection.reset) && connection.clock.half_closed_since.is_none() {
            connection.clock.half_closed_since = Some(Instant::now());
            connection.link.set_gone();
            if connection.config().cancel_on_disconnect {
                return Err(Ending::Abort);
            }
        }
        Ok(())
    }

    /// The peer cannot be written to: whoever still reads from it is told.
    pub(crate) fn lost(&mut self, ending: Ending) -> Ending {
        self.connection.link.set_gone();
        ending
    }
}
