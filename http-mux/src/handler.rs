//! Handlers: functions from a request to something that becomes a response.
//!
//! ```text
//! async fn() -> T                          fn() -> T
//! async fn(Request<Body>) -> T             fn(Request<Body>) -> T
//! async fn(Params) -> T                    fn(Params) -> T
//! async fn(Request<Body>, Params) -> T     fn(Request<Body>, Params) -> T         T: IntoResponse
//! ```
//!
//! A handler is erased once, when it is registered. A request then costs one boxed future if the function is `async`
//! and none if it is not: a plain function answers in place.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_codec::{Body, BoxError};

use crate::params::Params;
use crate::response::IntoResponse;
use crate::tree::{Captures, Route};

/// A response that is there already, or the future that makes it.
///
/// It is what a handler's call gives: a future that a router awaits. Dropping it cancels the handler.
#[must_use = "a reply does nothing until it is awaited"]
pub struct Reply(Kind);

enum Kind {
    Ready(Option<Response<Body>>),
    Future(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
}

impl Reply {
    /// A response that is there.
    pub fn ready(response: impl IntoResponse) -> Self {
        Self(Kind::Ready(Some(response.into_response())))
    }

    /// What a future will answer. A future that is itself a `Reply` is taken as it is; any other is boxed.
    pub fn future<F>(future: F) -> Self
    where
        F: Future<Output: IntoResponse> + Send + 'static,
    {
        let mut future = Some(future);
        if let Some(reply) = (&mut future as &mut dyn Any).downcast_mut::<Option<Self>>() {
            if let Some(reply) = reply.take() {
                return reply;
            }
        }
        match future {
            Some(future) => Self(Kind::Future(Box::pin(async move {
                future.await.into_response()
            }))),
            None => Self(Kind::Ready(None)),
        }
    }

    /// The response, changed: at once if it is there, else when it comes.
    pub fn map<T: IntoResponse>(
        self,
        change: impl FnOnce(Response<Body>) -> T + Send + 'static,
    ) -> Self {
        match self.0 {
            Kind::Ready(Some(response)) => Self::ready(change(response)),
            Kind::Ready(None) => self,
            Kind::Future(future) => Self::future(async move { change(future.await) }),
        }
    }

    /// The response if it is there, without waiting; else the reply again.
    #[allow(
        clippy::result_large_err,
        reason = "a response is as large; both are only passed on"
    )]
    pub fn into_ready(self) -> Result<Response<Body>, Self> {
        match self.0 {
            Kind::Ready(Some(response)) => Ok(response),
            other => Err(Self(other)),
        }
    }
}

impl Reply {
    /// Polls for the response as a service gives it: here, where it is moved once.
    #[inline(always)]
    pub(crate) fn poll_ok<E>(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Body>, E>> {
        match &mut self.0 {
            Kind::Ready(response) => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                None => panic!("a reply is awaited once"),
            },
            Kind::Future(future) => future.as_mut().poll(cx).map(Ok),
        }
    }
}

impl Future for Reply {
    type Output = Response<Body>;

    /// # Panics
    ///
    /// When polled again after it was ready, like any future that is finished.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        match &mut self.0 {
            Kind::Ready(response) => Poll::Ready(response.take().expect("a reply is awaited once")),
            Kind::Future(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Ready(response) => f.debug_tuple("Ready").field(response).finish(),
            Kind::Future(_) => f.write_str("Future"),
        }
    }
}

/// A function that answers requests; see the [module's table](self) of what qualifies.
///
/// `M` is a marker that tells the shapes apart; it is inferred and never written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not a handler",
    note = "a handler is a function or closure, `async` or not, that takes nothing, `Request<Body>`, `Params`, or \
            `(Request<Body>, Params)`, and returns something that implements `IntoResponse`",
    note = "it must be `Clone + Send + Sync + 'static`, and so must what it captures; an `async` one must stay `Send` across each \
            `.await`: no `Rc`, no lock guard held while it waits",
    note = "a closure's parameters need their types: `|request: Request<Body>| async move {{ .. }}`"
)]
pub trait Handler<M>: Clone + Send + Sync + 'static {
    /// Answers one request.
    fn call(&self, call: Call<'_>) -> Reply;
}

/// One request as a handler is handed it: the handler takes what it wants, and pays for no more.
#[derive(Debug)]
pub struct Call<'c> {
    /// Until it is taken.
    request: &'c mut Option<Request<Body>>,
    params: Source<'c>,
}

/// Where the parameters come from: a lookup's spans are no [`Params`] before a handler wants them.
#[derive(Debug)]
enum Source<'c> {
    /// They are there.
    Made(&'c mut Params),
    /// They are made of the match once they are wanted.
    Match(&'c Arc<Route>, &'c Captures),
}

impl<'c> Call<'c> {
    pub(crate) fn new(request: &'c mut Option<Request<Body>>, params: &'c mut Params) -> Self {
        let params = Source::Made(params);
        Self { request, params }
    }

    /// `captures` are of the path of the request's URI.
    pub(crate) fn of_match(
        request: &'c mut Option<Request<Body>>,
        route: &'c Arc<Route>,
        captures: &'c Captures,
    ) -> Self {
        let params = Source::Match(route, captures);
        Self { request, params }
    }

    /// The request.
    #[inline(always)]
    pub fn into_request(self) -> Request<Body> {
        self.request.take().unwrap_or_default()
    }

    /// The path parameters.
    #[inline(never)]
    pub fn into_params(self) -> Params {
        self.params.params(self.request)
    }

    /// The request and its path parameters.
    #[inline(always)]
    pub fn into_parts(self) -> (Request<Body>, Params) {
        let params = self.params.params(self.request);
        (self.request.take().unwrap_or_default(), params)
    }
}

impl Source<'_> {
    #[inline(always)]
    fn params(self, request: &Option<Request<Body>>) -> Params {
        match (self, request) {
            (Self::Made(params), _) => std::mem::take(params),
            (Self::Match(route, captures), Some(request)) => {
                Params::of_match(request, route, captures)
            }
            (Self::Match(..), None) => Params::default(),
        }
    }
}

/// Markers of the shapes of handlers: `async` or not, and what is taken.
#[doc(hidden)]
pub mod shape {
    /// The function's result is a future.
    #[derive(Debug)]
    pub struct Async<T>(T);
    /// The function's result is the answer.
    #[derive(Debug)]
    pub struct Sync<T>(T);
}

macro_rules! shapes {
    ($(fn($($type:ty),*): |$this:ident, $call:ident| $answer:expr;)*) => {
        $(
            impl<F, R> Handler<shape::Async<fn($($type),*)>> for F
            where
                F: Fn($($type),*) -> R + Clone + Send + Sync + 'static,
                R: Future<Output: IntoResponse> + Send + 'static,
            {
                #[allow(unused_variables, reason = "not every shape takes something")]
                fn call(&self, $call: Call<'_>) -> Reply {
                    let $this = self;
                    Reply::future($answer)
                }
            }

            impl<F, R> Handler<shape::Sync<fn($($type),*)>> for F
            where
                F: Fn($($type),*) -> R + Clone + Send + Sync + 'static,
                R: IntoResponse,
            {
                #[allow(unused_variables, reason = "not every shape takes something")]
                fn call(&self, $call: Call<'_>) -> Reply {
                    let $this = self;
                    Reply::ready($answer)
                }
            }
        )*
    };
}

shapes! {
    fn(): |handler, call| handler();
    fn(Request<Body>): |handler, call| handler(call.into_request());
    fn(Params): |handler, call| handler(call.into_params());
    fn(Request<Body>, Params): |handler, call| {
        let (request, params) = call.into_parts();
        handler(request, params)
    };
}

/// Calls `then` with the request, whose body is a [`Body`]: as it lies there, if it has one.
#[inline(always)]
pub(crate) fn with_body<B, T>(
    request: Request<B>,
    then: impl FnOnce(&mut Option<Request<Body>>) -> T,
) -> T
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let mut request = Some(request);
    let mut other;
    let request = match (&mut request as &mut dyn Any).downcast_mut() {
        Some(own) => own,
        None => {
            other = request.map(|request| request.map(Body::new));
            &mut other
        }
    };
    then(request)
}

/// A handler without its type: one pointer to share, one call through it.
#[derive(Clone)]
pub struct BoxHandler(Arc<dyn Erased>);

impl BoxHandler {
    /// Erases a handler.
    pub fn new<M: 'static>(handler: impl Handler<M>) -> Self {
        Self(Arc::new(Typed {
            handler,
            shape: PhantomData,
        }))
    }

    /// Erases a function of the general form: one that is handed both and replies.
    pub fn from_fn(call: impl Fn(Request<Body>, Params) -> Reply + Send + Sync + 'static) -> Self {
        Self(Arc::new(General(call)))
    }

    /// Answers one request.
    #[inline]
    pub fn call(&self, call: Call<'_>) -> Reply {
        self.0.call(call)
    }

    /// The name of the handler's type, for a table of routes.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Debug for BoxHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

trait Erased: Send + Sync {
    fn call(&self, call: Call<'_>) -> Reply;
    fn name(&self) -> &'static str;
}

struct Typed<H, M> {
    handler: H,
    shape: PhantomData<fn(M)>,
}

impl<M: 'static, H: Handler<M>> Erased for Typed<H, M> {
    fn call(&self, call: Call<'_>) -> Reply {
        self.handler.call(call)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }
}

struct General<F>(F);

impl<F: Fn(Request<Body>, Params) -> Reply + Send + Sync + 'static> Erased for General<F> {
    fn call(&self, call: Call<'_>) -> Reply {
        let (request, params) = call.into_parts();
        (self.0)(request, params)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }
}
