//! The server: what it is told, and how it is stopped.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_codec::{Body, BoxError, Leniency, Limits};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use crate::accept::{self, Same, With};
use crate::config::{Bounds, Config, Deadlines, MinimumRate};
use crate::core::{Core, Phase, StateHook};
use crate::info::{ConnectionInfo, ConnectionState};
use crate::listener::Listener;
use crate::stats::Stats;

/// How long listeners that were told to stop are waited for.
const LAST_CALL: Duration = Duration::from_millis(100);

/// How long connections that were told to close at once are waited for.
const FORCED_WAIT: Duration = Duration::from_millis(500);

/// An HTTP/1.1 server. A handle: clones are the same server.
///
/// ```no_run
/// use std::convert::Infallible;
/// use http::{Request, Response};
/// use http_server::{Body, Server, service_fn};
/// use tokio::net::TcpListener;
///
/// # async fn example() -> std::io::Result<()> {
/// let hello = service_fn(|_request: Request<Body>| async {
///     Ok::<_, Infallible>(Response::new(Body::from("hello\n")))
/// });
/// Server::new().serve(TcpListener::bind("127.0.0.1:8080").await?, hello).await
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    core: Arc<Core>,
}

impl Server {
    /// A server with the defaults of [`Config`], which are meant for the open internet.
    pub fn new() -> Self {
        Server::builder().build()
    }

    /// A server that is told more.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    /// Serves every connection of `listener` with a clone of `service`, until the server is [shut down](Self::shutdown) and its
    /// connections have ended. May be called for several listeners at once.
    ///
    /// The service is cloned once per connection; `poll_ready` is asked before each call, and a service that is not ready within
    /// a second is answered for with 503.
    ///
    /// # Errors
    ///
    /// Those of the listener that cannot heal; see [`Listener::accept`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops accepting and drops the listener. Connections that were accepted live on in tasks of their own.
    pub async fn serve<L, S, B>(&self, listener: L, service: S) -> io::Result<()>
    where
        L: Listener,
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        accept::run::<Request<Body>, _, _>(Arc::clone(&self.core), listener, Same(service)).await?;
        self.emptied().await;
        Ok(())
    }

    /// The same with a service made for each connection, once it is known who is at the other end.
    ///
    /// ```no_run
    /// # use std::convert::Infallible;
    /// # use http::{Request, Response};
    /// # use http_server::{Body, ConnectionInfo, Server, service_fn};
    /// # async fn example(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    /// Server::new().serve_with(listener, |connection: &ConnectionInfo| {
    ///     let peer = connection.peer_addr();
    ///     service_fn(move |_request: Request<Body>| async move {
    ///         Ok::<_, Infallible>(Response::new(Body::from(format!("{peer:?}\n"))))
    ///     })
    /// }).await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    ///
    /// # Cancel safety
    ///
    /// As [`serve`](Self::serve).
    pub async fn serve_with<L, F, S, B>(&self, listener: L, make: F) -> io::Result<()>
    where
        L: Listener,
        F: FnOnce(&ConnectionInfo) -> S + Clone + Send + 'static,
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Send
            + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        accept::run::<Request<Body>, _, _>(Arc::clone(&self.core), listener, With(make)).await?;
        self.emptied().await;
        Ok(())
    }

    /// Serves one connection over any transport, in the caller's task, until it ends.
    ///
    /// The future is small (at most 1 KiB) whatever the size of the service and of its futures.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection where it stands.
    pub fn serve_connection<Io, S, B>(
        &self,
        io: Io,
        service: S,
    ) -> impl Future<Output = ()> + Send + use<Io, S, B>
    where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Send
            + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        self.serve_connection_of(io, ConnectionInfo::default(), service)
    }

    /// The same, told who is at the other end.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection where it stands.
    pub fn serve_connection_of<Io, S, B>(
        &self,
        io: Io,
        info: ConnectionInfo,
        service: S,
    ) -> impl Future<Output = ()> + Send + use<Io, S, B>
    where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Send
            + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        self.connection::<Request<Body>, _, _>(io, info, service)
    }

    /// Stops the server: accepting ends and idle connections close at once, requests under way are finished and answered with
    /// `Connection: close`, and after `deadline` whatever is left is closed where it stands.
    ///
    /// A request that may be on its way already is waited for: on connections that the system had queued for us, for half a second
    /// from their accept, and for 50 ms after a response.
    ///
    /// Upgraded connections are no longer the server's. May be called again, with another deadline.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting, not the shutdown: nothing is accepted any more, and nothing is forced.
    pub async fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        let begun = Instant::now();
        let before = self.core.outcome();
        self.core.enter(Phase::Draining);
        // A listener may have connections to hand over yet; one whose `serve` is not polled any more has none to wait for.
        let last_call = begun + LAST_CALL.min(deadline);
        let _ = timeout_at(last_call, self.left(Core::is_deaf)).await;
        let until = begun.checked_add(deadline);
        let drained = match until {
            Some(until) => timeout_at(until, self.empty()).await.is_ok(),
            None => {
                self.empty().await;
                true
            }
        };
        if !drained {
            self.core.enter(Phase::Forced);
            // A handler that blocks its thread cannot be forced.
            let _ = timeout_at(Instant::now() + FORCED_WAIT, self.empty()).await;
        }
        let outcome = self.core.outcome();
        ShutdownReport {
            finished: outcome.finished - before.finished,
            forced: outcome.forced - before.forced,
            refused: outcome.refused - before.refused,
            left: self.core.open(),
            elapsed: begun.elapsed(),
        }
    }

    /// Whether connections are kept alive between requests, which they are at first. Turned off, idle connections close at once and
    /// every other one with its current response, which says so: for a server that is to shed its clients, onto others behind
    /// the same balancer, and goes on to serve whoever comes. Without effect once it is [shut down](Self::shutdown).
    pub fn set_keep_alive(&self, on: bool) {
        self.core.keep_alive(on);
    }

    /// Closes everything where it stands, without waiting for it.
    pub(crate) fn force(&self) {
        self.core.enter(Phase::Forced);
    }

    /// Waits until no connection is open.
    async fn empty(&self) {
        self.left(|core| core.open() == 0).await;
    }

    /// Waits until as much has left as `enough` says.
    async fn left(&self, enough: impl Fn(&Core) -> bool) {
        loop {
            let left = self.core.left.notified();
            tokio::pin!(left);
            left.as_mut().enable();
            if enough(&self.core) {
                return;
            }
            left.await;
        }
    }

    /// Waits until no connection is open, or nobody waits for them any more.
    pub(crate) async fn emptied(&self) {
        tokio::select! {
            () = self.empty() => {}
            () = self.core.forced.cancelled() => {}
        }
    }

    /// A token that is cancelled when the shutdown begins: long streams and tasks beside the server end themselves then.
    pub fn shutdown_token(&self) -> CancellationToken {
        self.core.draining.clone()
    }

    /// What the server has done so far, and is doing. Takes a time proportional to the open connections.
    pub fn stats(&self) -> Stats {
        self.core.stats()
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// What the server was told.
    pub fn config(&self) -> &Config {
        &self.core.config
    }
}

impl Default for Server {
    fn default() -> Self {
        Server::new()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("core", &self.core).finish()
    }
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Connections that ended by themselves: idle, or after their current response.
    pub finished: usize,
    /// Connections that were closed at the deadline.
    pub forced: usize,
    /// Connections that never became ready for a request: their handshake failed or was cut off.
    pub refused: usize,
    /// Connections whose handlers block their thread, and which end when that returns.
    pub left: usize,
    /// How long it took.
    pub elapsed: Duration,
}

impl ShutdownReport {
    /// Whether every connection ended by itself.
    pub fn is_graceful(&self) -> bool {
        self.forced == 0 && self.left == 0
    }
}

/// Tells a [`Server`] what differs from the defaults. Cannot fail.
#[derive(Clone, Default)]
pub struct ServerBuilder {
    config: Config,
    hook: Option<StateHook>,
}

impl ServerBuilder {
    /// Everything at once.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Changes the deadlines; see [`Deadlines`] for what each does and its default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use http_server::Server;
    ///
    /// let server = Server::builder()
    ///     .deadlines(|deadlines| {
    ///         deadlines.idle = Some(Duration::from_secs(15));
    ///         deadlines.response = Some(Duration::from_secs(30));
    ///     })
    ///     .build();
    /// assert_eq!(server.config().deadlines.idle, Some(Duration::from_secs(15)));
    /// ```
    #[must_use]
    pub fn deadlines(mut self, change: impl FnOnce(&mut Deadlines)) -> Self {
        change(&mut self.config.deadlines);
        self
    }

    /// Changes the bounds; see [`Bounds`] for what each does and its default.
    #[must_use]
    pub fn bounds(mut self, change: impl FnOnce(&mut Bounds)) -> Self {
        change(&mut self.config.bounds);
        self
    }

    /// The limits of heads, content, trailers and chunk framing. Default: [`Limits::request`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits;
        self
    }

    /// Where to be less strict than the standard. Default: nowhere.
    #[must_use]
    pub fn leniency(mut self, leniency: Leniency) -> Self {
        self.config.leniency = leniency;
        self
    }

    /// The lowest rate of a request's content. Default: 240 octets a second after 5 s of waiting.
    #[must_use]
    pub fn minimum_rate(mut self, rate: MinimumRate) -> Self {
        self.config.minimum_rate = rate;
        self
    }

    /// Whether a peer that resets the connection or closes its direction cancels the handler: its future is dropped where it
    /// waits. Default: no; the answer is made, and sent to a peer that only closed its direction.
    #[must_use]
    pub fn cancel_on_disconnect(mut self, on: bool) -> Self {
        self.config.cancel_on_disconnect = on;
        self
    }

    /// Hears of every change of a connection's state, in the connection's task: keep it short.
    #[must_use]
    pub fn on_state(
        mut self,
        hook: impl Fn(&ConnectionInfo, ConnectionState) + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// The server.
    pub fn build(self) -> Server {
        Server {
            core: Arc::new(Core::new(self.config, self.hook)),
        }
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
