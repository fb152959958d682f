//! Unix sockets.

use std::io;
use std::os::fd::OwnedFd;

use socket2::SockRef;
use tokio::net::{UnixListener, UnixStream};

use super::{Accepted, Listener};
use crate::info::ConnectionInfo;

/// Its peers have no address that HTTP knows: [`peer_addr`](ConnectionInfo::peer_addr) is `None`. Their credentials are in
/// [`extensions`](ConnectionInfo::extensions), as [`UCred`](tokio::net::unix::UCred).
impl Listener for UnixListener {
    type Handshake = Accepted<UnixStream>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (stream, _) = UnixListener::accept(self).await?;
        Ok(accepted(stream))
    }

    /// Asks the system itself: the runtime may not have heard of it yet.
    fn accept_queued(&mut self) -> Option<Self::Handshake> {
        let (socket, _) = SockRef::from(&*self).accept().ok()?;
        socket.set_nonblocking(true).ok()?;
        let stream = UnixStream::from_std(OwnedFd::from(socket).into()).ok()?;
        Some(accepted(stream))
    }
}

fn accepted(stream: UnixStream) -> Accepted<UnixStream> {
    let mut info = ConnectionInfo::default();
    if let Ok(credentials) = stream.peer_cred() {
        info.extensions_mut().insert(credentials);
    }
    Accepted::new(stream, info)
}
