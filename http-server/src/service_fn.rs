//! A closure as a service.

use std::fmt;
use std::future::Future;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_codec::Body;
use tower_service::Service;

/// A service from a function of a request.
///
/// The function is cloned once per connection and called once per request.
///
/// ```
/// use std::convert::Infallible;
/// use http::{Request, Response};
/// use http_server::{Body, service_fn};
///
/// let hello = service_fn(|_request: Request<Body>| async {
///     Ok::<_, Infallible>(Response::new(Body::from("hello\n")))
/// });
/// # let _ = hello;
/// ```
pub fn service_fn<F, Fut, B, E>(function: F) -> ServiceFn<F>
where
    F: FnMut(Request<Body>) -> Fut,
    Fut: Future<Output = Result<Response<B>, E>>,
{
    ServiceFn::of(function)
}

/// A closure as a service: what [`service_fn`] and [`raw::service_fn`](crate::raw::service_fn) make.
#[derive(Clone, Copy)]
pub struct ServiceFn<F> {
    function: F,
}

impl<F> ServiceFn<F> {
    pub(crate) const fn of(function: F) -> Self {
        ServiceFn { function }
    }
}

impl<F> fmt::Debug for ServiceFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceFn").finish_non_exhaustive()
    }
}

impl<F, R, Fut, A, E> Service<R> for ServiceFn<F>
where
    F: FnMut(R) -> Fut,
    Fut: Future<Output = Result<A, E>>,
{
    type Response = A;
    type Error = E;
    type Future = Fut;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Fut {
        (self.function)(request)
    }
}
