//! An engine whose routes are replaced while it serves.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{self, Poll};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use http_codec::{Body, BoxError};
use tower_service::Service;

use super::core::Core;
use super::{Engine, EngineFuture};

/// An [`Engine`] whose clones all see a change: new tables are swapped in, and the requests that run go on with the old ones.
///
/// ```
/// use http_mux::engine::{Engine, LiveEngine, RouteError};
///
/// let live = LiveEngine::from(Engine::new());
/// let serving = live.clone();
/// live.update(|engine| {
///     engine.try_handle("GET".parse().expect("a method"), "/new", || "now")?;
///     Ok::<_, RouteError>(())
/// })?;
/// assert_eq!(serving.load().routes().count(), 1);
/// # Ok::<_, RouteError>(())
/// ```
#[derive(Clone)]
pub struct LiveEngine(Arc<ArcSwap<Core>>);

impl LiveEngine {
    /// What is served now.
    pub fn load(&self) -> Engine {
        Engine {
            core: self.0.load_full(),
        }
    }

    /// Serves another engine from the next request on, and returns the one served until now.
    pub fn replace(&self, engine: Engine) -> Engine {
        Engine {
            core: self.0.swap(engine.core),
        }
    }

    /// Changes a copy of the engine and serves that, unless `change` fails. When another change comes first, this one is made
    /// again on top of it: `change` may be called more than once.
    ///
    /// # Errors
    ///
    /// That of `change`; then nothing has changed.
    pub fn update<E>(&self, mut change: impl FnMut(&mut Engine) -> Result<(), E>) -> Result<(), E> {
        loop {
            let current = self.0.load_full();
            let mut engine = Engine {
                core: Arc::clone(&current),
            };
            change(&mut engine)?;
            let previous = self.0.compare_and_swap(&current, engine.core);
            if Arc::ptr_eq(&previous, &current) {
                return Ok(());
            }
        }
    }
}

impl From<Engine> for LiveEngine {
    fn from(engine: Engine) -> Self {
        Self(Arc::new(ArcSwap::new(engine.core)))
    }
}

impl<B> Service<Request<B>> for LiveEngine
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
        self.load().call(request)
    }
}

impl fmt::Debug for LiveEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}
