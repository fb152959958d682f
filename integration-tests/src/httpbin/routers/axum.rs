//! The table on `axum::Router`, which our server runs unchanged.

use std::convert::Infallible;
use std::future::Future;
use std::task::{Context, Poll};

use axum::extract::{RawPathParams, Request as AxumRequest};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, Request, Response};
use http_codec::Body;
use tower_service::Service;

use crate::httpbin::request_data::{Peer, origin};
use crate::httpbin::routes::{ROUTES, Route};
use crate::httpbin::{Cors, PathArgs, reply};

/// The service, routed by `axum::Router`.
pub fn service() -> Cors<WithPeer<axum::Router>> {
    Cors::new(WithPeer(router()))
}

/// The router alone.
pub fn router() -> axum::Router {
    let router = ROUTES.iter().fold(axum::Router::new(), |router, route| {
        let path = route.path.replace("{rest...}", "{*rest}");
        router.route(&path, method_router(route))
    });
    router
        .fallback(async || reply::not_found().map(axum::body::Body::new))
        .method_not_allowed_fallback(async || {
            reply::method_not_allowed().map(axum::body::Body::new)
        })
}

fn method_router(route: &Route) -> MethodRouter {
    let methods = route
        .methods
        .iter()
        .filter_map(|method| Method::from_bytes(method.as_bytes()).ok());
    let filter = methods
        .filter_map(|method| MethodFilter::try_from(method).ok())
        .reduce(MethodFilter::or);
    let endpoint = route.endpoint;
    let handler = move |params: RawPathParams, request: AxumRequest| {
        let args: PathArgs = params.iter().collect();
        let answer = endpoint(request.map(Body::new), args);
        async move { answer.await.map(axum::body::Body::new) }
    };
    filter.map_or_else(MethodRouter::new, |filter| on(filter, handler))
}

/// Hands the peer's address on as an extension: axum boxes the body, and its handle with it.
#[derive(Clone, Debug)]
pub struct WithPeer<S>(pub S);

impl<S, B> Service<Request<Body>> for WithPeer<S>
where
    S: Service<AxumRequest, Response = Response<B>, Error = Infallible>,
    S::Future: Future + Send + 'static,
{
    type Response = S::Response;
    type Error = Infallible;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        if let Some(peer) = origin(&request) {
            request.extensions_mut().insert(Peer(peer));
        }
        self.0.call(request.map(axum::body::Body::new))
    }
}
