//! What a pool holds and has done, for people and metrics.

/// A snapshot of a transport's connections.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// One entry for each origin with a connection, a dial, or a request that waits. In no order.
    pub hosts: Vec<HostStats>,
}

/// A snapshot of the connections to one origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostStats {
    /// `scheme://host:port`.
    pub origin: String,
    /// Connections that wait for a request.
    pub idle: usize,
    /// Connections that serve one.
    pub active: usize,
    /// Connections that are being made.
    pub dialing: usize,
    /// Requests that wait for a connection.
    pub waiting: usize,
    /// Connections made since the entry exists.
    pub dialed: u64,
    /// Requests that were given a connection which had served another before.
    pub reused: u64,
}

impl Stats {
    /// Idle connections in all.
    pub fn idle(&self) -> usize {
        self.hosts.iter().map(|host| host.idle).sum()
    }

    /// Connections in use, in all.
    pub fn active(&self) -> usize {
        self.hosts.iter().map(|host| host.active).sum()
    }

    /// Connections that are being made, in all.
    pub fn dialing(&self) -> usize {
        self.hosts.iter().map(|host| host.dialing).sum()
    }

    /// Requests that wait for a connection, in all.
    pub fn waiting(&self) -> usize {
        self.hosts.iter().map(|host| host.waiting).sum()
    }
}
