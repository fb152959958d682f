//! The engine as a tower service.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_codec::{Body, BoxError};
use tower_service::Service;

use super::Engine;
use super::context::Context;
use crate::handler::Reply;

impl Engine {
    /// Answers one request. Dropping the reply cancels it.
    pub fn respond(&self, request: Request<Body>) -> Reply {
        self.core.dispatch(Context::new(&self.core, request))
    }
}

impl<B> Service<Request<B>> for Engine
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = EngineFuture;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> EngineFuture {
        EngineFuture(self.respond(request.map(Body::new)))
    }
}

/// The response of an engine to one request. Dropping it cancels the handler.
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct EngineFuture(Reply);

impl Future for EngineFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.0.poll_ok(cx)
    }
}

impl From<Reply> for EngineFuture {
    fn from(reply: Reply) -> Self {
        Self(reply)
    }
}
