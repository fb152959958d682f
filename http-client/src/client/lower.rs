//! What lies under a client: the transport, or a stack of layers over it.

use std::sync::Mutex;

use http::{Request, Response};
use http_codec::{Body, BoxError};
use tokio::time::Instant;
use tower_service::Service;

use crate::error::{Error, ErrorKind, Phase, Progress};
use crate::options::Options;
use crate::prepare::Head;
use crate::transport::{ResponseFuture, Transport};

pub(super) enum Lower {
    Transport(Transport),
    Layers(Box<dyn RoundTrip>),
}

/// A stack of layers, erased.
pub(super) trait RoundTrip: Send + Sync {
    fn round_trip(&self, request: Request<Body>) -> ResponseFuture;
}

/// Cloned for each request, as tower's contract wants it.
pub(super) struct Layers<S>(pub(super) Mutex<S>);

impl<S> RoundTrip for Layers<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn round_trip(&self, request: Request<Body>) -> ResponseFuture {
        let mut service = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        Box::pin(async move {
            std::future::poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(|error| failed(error.into()))?;
            service
                .call(request)
                .await
                .map_err(|error| failed(error.into()))
        })
    }
}

/// The transport's own error where it comes through the layers unchanged.
fn failed(error: BoxError) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(other) => Error::new(ErrorKind::Layer, Phase::Call).with_source(other),
    }
}

impl Lower {
    pub(super) fn transport(&self) -> Option<&Transport> {
        match self {
            Lower::Transport(transport) => Some(transport),
            Lower::Layers(_) => None,
        }
    }

    /// Sends a request through whatever there is; `response` becomes what came.
    pub(super) async fn send(
        &self,
        head: Head<'_>,
        body: &mut Body,
        options: Option<&Options>,
        total: Option<Instant>,
        response: &mut Response<Body>,
    ) -> Result<(), Error> {
        let layers = match self {
            Lower::Transport(transport) => {
                return transport.send(head, body, options, total, response).await;
            }
            Lower::Layers(layers) => layers,
        };
        let mut request = Request::new(std::mem::take(body));
        *request.method_mut() = head.request.method().clone();
        *request.uri_mut() = head.request.uri().clone();
        *request.headers_mut() = head.fields.clone();
        *request.extensions_mut() = head.request.extensions().clone();
        if let Some(options) = options {
            let mut options = options.clone();
            // A transport below would begin to count anew.
            if let (Some(deadlines), Some(total)) = (&mut options.deadlines, total) {
                deadlines.total = Some(total.saturating_duration_since(Instant::now()));
            }
            request.extensions_mut().insert(options);
        }
        let call = layers.round_trip(request);
        *response = match total {
            Some(total) => tokio::time::timeout_at(total, call)
                .await
                // What the layers have done is not known: they may have sent all of it.
                .unwrap_or_else(|_| {
                    Err(Error::timeout(Phase::Call).with_progress(Progress::Sent))
                })?,
            None => call.await?,
        };
        Ok(())
    }
}
