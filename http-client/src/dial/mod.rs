//! Making connections: the way to an origin, step by step, each step within its deadline.
//!
//! ```text
//!   Direct    resolve -> connect -----------------------> [TLS] -> connection
//!   Forward   resolve -> connect to the proxy -> [TLS] ----------> connection (absolute-form targets)
//!   Tunnel    resolve -> connect to the proxy -> [TLS] -> CONNECT -> TLS -> connection
//!   Socks     resolve -> connect to the proxy -> SOCKS5 -> [TLS] -> connection
//!   Unix      connect -----------------------------------> [TLS] -> connection
//! ```

#[cfg(feature = "_tls")]
mod closure;
pub(crate) mod connect;
mod happy_eyeballs;
pub(crate) mod resolve;
mod socks;
mod stream;
pub(crate) mod tcp;
#[cfg(feature = "_tls")]
pub(crate) mod tls;
#[cfg(not(feature = "_tls"))]
pub(crate) mod tls {
    /// Without the feature there is no way to speak TLS.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum Tls {}
}
mod tunnel;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::config::{Deadlines, Reading};
use crate::error::{Error, ErrorKind, Phase};
use crate::origin::Origin;
use crate::persist_conn::{Connection, ConnectionFacts, PersistConn};
use crate::pool::{Dial, Slot};
use crate::proxy::Proxy;
use crate::trace::DialTimes;
use connect::{Connect, Target};
use resolve::Resolve;
use stream::Stream;
use tcp::TcpOptions;
pub(crate) use tls::Tls;

/// The way to an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Direct,
    Unix(Arc<Path>),
    /// An HTTP proxy that is sent the request itself.
    Forward(Arc<Proxy>),
    /// An HTTP proxy that is asked for a tunnel.
    Tunnel(Arc<Proxy>),
    Socks(Arc<Proxy>),
}

impl Route {
    pub(crate) fn is_forward(&self) -> bool {
        matches!(self, Route::Forward(_))
    }

    /// `Proxy-Authorization` for a request that a proxy forwards.
    pub(crate) fn forward_authorization(&self) -> Option<&HeaderValue> {
        match self {
            Route::Forward(proxy) => proxy.authorization(),
            _ => None,
        }
    }
}

/// How a transport makes its connections.
pub(crate) struct Dialer {
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) connector: Option<Arc<dyn Connect>>,
    pub(crate) tcp: TcpOptions,
    pub(crate) reading: Reading,
    #[cfg(feature = "_tls")]
    pub(crate) tls: Option<Tls>,
}

impl Dialer {
    /// Makes the connection that a slot is for.
    pub(crate) fn dial(
        self: &Arc<Self>,
        slot: Slot<Connection>,
        deadlines: Deadlines,
    ) -> Dial<Connection> {
        let dialer = Arc::clone(self);
        Box::pin(async move {
            let runtime = Handle::try_current().map_err(|_| Error::no_runtime())?.id();
            let origin = Arc::clone(&slot.origin);
            let mut attempt = Attempt {
                dialer: &dialer,
                deadlines: &deadlines,
                times: DialTimes::default(),
            };
            let stream = attempt.reach(&origin).await?;
            let (local, peer) = stream.addresses();
            let stream = if origin.https {
                let own = origin.tls.as_ref();
                attempt.secure(origin.name(), stream, own).await?
            } else {
                stream
            };
            tracing::debug!(origin = %origin.label(), ?peer, "connected");
            let facts = ConnectionFacts {
                local,
                peer,
                dial: attempt.times,
            };
            Ok(PersistConn::new(
                stream.into_halves(),
                facts,
                &dialer.reading,
                slot,
                runtime,
            ))
        })
    }
}

struct Attempt<'a> {
    dialer: &'a Dialer,
    deadlines: &'a Deadlines,
    times: DialTimes,
}

impl Attempt<'_> {
    /// A stream of octets to the origin, or to the proxy that forwards to it.
    async fn reach(&mut self, origin: &Origin) -> Result<Stream, Error> {
        match &origin.route {
            Route::Direct => self.connect(origin.name(), origin.port, origin.https).await,
            Route::Unix(path) => self.connect_unix(path).await,
            Route::Forward(proxy) => self.connect_proxy(proxy).await,
            Route::Tunnel(proxy) => {
                let stream = self.connect_proxy(proxy).await?;
                let begun = Instant::now();
                let asked = tunnel::ask(
                    stream,
                    &origin.host,
                    origin.port,
                    proxy,
                    &self.dialer.reading,
                );
                let stream = within(self.deadlines.tunnel, Phase::Tunnel, asked).await?;
                self.times.tunnel = Some(begun.elapsed());
                Ok(stream)
            }
            Route::Socks(proxy) => {
                let stream = self.connect_proxy(proxy).await?;
                let begun = Instant::now();
                let asked = socks::ask(stream, origin.name(), origin.port, proxy);
                let stream = within(self.deadlines.tunnel, Phase::Tunnel, asked).await?;
                self.times.tunnel = Some(begun.elapsed());
                Ok(stream)
            }
        }
    }

    async fn connect_proxy(&mut self, proxy: &Proxy) -> Result<Stream, Error> {
        let stream = self
            .connect(proxy.host(), proxy.port(), proxy.is_https())
            .await;
        let stream = stream.map_err(|cause| {
            let kind = if cause.is_timeout() {
                ErrorKind::Timeout
            } else {
                ErrorKind::Proxy
            };
            Error::new(kind, cause.phase())
                .with_message("the proxy could not be reached")
                .with_source(cause)
        })?;
        if proxy.is_https() {
            self.secure(proxy.host(), stream, None).await
        } else {
            Ok(stream)
        }
    }

    async fn connect(&mut self, host: &str, port: u16, https: bool) -> Result<Stream, Error> {
        if let Some(connector) = &self.dialer.connector {
            let begun = Instant::now();
            let target = Target {
                host: host.into(),
                port,
                https,
            };
            let connecting = connector.connect(&target);
            let connected = within(self.deadlines.connect, Phase::Connect, async {
                connecting.await.map_err(|cause| {
                    Error::new(ErrorKind::Connect, Phase::Connect).with_source(cause)
                })
            });
            let stream = connected.await?;
            self.times.connect = Some(begun.elapsed());
            return Ok(Stream::from(stream));
        }
        let begun = Instant::now();
        let resolving = self.dialer.resolver.resolve(host, port);
        let addresses = within(self.deadlines.resolve, Phase::Resolve, async {
            resolving
                .await
                .map_err(|cause| Error::new(ErrorKind::Resolve, Phase::Resolve).with_source(cause))
        });
        let addresses = addresses.await?;
        let resolved = Instant::now();
        self.times.resolve = Some(resolved - begun);
        let connected = within(self.deadlines.connect, Phase::Connect, async {
            happy_eyeballs::connect(addresses, &self.dialer.tcp)
                .await
                .map_err(|cause| Error::new(ErrorKind::Connect, Phase::Connect).with_source(cause))
        });
        let stream = connected.await?;
        self.times.connect = Some(resolved.elapsed());
        Ok(Stream::Tcp(stream))
    }

    #[cfg(unix)]
    async fn connect_unix(&mut self, path: &Path) -> Result<Stream, Error> {
        let begun = Instant::now();
        let connected = within(self.deadlines.connect, Phase::Connect, async {
            tokio::net::UnixStream::connect(path)
                .await
                .map_err(|cause| Error::new(ErrorKind::Connect, Phase::Connect).with_source(cause))
        });
        let stream = connected.await?;
        self.times.connect = Some(begun.elapsed());
        Ok(Stream::Unix(stream))
    }

    #[cfg(not(unix))]
    async fn connect_unix(&mut self, _: &Path) -> Result<Stream, Error> {
        Err(Error::request("there are no Unix sockets on this platform"))
    }

    #[cfg(feature = "_tls")]
    async fn secure(
        &mut self,
        name: &str,
        stream: Stream,
        own: Option<&Tls>,
    ) -> Result<Stream, Error> {
        let Some(tls) = own.or(self.dialer.tls.as_ref()) else {
            return Err(
                Error::new(ErrorKind::Tls, Phase::Handshake).with_message("TLS is switched off")
            );
        };
        let begun = Instant::now();
        let stream = within(
            self.deadlines.handshake,
            Phase::Handshake,
            tls.handshake(name, stream),
        )
        .await?;
        self.times.handshake = Some(begun.elapsed());
        Ok(Stream::from(stream))
    }

    #[cfg(not(feature = "_tls"))]
    async fn secure(&mut self, _: &str, _: Stream, _: Option<&Tls>) -> Result<Stream, Error> {
        Err(Error::new(ErrorKind::Tls, Phase::Handshake)
            .with_message("the crate was built without the feature tls"))
    }
}

/// Runs a phase within its deadline.
async fn within<T>(
    limit: Option<Duration>,
    phase: Phase,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(Error::timeout(phase))),
        None => work.await,
    }
}
