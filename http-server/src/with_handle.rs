//! The handle among a request's extensions, for services that wrap the body in one of their own.

use std::task::{Context, Poll};

use http::Request;
use http_codec::Body;
use tower_service::Service;

use crate::handle::handle;

/// Puts the connection's [`Handle`](crate::Handle) into the extensions of every request of `service`.
///
/// For routers that hand their handlers a body of their own, as axum does: there [`handle`] cannot see the body, and
/// `Extension<Handle>` is how an axum handler gets it. It costs the allocations of an extension, which is why it is asked for.
///
/// ```
/// use http_server::{Body, Handle, service_fn, with_handle};
/// # use std::convert::Infallible;
/// # use http::{Request, Response};
/// let service = with_handle(service_fn(|request: Request<Body>| async move {
///     let peer = request.extensions().get::<Handle>().and_then(Handle::peer_addr);
///     Ok::<_, Infallible>(Response::new(Body::from(format!("{peer:?}"))))
/// }));
/// # let _ = service;
/// ```
pub const fn with_handle<S>(service: S) -> WithHandle<S> {
    WithHandle { service }
}

/// What [`with_handle`] makes.
#[derive(Clone, Copy, Debug)]
pub struct WithHandle<S> {
    service: S,
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for WithHandle<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        if let Some(handle) = handle(request.body()) {
            request.extensions_mut().insert(handle);
        }
        self.service.call(request)
    }
}
