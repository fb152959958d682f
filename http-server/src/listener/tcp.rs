//! TCP, and the options of its sockets.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpStream};

use super::{Accepted, Listener};
use crate::info::ConnectionInfo;

/// Accepts with `TCP_NODELAY` set: responses leave in whole writes, and a small one must not wait for an acknowledgement.
impl Listener for TcpListener {
    type Handshake = Accepted<TcpStream>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (stream, peer) = TcpListener::accept(self).await?;
        Ok(accepted(stream, Some(peer)))
    }

    /// Asks the system itself: the runtime may not have heard of it yet.
    fn accept_queued(&mut self) -> Option<Self::Handshake> {
        let (socket, peer) = SockRef::from(&*self).accept().ok()?;
        socket.set_nonblocking(true).ok()?;
        let stream = TcpStream::from_std(socket.into()).ok()?;
        Some(accepted(stream, peer.as_socket()))
    }
}

/// How much may wait in a socket for its peer to take it. Without a bound it is megabytes, and the socket has room again only when
/// a third of them is gone: a peer that reads slowly would look like one that takes nothing, until [`Deadlines::write`].
///
/// [`Deadlines::write`]: crate::Deadlines::write
#[cfg(target_os = "linux")]
const UNSENT: u32 = 512 * 1024;

fn accepted(stream: TcpStream, peer: Option<SocketAddr>) -> Accepted<TcpStream> {
    // A peer that has gone already shows when it is read from; that is no reason to fail here.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT);
    let local = stream.local_addr().ok();
    Accepted::new(stream, ConnectionInfo::new(peer, local))
}

/// How a TCP socket is opened for listening.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use http_server::listener::TcpOptions;
///
/// let listener = TcpOptions::new().backlog(4096).bind("127.0.0.1:8080".parse().expect("an address"))?;
/// # drop(listener);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TcpOptions {
    backlog: i32,
    reuse_port: bool,
    keepalive: Option<Duration>,
    v6_only: Option<bool>,
}

impl Default for TcpOptions {
    fn default() -> Self {
        TcpOptions::new()
    }
}

impl TcpOptions {
    /// The defaults: a backlog of 4096, no `SO_REUSEPORT`, keepalive probes after 15 s of silence (as Go has it).
    /// `SO_REUSEADDR` is always set, so that a server can be restarted at once.
    pub const fn new() -> Self {
        TcpOptions {
            backlog: 4096,
            reuse_port: false,
            keepalive: Some(Duration::from_secs(15)),
            v6_only: None,
        }
    }

    /// How many connections the system holds for us before they are accepted. Default: 4096, or less where the system
    /// says so. (`TcpListener::bind` of std and tokio has it hold 128: those of a larger rush wait a second or more.)
    #[must_use]
    pub const fn backlog(mut self, connections: i32) -> Self {
        self.backlog = connections;
        self
    }

    /// Whether several sockets may listen at the same port, the system sharing out connections between them
    /// (`SO_REUSEPORT`). Default: no.
    #[must_use]
    pub const fn reuse_port(mut self, on: bool) -> Self {
        self.reuse_port = on;
        self
    }

    /// After how much silence the system probes whether a peer is still there; `None` turns it off. Default: 15 s.
    #[must_use]
    pub const fn keepalive(mut self, silence: Option<Duration>) -> Self {
        self.keepalive = silence;
        self
    }

    /// Whether an IPv6 socket takes no IPv4 connections. Default: what the system does.
    #[must_use]
    pub const fn v6_only(mut self, on: bool) -> Self {
        self.v6_only = Some(on);
        self
    }

    /// Opens a listening socket.
    ///
    /// # Errors
    ///
    /// Those of the system: an address in use, a port below 1024, an option that it does not know.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn bind(self, address: SocketAddr) -> io::Result<TcpListener> {
        TcpListener::from_std(self.bind_std(address)?)
    }

    /// The same for use in another thread's runtime: not blocking, and not yet registered with one.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn bind_std(self, address: SocketAddr) -> io::Result<std::net::TcpListener> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        #[cfg(unix)]
        if self.reuse_port {
            socket.set_reuse_port(true)?;
        }
        if let (SocketAddr::V6(_), Some(only)) = (address, self.v6_only) {
            socket.set_only_v6(only)?;
        }
        // Accepted sockets inherit both.
        socket.set_tcp_nodelay(true)?;
        if let Some(silence) = self.keepalive {
            socket.set_tcp_keepalive(
                &TcpKeepalive::new()
                    .with_time(silence)
                    .with_interval(silence),
            )?;
        }
        socket.bind(&address.into())?;
        socket.listen(self.backlog)?;
        Ok(socket.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::listener::Handshake;

    #[tokio::test]
    async fn little_waits_unsent_in_an_accepted_socket() {
        let mut listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("bound");
        for queued in [false, true] {
            let _client = std::net::TcpStream::connect(addr).expect("listening");
            let handshake = match queued {
                true => listener.accept_queued().expect("it is connected"),
                false => Listener::accept(&mut listener).await.expect("a connection"),
            };
            let (io, _) = handshake.establish().await.expect("nothing to do");
            let unsent = SockRef::from(&io).tcp_notsent_lowat();
            assert_eq!(unsent.expect("a TCP socket"), UNSENT);
        }
    }
}
