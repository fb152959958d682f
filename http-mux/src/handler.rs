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

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_codec::Body;

use crate::params::Params;
use crate::response::IntoResponse;

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
        if let Some(reply) = (&mut future as &mut dyn std::any::Any).downcast_mut::<Option<Self>>()
        {
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
    fn call(&self, request: Request<Body>, params: Params) -> Reply;
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
    ($(|$request:pat_param, $params:pat_param| ($($argument:ident: $type:ty),*))*) => {
        $(
            impl<F, R> Handler<shape::Async<fn($($type),*)>> for F
            where
                F: Fn($($type),*) -> R + Clone + Send + Sync + 'static,
                R: Future<Output: IntoResponse> + Send + 'static,
            {
                fn call(&self, $request: Request<Body>, $params: Params) -> Reply {
                    Reply::future(self($($argument),*))
                }
            }

            impl<F, R> Handler<shape::Sync<fn($($type),*)>> for F
            where
                F: Fn($($type),*) -> R + Clone + Send + Sync + 'static,
                R: IntoResponse,
            {
                fn call(&self, $request: Request<Body>, $params: Params) -> Reply {
                    Reply::ready(self($($argument),*))
                }
            }
        )*
    };
}

shapes! {
    |_, _| ()
    |request, _| (request: Request<Body>)
    |_, params| (params: Params)
    |request, params| (request: Request<Body>, params: Params)
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
    pub fn call(&self, request: Request<Body>, params: Params) -> Reply {
        self.0.call(request, params)
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
    fn call(&self, request: Request<Body>, params: Params) -> Reply;
    fn name(&self) -> &'static str;
}

struct Typed<H, M> {
    handler: H,
    shape: PhantomData<fn(M)>,
}

impl<M: 'static, H: Handler<M>> Erased for Typed<H, M> {
    fn call(&self, request: Request<Body>, params: Params) -> Reply {
        self.handler.call(request, params)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }
}

struct General<F>(F);

impl<F: Fn(Request<Body>, Params) -> Reply + Send + Sync + 'static> Erased for General<F> {
    fn call(&self, request: Request<Body>, params: Params) -> Reply {
        (self.0)(request, params)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }
}
