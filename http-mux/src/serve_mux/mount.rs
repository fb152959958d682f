//! Tower services as handlers, as they are or below a prefix.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{Request, StatusCode};
use http_codec::{Body, BoxError};
use tower_service::Service;

use crate::handler::{BoxHandler, Reply};
use crate::params::Params;
use crate::response::IntoResponse;

/// A tower service that a mux can hand requests to: anything with these bounds is one.
pub trait Mountable:
    Service<Request<Body>, Response: IntoResponse, Error: Into<BoxError>, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Mountable for S where
    S: Service<Request<Body>, Response: IntoResponse, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// What a mount took off the path: an extension of the request that the service sees.
#[derive(Debug, Clone)]
pub struct Mounted {
    prefix: String,
    params: Params,
}

impl Mounted {
    /// What all mounts that this request came through took off its path.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Option<&Self> {
        request.extensions().get()
    }

    /// What was taken off this request's path, if anything was: a Location begins with it.
    pub(crate) fn prefix_of<B>(request: &Request<B>) -> &str {
        Self::of(request).map_or("", Self::prefix)
    }

    /// The octets that are missing at the front of the path.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The parameters of the prefix.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }
}

/// The service as a handler.
pub(crate) fn handler<S: Mountable>(service: S) -> BoxHandler {
    let service = Shared::new(service);
    BoxHandler::from_fn(move |request, _| service.call(request))
}

/// The service as a handler that takes `segments` segments off the path.
pub(crate) fn below<S: Mountable>(segments: usize, service: S) -> BoxHandler {
    let service = Shared::new(service);
    BoxHandler::from_fn(
        move |mut request, params| match strip(request.uri(), segments) {
            Some((prefix, uri)) => {
                let prefix = [Mounted::prefix_of(&request), &prefix].concat();
                *request.uri_mut() = uri;
                request.extensions_mut().insert(Mounted { prefix, params });
                service.call(request)
            }
            None => Reply::ready(StatusCode::NOT_FOUND),
        },
    )
}

/// The first segments of the path, and the URI without them.
fn strip(uri: &Uri, segments: usize) -> Option<(String, Uri)> {
    let path = uri.path();
    let (at, _) = path.match_indices('/').nth(segments)?;
    let rest = uri.path_and_query()?.as_str().get(at..)?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Some((path[..at].to_owned(), Uri::from_parts(parts).ok()?))
}

/// A service that each request clones; behind a lock, because few services are `Sync`.
struct Shared<S>(Mutex<S>);

impl<S> Shared<S> {
    fn new(service: S) -> Self {
        Self(Mutex::new(service))
    }

    fn call(&self, request: Request<Body>) -> Reply
    where
        S: Mountable,
    {
        let mut service = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Reply::future(async move {
            let ready = poll_fn(|cx| service.poll_ready(cx)).await;
            let response: Result<_, BoxError> = match ready.map_err(Into::into) {
                Ok(()) => service.call(request).await.map_err(Into::into),
                Err(error) => Err(error),
            };
            match response {
                Ok(response) => response.into_response(),
                Err(error) => {
                    tracing::error!(%error, "a mounted service failed");
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    (status, Bytes::from_static(b"Internal Server Error\n")).into_response()
                }
            }
        })
    }
}
