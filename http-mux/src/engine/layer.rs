//! Tower layers as middleware, and tower services as handlers.
//!
//! A layer wraps a service once, when it is added, so that what it shares (a limit, a cache) is shared by all requests.
//! Its inner service is the rest of the chain: the context waits in an extension of the request while the layer has it.

use std::convert::Infallible;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll};

use futures::future;
use http::{Method, Request, Response};
use http_codec::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::chain::{BoxEndpoint, BoxMiddleware, Middleware, Next};
use super::context::Context;
use super::register::{ANY, New};
use super::{Engine, EngineFuture, Group, pattern};
use crate::handler::Reply;
use crate::response::{IntoResponse, internal_error};
use crate::serve_mux::{Mountable, mount};

/// The rest of a chain as a tower service: what a layer wraps.
#[derive(Debug, Clone)]
pub struct Rest(());

impl Service<Request<Body>> for Rest {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = EngineFuture;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> EngineFuture {
        let parked = request.extensions_mut().remove::<Parked>();
        let waiting = parked.and_then(|parked| {
            parked
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        });
        let reply = match waiting {
            Some((mut cx, next)) => {
                cx.put_request(request);
                next.run(cx)
            }
            None => Reply::ready(internal_error(
                &"a layer called its service twice, or with another request's extensions",
            )),
        };
        EngineFuture::from(reply)
    }
}

/// A context that waits for its request to come back from a layer.
#[derive(Clone)]
struct Parked(Arc<Mutex<Option<(Context, Next)>>>);

/// A layer's service, as middleware.
struct Layered<S>(Mutex<S>);

impl<S> Middleware<Layered<()>> for Layered<S>
where
    S: Mountable,
{
    fn call(&self, mut cx: Context, next: Next) -> Reply {
        let mut request = cx.take_request();
        let parked = Parked(Arc::new(Mutex::new(Some((cx, next)))));
        request.extensions_mut().insert(parked);
        let mut service = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Reply::future(async move {
            if let Err(error) = future::poll_fn(|cx| service.poll_ready(cx)).await {
                return internal_error(&error.into());
            }
            match service.call(request).await {
                Ok(response) => response.into_response(),
                Err(error) => internal_error(&error.into()),
            }
        })
    }
}

/// A layer as middleware.
fn layered<L>(layer: L) -> BoxMiddleware
where
    L: Layer<Rest, Service: Mountable>,
{
    BoxMiddleware::new(Layered(Mutex::new(layer.layer(Rest(())))))
}

macro_rules! tower {
    () => {
        /// Adds a tower layer as middleware, as `use_` does. It is applied once, whatever the number of requests; an error of
        /// its service is logged and answered with 500.
        pub fn layer<L>(&mut self, layer: L) -> &mut Self
        where
            L: Layer<Rest, Service: Mountable>,
        {
            self.push(layered(layer));
            self
        }

        /// Adds a route for a method that a tower service answers.
        ///
        /// # Panics
        ///
        /// As `handle`.
        #[track_caller]
        pub fn handle_service<S>(&mut self, method: Method, path: &str, service: S) -> &mut Self
        where
            S: Mountable,
        {
            self.handle(method, path, mount::handler(service))
        }

        /// Hands all requests below a path to a tower service, for any of the methods of `any`, with that path taken off, as the
        /// engine has looked it up: where `%2F` is a slash to the engine, the path may end there. What was taken off is in
        /// [`Mounted`](crate::serve_mux::Mounted).
        ///
        /// # Panics
        ///
        /// As `handle`.
        #[track_caller]
        pub fn mount<S>(&mut self, path: &str, service: S) -> &mut Self
        where
            S: Mountable,
        {
            let rest = pattern::join(path, "/*http_mux_rest");
            let segments = pattern::join(self.base_path(), path)
                .split('/')
                .filter(|segment| !segment.is_empty())
                .count();
            let service = mount::Shared::new(service);
            let handler = move |cx: Context| {
                let place = cx.split_path(segments);
                let (request, params) = cx.into_parts();
                service.call_below(request, params.without_rest(), place)
            };
            let new = New {
                methods: &ANY,
                path: &rest,
                handler: BoxEndpoint::new(handler),
                location: Location::caller(),
            };
            if let Err(error) = self.add(new) {
                panic!("{error}");
            }
            self
        }
    };
}

impl Engine {
    tower!();

    fn base_path(&self) -> &'static str {
        "/"
    }
}

impl Group<'_> {
    tower!();

    /// The same group with one more tower layer, for a route or two: `group.with_layer(timeout).get("/slow", slow)`.
    pub fn with_layer<L>(&mut self, layer: L) -> Group<'_>
    where
        L: Layer<Rest, Service: Mountable>,
    {
        let mut group = self.group("");
        group.layer(layer);
        group
    }
}
