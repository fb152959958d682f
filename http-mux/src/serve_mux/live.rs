//! A mux whose routes are replaced while it serves.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use http_codec::{Body, BoxError};
use tower_service::Service;

use super::{Routes, ServeFuture, ServeMux};
use crate::handler::with_body;

/// A [`ServeMux`] whose clones all see a change: a new table is swapped in, and the requests that run go on with the old one.
///
/// ```
/// use http_mux::ServeMux;
/// use http_mux::serve_mux::LiveMux;
///
/// let live = LiveMux::from(ServeMux::new());
/// let serving = live.clone();
/// live.update(|mux| mux.try_handle("GET /new", || "now").map(drop)).unwrap();
/// assert_eq!(serving.load().routes().count(), 1);
/// ```
#[derive(Clone)]
pub struct LiveMux(Arc<ArcSwap<Routes>>);

impl LiveMux {
    /// The routes that are served now.
    #[must_use]
    pub fn load(&self) -> ServeMux {
        ServeMux {
            routes: self.0.load_full(),
        }
    }

    /// Serves other routes from the next request on, and returns those served until now.
    pub fn replace(&self, mux: ServeMux) -> ServeMux {
        ServeMux {
            routes: self.0.swap(mux.routes),
        }
    }

    /// Changes a copy of the routes and serves that, unless `change` fails. When another change comes first, this one is made again on top of
    /// it: `change` may be called more than once.
    pub fn update<E>(
        &self,
        mut change: impl FnMut(&mut ServeMux) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let current = self.0.load_full();
            let mut mux = ServeMux {
                routes: Arc::clone(&current),
            };
            change(&mut mux)?;
            let previous = self.0.compare_and_swap(&current, mux.routes);
            if Arc::ptr_eq(&previous, &current) {
                return Ok(());
            }
        }
    }
}

impl From<ServeMux> for LiveMux {
    fn from(mux: ServeMux) -> Self {
        Self(Arc::new(ArcSwap::new(mux.routes)))
    }
}

impl fmt::Debug for LiveMux {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}

impl<B> Service<Request<B>> for LiveMux
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ServeFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ServeFuture {
        let routes = self.0.load();
        with_body(request, |slot| routes.serve(slot))
    }
}
