//! The part of a connection that others can reach: its bodies, its handles and the server.
//!
//! One `Arc<Link>` per connection. It lends the reading half ([`Lender`]), carries signals to the connection's task, and
//! holds what only the task writes and others read.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use http::{HeaderMap, StatusCode};
use http_body::SizeHint;
use http_codec::io::{Home, Return, Upgraded};
use http_codec::{BodyError, BodyErrorKind, Lender, Piece};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::info::{ConnectionInfo, ConnectionState};
use crate::stats::Counters;
use crate::waker::TaskWaker;

/// What is to be told between a connection's task and the others, one bit each.
pub(crate) mod signal {
    /// The request expects `100-continue`, and nobody has asked for its content.
    pub(crate) const AWAITS_CONTINUE: u32 = 1;
    /// Such content was asked for: the interim response is to be sent.
    pub(crate) const CONTENT_WANTED: u32 = 1 << 1;
    /// There is something in [`Orders`](super::Orders).
    pub(crate) const ORDERS: u32 = 1 << 2;
    /// The peer has gone, or the connection has ended.
    pub(crate) const GONE: u32 = 1 << 3;
    /// The request offers an upgrade, or is a CONNECT without content.
    pub(crate) const OFFERS_UPGRADE: u32 = 1 << 4;
    /// A service is being called or its response sent: orders are heard.
    pub(crate) const OPEN: u32 = 1 << 5;
    /// The head of the final response is out.
    pub(crate) const HEAD_SENT: u32 = 1 << 6;
    /// Those that belong to one exchange.
    pub(crate) const OF_EXCHANGE: u32 =
        AWAITS_CONTINUE | CONTENT_WANTED | ORDERS | OFFERS_UPGRADE | OPEN | HEAD_SENT;
}

/// What a handler has asked its connection for.
#[derive(Default)]
pub(crate) struct Orders {
    /// Whose they are: the number of the request.
    pub(crate) request: u64,
    /// Interim responses to send, in order.
    pub(crate) interim: Vec<(StatusCode, HeaderMap)>,
    /// Who waits for the connection itself.
    pub(crate) upgrade: Option<oneshot::Sender<Upgraded>>,
    /// Another deadline for the request's content: an absolute one.
    pub(crate) content: Option<Override>,
    /// Another deadline for the response: an absolute one.
    pub(crate) write: Option<Override>,
    /// Close after this response.
    pub(crate) close: bool,
}

/// A deadline that a handler has set in place of the configured ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Override {
    At(Instant),
    Never,
}

/// See the module.
pub(crate) struct Link {
    pub(crate) home: Home,
    pub(crate) waker: TaskWaker,
    signals: AtomicU32,
    state: AtomicU8,
    pub(crate) counters: Counters,
    pub(crate) info: ConnectionInfo,
    pub(crate) core: Arc<Core>,
    orders: Mutex<Orders>,
    gone: OnceLock<CancellationToken>,
}

impl Link {
    pub(crate) fn new(core: Arc<Core>, info: ConnectionInfo) -> Self {
        Link {
            home: Home::new(),
            waker: TaskWaker::default(),
            signals: AtomicU32::new(0),
            state: AtomicU8::new(ConnectionState::New.octet()),
            counters: Counters::default(),
            info,
            core,
            orders: Mutex::default(),
            gone: OnceLock::new(),
        }
    }

    /// Whether one of `signals` is set.
    pub(crate) fn has(&self, signals: u32) -> bool {
        self.signals.load(Ordering::Acquire) & signals != 0
    }

    /// Sets `signals` and says what was set before.
    pub(crate) fn raise(&self, signals: u32) -> u32 {
        self.signals.fetch_or(signals, Ordering::AcqRel)
    }

    /// Clears `signals` and says which of them were set.
    pub(crate) fn take(&self, signals: u32) -> u32 {
        self.signals.fetch_and(!signals, Ordering::AcqRel) & signals
    }

    /// Begins an exchange, before any body or handle of it exists.
    pub(crate) fn open(&self, signals: u32) {
        let kept = self.signals.load(Ordering::Relaxed) & !signal::OF_EXCHANGE;
        self.signals
            .store(kept | signal::OPEN | signals, Ordering::Release);
    }

    /// Ends an exchange: what it had ordered is dropped, and nothing further is heard.
    ///
    /// Who waits for an upgrade does so among the orders, also once all others were carried out.
    #[inline(always)]
    pub(crate) fn close(&self) {
        if self.take(signal::OF_EXCHANGE) & (signal::ORDERS | signal::OFFERS_UPGRADE) != 0 {
            self.forget_orders();
        }
    }

    fn lock_orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection has ended: who waits for something it ordered is told.
    pub(crate) fn forget_orders(&self) {
        *self.lock_orders() = Orders::default();
    }

    /// The number of the request that was taken up last, from 1.
    pub(crate) fn request(&self) -> u64 {
        self.counters.requests.load(Ordering::Relaxed)
    }

    /// What the current request's handler has asked for. Orders of an earlier one that come late find nobody.
    pub(crate) fn orders(&self) -> MutexGuard<'_, Orders> {
        let mut orders = self.lock_orders();
        let current = self.request();
        if orders.request != current {
            *orders = Orders {
                request: current,
                ..Orders::default()
            };
        }
        orders
    }

    /// Gives an order of a request's handler to the connection's task; `false` if that request is over.
    pub(crate) fn order(&self, request: u64, give: impl FnOnce(&mut Orders)) -> bool {
        let mut orders = self.lock_orders();
        if self.request() != request || !self.has(signal::OPEN) {
            return false;
        }
        if orders.request != request {
            *orders = Orders {
                request,
                ..Orders::default()
            };
        }
        give(&mut orders);
        if self.raise(signal::ORDERS) & signal::OPEN == 0 {
            // It has ended meanwhile, and has not seen them.
            *orders = Orders::default();
            return false;
        }
        drop(orders);
        self.waker.wake();
        true
    }

    pub(crate) fn state(&self) -> ConnectionState {
        ConnectionState::from_octet(self.state.load(Ordering::Relaxed))
    }

    /// Moves on to `state` and tells the hook, if it is another one.
    pub(crate) fn set_state(&self, state: ConnectionState) {
        if self.state.load(Ordering::Relaxed) != state.octet() {
            self.state.store(state.octet(), Ordering::Relaxed);
            self.core.on_state(&self.info, state);
        }
    }

    /// The connection ends: takes the reading half back, wherever it is.
    pub(crate) fn end_loan(&self) -> Option<Return> {
        let reason = BodyError::new(BodyErrorKind::Revoked, "the connection has ended");
        let back = self.home.revoke(reason)?;
        self.count_loan();
        Some(back)
    }

    /// The half is back: what was read from it while it was lent counts.
    pub(crate) fn count_loan(&self) {
        Counters::add(&self.counters.received, self.home.activity().octets);
    }

    /// The peer has gone, or the connection ends: whoever awaits that is told.
    pub(crate) fn set_gone(&self) {
        self.raise(signal::GONE);
        if let Some(token) = self.gone.get() {
            token.cancel();
        }
    }

    /// A token that is cancelled when the peer has gone.
    pub(crate) fn gone(&self) -> &CancellationToken {
        let token = self.gone.get_or_init(CancellationToken::new);
        // A mere load might miss a signal whose setter has missed the token: of two changes of one value, one sees the other.
        if self.raise(0) & signal::GONE != 0 {
            token.cancel();
        }
        token
    }

    /// Content is asked for that the peer holds back: the connection's task is to say `100 Continue`.
    #[cold]
    fn want_content(&self) {
        if self.take(signal::AWAITS_CONTINUE) != 0 {
            self.raise(signal::CONTENT_WANTED);
            self.waker.wake();
        }
    }
}

impl Lender for Link {
    fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Result<Piece, BodyError>> {
        if self.has(signal::AWAITS_CONTINUE) {
            self.want_content();
        }
        self.home.poll_piece(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.home.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.home.size_hint()
    }

    fn returned(&self) {
        self.home.returned();
    }

    fn peer_addr(&self) -> Option<SocketAddr> {
        self.info.peer_addr()
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("info", &self.info)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
