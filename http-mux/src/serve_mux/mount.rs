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
    BoxHandler::from_fn(move |request, params| {
        let place = split(request.uri().path(), segments);
        let place = place.map(|(prefix, rest)| (prefix.to_owned(), rest.to_owned()));
        service.call_below(request, params, place)
    })
}

/// The first segments of the path, and what follows them.
pub(crate) fn split(path: &str, segments: usize) -> Option<(&str, &str)> {
    let (at, _) = path.match_indices('/').nth(segments)?;
    Some(path.split_at(at))
}

/// The URI with another path.
fn with_path(uri: &Uri, path: String) -> Option<Uri> {
    let whole = match uri.query() {
        Some(query) => [&path, "?", query].concat(),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(whole).ok()?);
    Uri::from_parts(parts).ok()
}

/// A service that each request clones; behind a lock, because few services are `Sync`.
pub(crate) struct Shared<S>(Mutex<S>);

impl<S> Shared<S> {
    pub(crate) fn new(service: S) -> Self {
        Self(Mutex::new(service))
    }

    /// Calls the service with the path behind the prefix; `place` is the prefix and that path.
    pub(crate) fn call_below(
        &self,
        mut request: Request<Body>,
        params: Params,
        place: Option<(String, String)>,
    ) -> Reply
    where
        S: Mountable,
    {
        let place =
            place.and_then(|(prefix, rest)| Some((prefix, with_path(request.uri(), rest)?)));
        let Some((prefix, uri)) = place else {
            return Reply::ready(StatusCode::NOT_FOUND);
        };
        let prefix = [Mounted::prefix_of(&request), &prefix].concat();
        *request.uri_mut() = uri;
        request.extensions_mut().insert(Mounted { prefix, params });
        self.call(request)
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
