//! The settings of a [`Transport`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http_codec::{Leniency, Limits};

use super::{Inner, Transport};
use crate::config::{Deadlines, Reading};
use crate::dial::Dialer;
use crate::dial::connect::Connect;
use crate::dial::resolve::{Resolve, System};
use crate::dial::tcp::TcpOptions;
use crate::pool::{Bounds, Pool};
use crate::proxy::Proxies;

/// Builds a [`Transport`]. Every setting has a default that is safe on the open internet, and building cannot fail.
#[must_use]
pub struct TransportBuilder {
    bounds: Bounds,
    deadlines: Deadlines,
    reading: Reading,
    proxies: Option<Proxies>,
    unix: Option<PathBuf>,
    tcp: TcpOptions,
    resolver: Arc<dyn Resolve>,
    connector: Option<Arc<dyn Connect>>,
    keep_alive: bool,
    #[cfg(feature = "_tls")]
    tls: Option<crate::Tls>,
}

impl Default for TransportBuilder {
    fn default() -> Self {
        TransportBuilder {
            bounds: Bounds::default(),
            deadlines: Deadlines::default(),
            reading: Reading::default(),
            proxies: None,
            unix: None,
            tcp: TcpOptions::default(),
            resolver: Arc::new(System),
            connector: None,
            keep_alive: true,
            #[cfg(feature = "_tls")]
            tls: Some(crate::Tls::shared()),
        }
    }
}

impl TransportBuilder {
    /// How long each phase may take. Default: [`Deadlines::default`].
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Idle connections in all; beyond it, the one that has been idle for longest closes. 0 keeps none. Default 100.
    pub fn max_idle(mut self, connections: usize) -> Self {
        self.bounds.max_idle = connections;
        self
    }

    /// Idle connections to one origin. 0 keeps none. Default: no limit of its own.
    pub fn max_idle_per_host(mut self, connections: usize) -> Self {
        self.bounds.max_idle_per_host = connections;
        self
    }

    /// Connections to one origin, those in use and those being made included. Requests beyond it wait in a fair queue.
    /// At least 1. Default: no limit.
    pub fn max_conns_per_host(mut self, connections: usize) -> Self {
        self.bounds.max_per_host = connections.max(1);
        self
    }

    /// How long a connection may be idle before it closes. `None` is for ever. Default 90 s.
    pub fn idle_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.bounds.idle_timeout = time.into();
        self
    }

    /// How old a connection may become: an older one finishes its exchange and closes. Default: no limit.
    pub fn max_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.bounds.max_age = age.into();
        self
    }

    /// Whether connections are used more than once. Without, each request says `Connection: close`. Default: yes.
    pub fn keep_alive(mut self, keep_alive: bool) -> Self {
        self.keep_alive = keep_alive;
        self
    }

    /// What a response may be at most: the head in octets, interim ones included, and so on. Default: [`Limits::response`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.reading.limits = limits;
        self
    }

    /// Which breaches of the grammar are passed over. Default: none.
    pub fn leniency(mut self, leniency: Leniency) -> Self {
        self.reading.leniency = leniency;
        self
    }

    /// Which proxy each request goes through. Default: [`Proxies::environment`].
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = Some(proxies);
        self
    }

    /// Connects to a Unix socket, whatever the URL's host: that only goes into `Host`. Default: none.
    #[cfg(unix)]
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.unix = Some(path.into());
        self
    }

    /// The options of TCP sockets. Default: [`TcpOptions::default`].
    pub fn tcp(mut self, options: TcpOptions) -> Self {
        self.tcp = options;
        self
    }

    /// Who looks up addresses. Default: the system.
    pub fn resolver(mut self, resolver: impl Resolve) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Who makes connections, in place of the resolver and TCP. Default: nobody.
    pub fn connector(mut self, connector: impl Connect) -> Self {
        self.connector = Some(Arc::new(connector));
        self
    }

    /// How TLS is spoken. Default: [`Tls::new`](crate::Tls::new).
    #[cfg(feature = "_tls")]
    pub fn tls(mut self, tls: crate::Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// The transport.
    pub fn build(self) -> Transport {
        let dialer = Dialer {
            resolver: self.resolver,
            connector: self.connector,
            tcp: self.tcp,
            reading: self.reading,
            #[cfg(feature = "_tls")]
            tls: self.tls,
        };
        Transport {
            inner: Arc::new(Inner {
                pool: Pool::new(self.bounds),
                dialer: Arc::new(dialer),
                proxies: self.proxies.unwrap_or_else(Proxies::environment),
                unix: self.unix.map(Arc::from),
                deadlines: self.deadlines,
                reading: self.reading,
                keep_alive: self.keep_alive,
            }),
        }
    }
}

impl std::fmt::Debug for TransportBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransportBuilder")
            .field("bounds", &self.bounds)
            .field("deadlines", &self.deadlines)
            .finish_non_exhaustive()
    }
}
