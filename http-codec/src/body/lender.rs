//! The lender of a reading half: what a [`Body`](super::Body) knows of the connection that its content comes from.
//!
//! A body whose content is still on the wire holds the one *ticket* to its connection's reading half. Polling the ticket
//! reads; dropping it before the end gives the half back. A ticket is *spent* by its last piece or by an error: from then on
//! the body never calls the lender again, and the lender may lend the half to the next message.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};

use super::BodyError;

/// A piece of lent content.
#[derive(Debug)]
pub enum Piece {
    /// A frame; more may follow.
    Frame(Frame<Bytes>),
    /// The rest: the last data, if any, and the trailers, if any. The ticket is spent.
    Last(Option<Bytes>, Option<HeaderMap>),
}

/// Who lends a reading half to a [`Body`](super::Body), and hears when it comes back.
///
/// Implemented by connections; the `io` feature has the slot that does the work ([`Home`](crate::io::Home)).
pub trait Lender: Send + Sync + 'static {
    /// Polls for the next piece. `Piece::Last` and an error spend the ticket.
    fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Result<Piece, BodyError>>;

    /// Whether nothing more will come, as far as is known without reading.
    fn is_end_stream(&self) -> bool;

    /// How many octets of data are still to come, as far as is known.
    fn size_hint(&self) -> SizeHint;

    /// The ticket was dropped before it was spent. Called at most once a loan.
    fn returned(&self);

    /// The address of the peer, where the connection has one and tells it: what a router logs as its client.
    fn peer_addr(&self) -> Option<SocketAddr> {
        None
    }

    /// The lender as its own type, for the facts of a connection that are not the body's business.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}
