//! Handing the connection over to another protocol (RFC 9110 sections 7.8 and 9.3.6).

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use http_codec::FieldLines;
use http_codec::grammar::list;
use http_codec::io::Upgraded;
use tokio::sync::oneshot;

use crate::error::Ending;
use crate::exchange::Exchanges;
use crate::info::ConnectionState;
use crate::lane::AnswerHead;
use crate::link::signal;

impl Exchanges<'_> {
    /// Whether the status may be sent: 101 only to protocols that were offered, and where somebody waits for the connection.
    #[cold]
    pub(crate) fn may_switch(&self, head: &impl AnswerHead) -> bool {
        let status = head.status();
        if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
            tracing::error!(request = %self.request_line(), %status, "an interim status as the final one");
            return false;
        }
        if status != StatusCode::SWITCHING_PROTOCOLS {
            return true;
        }
        let taken = self.connection.link.has(signal::OFFERS_UPGRADE)
            && self.connection.link.orders().upgrade.is_some()
            && self.names_offered(head);
        if !taken {
            tracing::error!(request = %self.request_line(), "101 without an upgrade that was offered, named and taken");
        }
        taken
    }

    /// Whether the response names the protocol that it switches to, as one that the request has named. Its version may be
    /// another one, or none.
    fn names_offered(&self, head: &impl AnswerHead) -> bool {
        let (mut any, mut all) = (false, true);
        protocols(head.fields(), |name| {
            let mut offered = false;
            protocols(&self.head.fields(), |other| {
                offered |= name.eq_ignore_ascii_case(other);
            });
            any = true;
            all &= offered;
        });
        any && all
    }

    /// The head that switches is queued: it is flushed, then both halves go to who waits for them.
    #[cold]
    pub(crate) async fn hand_over(&mut self) -> Result<(), Ending> {
        poll_fn(|cx| self.poll_flushed(cx)).await?;
        let heir = self.connection.link.orders().upgrade.take();
        let Some(heir) = heir.filter(|_| self.connection.link.has(signal::OFFERS_UPGRADE)) else {
            // A 2xx to CONNECT that nobody makes a tunnel of.
            return Err(Ending::Linger);
        };
        let Some(read) = self.connection.read.take() else {
            return Err(Ending::Abort);
        };
        let write = std::mem::replace(
            &mut self.connection.write,
            http_codec::io::WriteHalf::new(Box::new(tokio::io::sink())),
        );
        let link = &self.connection.link;
        link.core.totals.hijacked.fetch_add(1, Ordering::Relaxed);
        link.set_state(ConnectionState::Hijacked);
        // If nobody waits any more, the connection closes with what was sent.
        let _ = heir.send(Upgraded::new(read, write));
        Err(Ending::Hijacked)
    }

    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        if let Poll::Ready(flushed) = self.connection.poll_flush(cx) {
            return Poll::Ready(flushed);
        }
        self.poll_sleep(cx)?;
        Poll::Pending
    }
}

/// The names of the protocols in the `Upgrade` fields, without their versions.
fn protocols(fields: &impl FieldLines, mut each: impl FnMut(&[u8])) {
    fields.for_each(|name, value| {
        if !name.eq_ignore_ascii_case(b"upgrade") {
            return;
        }
        for protocol in list(value).filter(|protocol| !protocol.is_empty()) {
            each(
                protocol
                    .split(|octet| *octet == b'/')
                    .next()
                    .unwrap_or_default(),
            );
        }
    });
}

/// A connection that is to be handed over: resolves once the response that switches the protocol has been written.
///
/// Made by [`Handle::upgrade`](crate::Handle::upgrade). Dropping it closes the connection when it would be handed over.
///
/// # Errors
///
/// [`NotUpgraded`] if the response was another one, or could not be written.
///
/// # Cancel safety
///
/// Dropping it gives the connection up.
pub struct Upgrading {
    pub(crate) receiver: oneshot::Receiver<Upgraded>,
}

impl Future for Upgrading {
    type Output = Result<Upgraded, NotUpgraded>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.receiver).poll(cx)).map_err(|_| NotUpgraded(())))
    }
}

impl fmt::Debug for Upgrading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrading").finish_non_exhaustive()
    }
}

/// The connection was not handed over: the response did not switch the protocol, or could not be written.
#[derive(Debug)]
pub struct NotUpgraded(());

impl fmt::Display for NotUpgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was not handed over")
    }
}

impl std::error::Error for NotUpgraded {}
