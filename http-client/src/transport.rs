//! [`Transport`]: one round trip over pooled connections.

mod builder;

pub use builder::TransportBuilder;

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use http_codec::{Body, BoxError};
use tokio::runtime::{Handle, Id as RuntimeId};
use tokio::time::{Instant, timeout_at};

use crate::config::{Deadlines, Reading, until};
use crate::dial::{Dialer, Route};
use crate::error::{Error, Phase};
use crate::exchange::{Exchange, Start, Terms};
use crate::options::{Choice, Options};
use crate::origin::Key;
use crate::persist_conn::Connection;
use crate::pool::{Pool, Pooled, Source, Stats, Taken};
use crate::prepare::{Head, Outgoing};
use crate::proxy::{self, Proxies};
use crate::replay::{self, Attempt};
use crate::trace::Recorder;

/// Sends requests over pooled connections: what Go's `Transport` is.
///
/// One round trip is one request and its response, as they are: no redirects, no cookies, no decoding. [`Client`](crate::Client)
/// does these on top. A transport is a handle: clones share the pool.
///
/// A connection is given back before the end of the response's content can be seen, so that the next request of the same task
/// finds it. A request whose kept-alive connection turned out to be dead is sent again on another one, where that is harmless:
/// nothing had been written, or nothing had come back and the request may be done twice (`GET`, `HEAD`, `OPTIONS`, `TRACE`, or an
/// `Idempotency-Key`), and its content is in memory or [rewindable](Body::rewindable).
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use http_client::{Body, Transport};
///
/// let transport = Transport::new();
/// let request = http::Request::get("http://example.com/").body(Body::empty())?;
/// let response = transport.round_trip(request).await?;
/// println!("{}", response.status());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Arc<Pool<Connection>>,
    dialer: Arc<Dialer>,
    proxies: Proxies,
    unix: Option<Arc<Path>>,
    deadlines: Deadlines,
    reading: Reading,
    keep_alive: bool,
}

impl Transport {
    /// A transport with the default settings: those of [`TransportBuilder`].
    pub fn new() -> Transport {
        Transport::builder().build()
    }

    /// Begins with the default settings.
    pub fn builder() -> TransportBuilder {
        TransportBuilder::default()
    }

    /// The deadlines that hold where a request has none of its own.
    pub fn deadlines(&self) -> Deadlines {
        self.inner.deadlines
    }

    /// What the pool holds now.
    pub fn stats(&self) -> Stats {
        self.inner.pool.stats()
    }

    /// Closes the connections that are idle, and those that come home until the next request.
    pub fn close_idle(&self) {
        self.inner.pool.close_idle();
    }

    /// Sends a request, and waits for the head of its final response. Settings of its own are taken from the [`Options`] in
    /// its extensions.
    ///
    /// The content of the response is read from the connection as it is polled, in the task that polls it.
    ///
    /// # Errors
    ///
    /// [`Error`], with the phase in which it happened and the progress that had been made. A response of any status is not
    /// an error.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the connection that is in use closes; one that is being made is finished in a task
    /// and kept for later.
    #[allow(
        clippy::manual_async_fn,
        reason = "an async fn would move the request once more"
    )]
    pub fn round_trip(
        &self,
        mut request: Request<Body>,
    ) -> impl Future<Output = Result<Response<Body>, Error>> + Send {
        async move {
            let mut body = std::mem::take(request.body_mut());
            let options = request.extensions().get::<Options>();
            let mut response = Response::new(Body::empty());
            self.send(Head::of(&request), &mut body, options, None, &mut response)
                .await?;
            Ok(response)
        }
    }

    /// The same for a request that is kept by the caller, but for its content. `total` is the end of the whole call, where it
    /// began earlier. `response` is a new one, and becomes what came: in place, for it is large to move.
    pub(crate) async fn send(
        &self,
        head: Head<'_>,
        body: &mut Body,
        options: Option<&Options>,
        total: Option<Instant>,
        response: &mut Response<Body>,
    ) -> Result<(), Error> {
        let inner = &*self.inner;
        let runtime = Handle::try_current().map_err(|_| Error::no_runtime())?.id();
        let started = Instant::now();
        let terms = inner.terms(options, total, started);
        let uri = head.request.uri();
        let named = |error: Error| error.with_url(uri);
        // Nothing is sent on behalf of a call that is over, as in Go.
        if terms.total.is_some_and(|total| started >= total) {
            return Err(named(Error::timeout(Phase::Call)));
        }
        let route = inner.route(uri, options).map_err(named)?;
        let outgoing =
            Outgoing::new(head, body, &route, options, !inner.keep_alive).map_err(named)?;
        // When this attempt begins.
        let mut now = started;
        loop {
            let idle = inner.idle(&outgoing.pool_key(), runtime, now).await;
            let hook = options.and_then(|options| options.trace.as_ref());
            let mut recorder = hook.map(|hook| Recorder::new(hook, started));
            let asleep = idle.is_some();
            let Taken {
                mut connection,
                source,
            } = match idle {
                Some(taken) => taken,
                // Boxed, so that requests that find a connection do not carry its size.
                None => Box::pin(inner.wait(&outgoing.pool_key(), runtime, &terms, now))
                    .await
                    .map_err(named)?,
            };
            if let Some(recorder) = &mut recorder {
                recorder.got_connection(source, &connection.facts);
            }
            let reused = source != Source::Dialed;
            let again = if reused { body.try_clone() } else { None };
            if !asleep {
                now = Instant::now();
            }
            let start = Start {
                now,
                asleep,
                reused,
                recorder,
            };
            connection.encode(&outgoing).map_err(named)?;
            let mut exchange = Exchange::new(&connection, &outgoing, body, &terms, start);
            match poll_fn(|cx| exchange.poll(&mut connection, cx)).await {
                Ok(()) => {
                    let concluded = exchange.conclude(connection, &outgoing, response);
                    return concluded.map_err(named);
                }
                Err(error) => {
                    *body = sent_again(&outgoing, head.fields, again, error).map_err(named)?;
                    now = Instant::now();
                }
            }
        }
    }
}

/// The content for another attempt, if a request that failed may be sent again.
#[cold]
fn sent_again(
    outgoing: &Outgoing<'_>,
    fields: &HeaderMap,
    again: Option<Body>,
    error: Error,
) -> Result<Body, Error> {
    let harmless = replay::harmless(outgoing.method, fields);
    match again {
        Some(again) if Attempt::new(&error, harmless, true).may_replay() => {
            tracing::debug!(host = outgoing.key.host, %error, "sending again on another connection");
            Ok(again)
        }
        _ => Err(error),
    }
}

impl Inner {
    /// The terms of one call: those that it brings, else the transport's.
    fn terms<'a>(
        &'a self,
        options: Option<&'a Options>,
        total: Option<Instant>,
        started: Instant,
    ) -> Terms<'a> {
        let deadlines = options
            .and_then(|options| options.deadlines.as_ref())
            .unwrap_or(&self.deadlines);
        Terms {
            reading: &self.reading,
            deadlines,
            options,
            total: total.or_else(|| until(started, deadlines.total)),
        }
    }

    fn route(&self, uri: &http::Uri, options: Option<&Options>) -> Result<Cow<'_, Route>, Error> {
        const DIRECT: &Route = &Route::Direct;
        if let Some(path) = &self.unix {
            return Ok(Cow::Owned(Route::Unix(Arc::clone(path))));
        }
        match options.and_then(|options| options.proxy.as_ref()) {
            Some(Choice::Direct) => Ok(Cow::Borrowed(DIRECT)),
            Some(Choice::Via(proxy)) => Ok(Cow::Owned(proxy::through(Arc::clone(proxy), uri))),
            None => self.proxies.route(uri),
        }
    }

    /// An idle connection of which there is no bad news.
    async fn idle(
        &self,
        key: &Key<'_>,
        runtime: RuntimeId,
        now: Instant,
    ) -> Option<Taken<Connection>> {
        loop {
            let popped = poll_fn(|cx| Poll::Ready(self.pool.pop(key, runtime, now, cx)));
            let taken = popped.await?;
            if taken.source.is_settled(now) {
                return Some(taken);
            }
            if let Some(taken) = self.look_again(taken).await {
                return Some(taken);
            }
        }
    }

    /// Looks again at an idle connection after the runtime has had its turn: where a task computed or slept without awaiting, only
    /// then is it known that the peer closed the connection meanwhile. `None`: it has.
    async fn look_again(&self, mut taken: Taken<Connection>) -> Option<Taken<Connection>> {
        tokio::task::yield_now().await;
        let again = poll_fn(|cx| Poll::Ready(taken.connection.poll_disturbed(cx)));
        again.await.is_pending().then_some(taken)
    }

    /// The slow way to a connection: in the queue, beside a dial.
    async fn wait(
        &self,
        key: &Key<'_>,
        runtime: RuntimeId,
        terms: &Terms<'_>,
        started: Instant,
    ) -> Result<Taken<Connection>, Error> {
        let deadlines = *terms.deadlines;
        let take = self
            .pool
            .take(key, runtime, |slot| self.dialer.dial(slot, deadlines));
        let wait = until(started, deadlines.wait);
        let Some(end) = crate::lent::earlier(terms.total, wait) else {
            return take.await;
        };
        timeout_at(end, take).await.unwrap_or_else(|_| {
            let whole = terms.total.is_some_and(|total| total <= end);
            Err(Error::timeout(if whole {
                Phase::Call
            } else {
                Phase::Wait
            }))
        })
    }
}

impl Default for Transport {
    fn default() -> Self {
        Transport::new()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("deadlines", &self.inner.deadlines)
            .finish_non_exhaustive()
    }
}

/// A future that gives a response.
pub type ResponseFuture = Pin<Box<dyn Future<Output = Result<Response<Body>, Error>> + Send>>;

impl<B> tower_service::Service<Request<B>> for Transport
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Error;
    type Future = ResponseFuture;

    /// Always ready: a request waits in its own future for a connection.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let transport = self.clone();
        let request = request.map(Body::new);
        Box::pin(async move { transport.round_trip(request).await })
    }
}
