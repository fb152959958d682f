//! Who is at the other end of a connection.

use std::net::SocketAddr;

use http::Extensions;

/// Facts of one connection, gathered before its first request and the same for all of them.
///
/// A hook may add facts of its own to [`extensions`](ConnectionInfo::extensions_mut); the listeners of this crate put theirs
/// there too (`TlsInfo`, [`ProxyHeader`](crate::listener::ProxyHeader)).
#[derive(Clone, Debug, Default)]
pub struct ConnectionInfo {
    peer: Option<SocketAddr>,
    local: Option<SocketAddr>,
    extensions: Extensions,
}

impl ConnectionInfo {
    /// The facts of a connection between two internet addresses; `None` where there is none (Unix sockets, pipes).
    pub fn new(peer: impl Into<Option<SocketAddr>>, local: impl Into<Option<SocketAddr>>) -> Self {
        ConnectionInfo {
            peer: peer.into(),
            local: local.into(),
            extensions: Extensions::new(),
        }
    }

    /// The peer's address: that of the client where a trusted proxy told it (PROXY protocol).
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The address that the peer connected to.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.local
    }

    /// Facts beyond the addresses, by type.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The same, to add to.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// Replaces the addresses by those that a proxy told.
    pub(crate) fn set_addresses(&mut self, peer: SocketAddr, local: SocketAddr) {
        self.peer = Some(peer);
        self.local = Some(local);
    }
}

/// Where a connection stands, as Go's `ConnState` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// Accepted and ready; no octet of a request has come.
    New,
    /// An octet of a request has come, and its response is not wholly sent.
    Active,
    /// Between two requests.
    Idle,
    /// Handed over by an upgrade or a CONNECT; the server has nothing more to do with it.
    Hijacked,
    /// Closed.
    Closed,
}

impl ConnectionState {
    pub(crate) const fn from_octet(octet: u8) -> Self {
        match octet {
            0 => ConnectionState::New,
            1 => ConnectionState::Active,
            2 => ConnectionState::Idle,
            3 => ConnectionState::Hijacked,
            _ => ConnectionState::Closed,
        }
    }

    pub(crate) const fn octet(self) -> u8 {
        match self {
            ConnectionState::New => 0,
            ConnectionState::Active => 1,
            ConnectionState::Idle => 2,
            ConnectionState::Hijacked => 3,
            ConnectionState::Closed => 4,
        }
    }
}
