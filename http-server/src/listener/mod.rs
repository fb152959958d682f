//! Where connections come from.
//!
//! A [`Listener`] accepts; what it accepts is a [`Handshake`], which becomes a transport in the connection's own task, so that
//! a slow peer never holds up the others. Listeners that add something (TLS, PROXY protocol) wrap another listener.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use futures::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::unconstrained;

use crate::info::ConnectionInfo;

#[cfg(unix)]
mod inherited;
mod proxy_protocol;
mod tcp;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc-rs"))]
mod tls;
#[cfg(unix)]
mod unix;

#[cfg(unix)]
pub use inherited::{Inherited, inherited};
pub use proxy_protocol::{Proxied, ProxyHeader, ProxyProtocol};
pub use tcp::TcpOptions;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc-rs"))]
pub(crate) use tls::Below;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc-rs"))]
pub use tls::{FirstOctets, Tls, TlsConfig, TlsHandshake, TlsInfo};

/// A source of connections.
///
/// Implemented for tokio's [`TcpListener`](tokio::net::TcpListener) and [`UnixListener`](tokio::net::UnixListener). A
/// listener of your own yields [`Accepted`] where a connection needs no handshake.
///
/// ```
/// use std::io;
/// use http_server::ConnectionInfo;
/// use http_server::listener::{Accepted, Listener};
/// use tokio::io::DuplexStream;
/// use tokio::sync::mpsc::Receiver;
///
/// /// Connections that somebody hands over in memory.
/// struct Pipes(Receiver<DuplexStream>);
///
/// impl Listener for Pipes {
///     type Handshake = Accepted<DuplexStream>;
///
///     async fn accept(&mut self) -> io::Result<Self::Handshake> {
///         match self.0.recv().await {
///             Some(pipe) => Ok(Accepted::new(pipe, ConnectionInfo::default())),
///             None => Err(io::ErrorKind::BrokenPipe.into()),
///         }
///     }
/// }
/// ```
pub trait Listener: Send + 'static {
    /// What one accepted connection is at first.
    type Handshake: Handshake;

    /// Waits for the next connection.
    ///
    /// # Errors
    ///
    /// The server logs an error, waits (5 ms, doubled up to 1 s) and accepts again: an error of one connection or a lack of
    /// descriptors must not end a server. It gives up, and returns the error from
    /// [`serve`](crate::Server::serve), on kinds that cannot heal: `BrokenPipe`, `UnexpectedEof`, `InvalidInput`, `Unsupported`.
    ///
    /// # Cancel safety
    ///
    /// Must be cancel safe: no connection may be lost when the future is dropped.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Handshake>> + Send;

    /// A connection that is there already, without waiting for one; `None` if there is none. A server that stops asks for them
    /// before it drops the listener, for their peers hold them for accepted.
    ///
    /// As it is, one poll of [`accept`](Self::accept). A listener that wraps another asks that one.
    fn accept_queued(&mut self) -> Option<Self::Handshake> {
        unconstrained(self.accept()).now_or_never()?.ok()
    }
}

/// An accepted connection on its way to being a transport.
pub trait Handshake: Send + 'static {
    /// The transport that requests come over.
    type Io: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// The peer's address, as far as it is known before the handshake; what the bound of connections per peer counts.
    fn peer_addr(&self) -> Option<SocketAddr>;

    /// Makes the transport ready, in the connection's own task and under the handshake's deadline.
    ///
    /// # Errors
    ///
    /// Whatever keeps the transport from being ready; the connection is closed and the error logged.
    fn establish(self) -> impl Future<Output = io::Result<(Self::Io, ConnectionInfo)>> + Send;
}

/// A connection that is ready as it is accepted.
#[derive(Debug)]
pub struct Accepted<Io> {
    io: Io,
    info: ConnectionInfo,
}

impl<Io> Accepted<Io> {
    /// A transport, and what is known of its peer.
    pub fn new(io: Io, info: ConnectionInfo) -> Self {
        Accepted { io, info }
    }
}

impl<Io> Handshake for Accepted<Io>
where
    Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Io = Io;

    fn peer_addr(&self) -> Option<SocketAddr> {
        self.info.peer_addr()
    }

    async fn establish(self) -> io::Result<(Io, ConnectionInfo)> {
        Ok((self.io, self.info))
    }
}
