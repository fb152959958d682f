//! The chain of a route: middleware, then the handler.
//!
//! ```text
//! first(cx, next) -> second(cx, next) -> handler(cx)
//!       <- response       <- response       <- response
//! ```
//!
//! A middleware is handed the context and the rest of the chain. It answers itself, which is the abort, or hands the
//! context on and gets the response back. A chain is made when its route is added and never changes; it has no limit.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use http::Response;
use http_codec::Body;

use super::context::Context;
use crate::handler::{BoxHandler, Handler, Reply, shape};
use crate::response::IntoResponse;

/// A function that stands before handlers: `async fn(Context, Next) -> Response`.
///
/// ```
/// use http_mux::engine::{Context, Next};
/// use http_mux::{Body, Response, ResponseExt};
///
/// async fn served_by(cx: Context, next: Next) -> Response<Body> {
///     next.run(cx).await.with_header("server", "mine")
/// }
/// # http_mux::Engine::new().use_(served_by);
/// ```
///
/// A plain function that returns a [`Reply`] costs no box: `|mut cx: Context, next: Next| { cx.set("k", 1); next.run(cx) }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a middleware",
    label = "not a middleware",
    note = "a middleware is an `async fn(Context, Next) -> T` with `T: IntoResponse`, or a closure of that shape whose \
            parameters have their types; a tower layer is added with `layer`",
    note = "it must be `Send + Sync + 'static`, and stay `Send` across each `.await`"
)]
pub trait Middleware<M>: Send + Sync + 'static {
    /// Answers, or hands the context on.
    fn call(&self, cx: Context, next: Next) -> Reply;
}

#[diagnostic::do_not_recommend]
impl<F, R> Middleware<shape::Async<fn(Context, Next)>> for F
where
    F: Fn(Context, Next) -> R + Send + Sync + 'static,
    R: Future<Output: IntoResponse> + Send + 'static,
{
    fn call(&self, cx: Context, next: Next) -> Reply {
        Reply::future(self(cx, next))
    }
}

/// A function that answers the engine's requests: one that takes a [`Context`], or any [`Handler`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of an engine",
    label = "not a handler",
    note = "a handler is a function or closure, `async` or not, that takes `Context`, `Request<Body>`, `Params`, `(Request<Body>, Params)` \
            or nothing, and returns something that implements `IntoResponse`",
    note = "it must be `Clone + Send + Sync + 'static`, and an `async` one must stay `Send` across each `.await`",
    note = "a closure's parameters need their types: `|cx: Context| async move {{ .. }}`"
)]
pub trait ContextHandler<M>: Send + Sync + 'static {
    /// Answers one request.
    fn call(&self, cx: Context) -> Reply;
}

impl<F, R> ContextHandler<shape::Async<fn(Context)>> for F
where
    F: Fn(Context) -> R + Send + Sync + 'static,
    R: Future<Output: IntoResponse> + Send + 'static,
{
    fn call(&self, cx: Context) -> Reply {
        Reply::future(self(cx))
    }
}

impl<F, R> ContextHandler<shape::Sync<fn(Context)>> for F
where
    F: Fn(Context) -> R + Send + Sync + 'static,
    R: IntoResponse,
{
    fn call(&self, cx: Context) -> Reply {
        Reply::ready(self(cx))
    }
}

/// Marker of the handlers that know no context.
#[doc(hidden)]
#[derive(Debug)]
pub struct Plain<M>(M);

impl<H, M> ContextHandler<Plain<M>> for H
where
    H: Handler<M>,
{
    fn call(&self, mut cx: Context) -> Reply {
        Handler::call(self, cx.as_call())
    }
}

/// Marker of what is a handler by itself, without being a function.
#[doc(hidden)]
#[derive(Debug)]
pub struct Direct;

#[diagnostic::do_not_recommend]
impl ContextHandler<Direct> for BoxHandler {
    fn call(&self, mut cx: Context) -> Reply {
        BoxHandler::call(self, cx.as_call())
    }
}

/// What is left of a chain. Running it hands the context on; dropping it is the abort.
#[must_use = "the rest of the chain runs only when it is told to"]
pub struct Next {
    chain: Arc<Chain>,
    index: usize,
}

impl Next {
    /// Runs the rest of the chain. The reply is a future: await it for the response.
    pub fn run(self, cx: Context) -> Reply {
        let Self { chain, index } = self;
        match chain.middleware.get(index) {
            Some(middleware) => {
                let next = Self {
                    chain: Arc::clone(&chain),
                    index: index + 1,
                };
                middleware.0.call(cx, next)
            }
            None => chain.last.0.call(cx),
        }
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.chain.names().skip(self.index))
            .finish()
    }
}

/// Middleware and the handler behind them.
#[derive(Clone)]
pub(super) struct Chain {
    pub(super) middleware: Box<[BoxMiddleware]>,
    pub(super) last: BoxEndpoint,
}

impl Chain {
    pub(super) fn new(middleware: &[BoxMiddleware], last: BoxEndpoint) -> Arc<Self> {
        Arc::new(Self {
            middleware: middleware.into(),
            last,
        })
    }

    pub(super) fn run(self: &Arc<Self>, cx: Context) -> Reply {
        match self.middleware.first() {
            Some(middleware) => {
                let next = Next {
                    chain: Arc::clone(self),
                    index: 1,
                };
                middleware.0.call(cx, next)
            }
            None => self.last.0.call(cx),
        }
    }

    /// The names of the functions, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        let names = self.middleware.iter().map(|middleware| middleware.0.name());
        names.chain([self.last.0.name()])
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// A middleware without its type.
#[derive(Clone)]
pub(super) struct BoxMiddleware(Arc<dyn ErasedMiddleware>);

impl BoxMiddleware {
    pub(super) fn new<M: 'static>(middleware: impl Middleware<M>) -> Self {
        Self(Arc::new(Typed {
            value: middleware,
            shape: PhantomData,
        }))
    }
}

/// A handler without its type.
#[derive(Clone)]
pub(super) struct BoxEndpoint(Arc<dyn ErasedEndpoint>);

impl BoxEndpoint {
    pub(super) fn new<M: 'static>(handler: impl ContextHandler<M>) -> Self {
        Self(Arc::new(Typed {
            value: handler,
            shape: PhantomData,
        }))
    }

    pub(super) fn call(&self, cx: Context) -> Reply {
        self.0.call(cx)
    }

    pub(super) fn name(&self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Debug for BoxMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl fmt::Debug for BoxEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

trait ErasedMiddleware: Send + Sync {
    fn call(&self, cx: Context, next: Next) -> Reply;
    fn name(&self) -> &'static str;
}

trait ErasedEndpoint: Send + Sync {
    fn call(&self, cx: Context) -> Reply;
    fn name(&self) -> &'static str;
}

struct Typed<T, M> {
    value: T,
    shape: PhantomData<fn(M)>,
}

impl<M: 'static, T: Middleware<M>> ErasedMiddleware for Typed<T, M> {
    fn call(&self, cx: Context, next: Next) -> Reply {
        self.value.call(cx, next)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<T>()
    }
}

impl<M: 'static, T: ContextHandler<M>> ErasedEndpoint for Typed<T, M> {
    fn call(&self, cx: Context) -> Reply {
        self.value.call(cx)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<T>()
    }
}

/// The response that the engine has made itself, behind the middleware: a redirect, a 404, a 405.
pub(super) fn prepared(mut cx: Context) -> Response<Body> {
    cx.take_prepared().unwrap_or_default()
}
