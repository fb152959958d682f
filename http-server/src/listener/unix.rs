//! Unix sockets.

use std::io;

use tokio::net::{UnixListener, UnixStream};

use super::{Accepted, Listener};
use crate::info::ConnectionInfo;

/// Its peers have no address that HTTP knows: [`peer_addr`](ConnectionInfo::peer_addr) is `None`. Their credentials are in
/// [`extensions`](ConnectionInfo::extensions), as [`UCred`](tokio::net::unix::UCred).
impl Listener for UnixListener {
    type Handshake = Accepted<UnixStream>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (stream, _) = UnixListener::accept(self).await?;
        let mut info = ConnectionInfo::default();
        if let Ok(credentials) = stream.peer_cred() {
            info.extensions_mut().insert(credentials);
        }
        Ok(Accepted::new(stream, info))
    }
}
