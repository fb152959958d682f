//! What a handler can ask its connection for.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use http_codec::Body;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::info::ConnectionInfo;
use crate::link::{Link, Override, signal};
use crate::upgrade::Upgrading;

/// Interim responses that may wait to be sent.
const WAITING: usize = 100;

/// The handle of the connection that a request's body came in on; `None` for a body of another origin.
///
/// Take it while the request is under way, before the body is consumed: a body that is kept for longer leads to whatever
/// request its connection has come to. It costs no allocation.
///
/// ```
/// use std::convert::Infallible;
/// use http::{Request, Response};
/// use http_server::{Body, handle};
///
/// async fn whoami(request: Request<Body>) -> Result<Response<Body>, Infallible> {
///     let peer = handle(request.body()).and_then(|handle| handle.peer_addr());
///     Ok(Response::new(Body::from(format!("{peer:?}\n"))))
/// }
/// # let _ = whoami;
/// ```
pub fn handle(body: &Body) -> Option<Handle> {
    let link = Arc::clone(body.lender()?)
        .as_any()
        .downcast::<Link>()
        .ok()?;
    let request = link.request();
    Some(Handle { link, request })
}

/// A handler's way to its connection: who the peer is, whether it is still there, and what goes beyond one request and one
/// response. Cheap to clone.
///
/// It belongs to the request that it was taken from: once the response is sent, orders fail with [`OrderError::Over`].
#[derive(Clone)]
pub struct Handle {
    link: Arc<Link>,
    request: u64,
}

impl Handle {
    /// Who is at the other end.
    pub fn info(&self) -> &ConnectionInfo {
        &self.link.info
    }

    /// The peer's address; `None` on Unix sockets and pipes.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.link.info.peer_addr()
    }

    /// The address that the peer connected to; `None` on Unix sockets and pipes.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.link.info.local_addr()
    }

    /// Which request of its connection this is, counted from 1.
    pub fn number(&self) -> u64 {
        self.request
    }

    /// Resolves when the peer closes its direction or resets the connection, and when the connection ends.
    ///
    /// The peer is looked after once the handler waits for something and the request's content has been read. A peer that
    /// only closed its direction may still be waiting for its answer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn closed(&self) {
        self.link.gone().cancelled().await;
    }

    /// Whether [`closed`](Self::closed) would resolve at once.
    pub fn is_closed(&self) -> bool {
        self.link.has(signal::GONE)
    }

    /// A token that is cancelled when the server begins to shut down: long streams end themselves then.
    pub fn shutdown(&self) -> CancellationToken {
        self.link.core.draining.clone()
    }

    /// Sends an interim response (RFC 9110 section 15.2), as 103 (Early Hints), ahead of the response.
    ///
    /// It leaves when the handler next waits. 100 (Continue) asks for the request's content without reading it. An HTTP/1.0
    /// client is sent none. A peer that is behind with reading is sent more when it has caught up, if the response is not ready
    /// by then.
    ///
    /// # Errors
    ///
    /// [`OrderError::Status`] for anything but 100 and 102 to 199; [`OrderError::Over`] once the response's head is out;
    /// [`OrderError::Full`] while 100 of them wait already.
    pub fn send_interim(&self, status: StatusCode, fields: HeaderMap) -> Result<(), OrderError> {
        if !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(OrderError::Status);
        }
        if !self.is_current() || self.link.has(signal::HEAD_SENT) {
            return Err(OrderError::Over);
        }
        let mut is_full = false;
        self.order(|orders| {
            is_full = orders.interim.len() >= WAITING;
            if !is_full {
                orders.interim.push((status, fields));
            }
        })?;
        if is_full {
            return Err(OrderError::Full);
        }
        Ok(())
    }

    /// Takes the connection over: for an `Upgrade` that the request offers, and for `CONNECT`.
    ///
    /// Answer 101 (Switching Protocols) with a protocol of the offer in `Upgrade`, or 2xx to a CONNECT, and await the result in a
    /// task of your own: it resolves once that response has been written, with what was already read of the other protocol.
    /// Deadlines and shutdown no longer apply.
    ///
    /// # Errors
    ///
    /// [`OrderError::NotOffered`] where the request offers no upgrade that may be taken: no `Connection: upgrade`, HTTP/1.0, or
    /// content. [`OrderError::Over`] once the response is sent.
    pub fn upgrade(&self) -> Result<Upgrading, OrderError> {
        if !self.is_current() {
            return Err(OrderError::Over);
        }
        if !self.link.has(signal::OFFERS_UPGRADE) {
            return Err(OrderError::NotOffered);
        }
        let (sender, receiver) = oneshot::channel();
        self.order(|orders| orders.upgrade = Some(sender))?;
        Ok(Upgrading { receiver })
    }

    /// Sets until when this request's content may come, in place of the configured deadlines; `None` is for ever. A moment that
    /// has passed ends a pending read.
    ///
    /// # Errors
    ///
    /// [`OrderError::Over`] once the response is sent.
    pub fn set_content_deadline(&self, at: Option<Instant>) -> Result<(), OrderError> {
        self.order(|orders| orders.content = Some(at.map_or(Override::Never, Override::At)))
    }

    /// Sets until when this request's response must be sent, in place of the configured deadline; `None` is for ever. At that
    /// moment the connection answers 503, or is closed where the response has begun.
    ///
    /// # Errors
    ///
    /// [`OrderError::Over`] once the response is sent.
    pub fn set_response_deadline(&self, at: Option<Instant>) -> Result<(), OrderError> {
        self.order(|orders| orders.write = Some(at.map_or(Override::Never, Override::At)))
    }

    /// Closes the connection after this response, which says so if its head is not out yet.
    ///
    /// # Errors
    ///
    /// [`OrderError::Over`] once the response is sent.
    pub fn close_after(&self) -> Result<(), OrderError> {
        self.order(|orders| orders.close = true)
    }

    /// Whether the request that this is of is the one under way.
    fn is_current(&self) -> bool {
        self.link.request() == self.request && self.link.has(signal::OPEN)
    }

    fn order(&self, give: impl FnOnce(&mut crate::link::Orders)) -> Result<(), OrderError> {
        if self.link.order(self.request, give) {
            Ok(())
        } else {
            Err(OrderError::Over)
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("info", &self.link.info)
            .field("number", &self.request)
            .finish()
    }
}

/// Why a connection does not do what its handler asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderError {
    /// The exchange is over, or the response's head is out.
    Over,
    /// The request offers no upgrade that may be taken.
    NotOffered,
    /// Not the status of an interim response.
    Status,
    /// As many as may wait to be sent do.
    Full,
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OrderError::Over => "the response is already sent",
            OrderError::NotOffered => "the request offers no upgrade",
            OrderError::Status => "not the status of an interim response",
            OrderError::Full => "too much waits to be sent already",
        })
    }
}

impl std::error::Error for OrderError {}
