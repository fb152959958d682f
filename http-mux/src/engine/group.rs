//! Routes with a common path and common middleware.

use std::sync::Arc;

use http::Method;

use super::chain::{BoxEndpoint, BoxMiddleware, ContextHandler, Middleware};
use super::core::Core;
use super::error::RouteError;
use super::fallback::Miss;
use super::pattern;
use super::register::{self, New, verbs};

/// Routes below one path that share their middleware; made by [`Engine::group`](super::Engine::group).
///
/// ```
/// use http_mux::Engine;
/// use http_mux::engine::{Context, Next};
///
/// async fn signed_in(cx: Context, next: Next) -> http_mux::Response<http_mux::Body> {
///     next.run(cx).await
/// }
///
/// let mut engine = Engine::new();
/// let mut v1 = engine.group("/v1");
/// v1.get("/health", || "ok");
/// v1.use_(signed_in);
/// v1.get("/user/:name", |cx: Context| cx.param("name").into_owned());
/// ```
#[derive(Debug)]
pub struct Group<'e> {
    core: &'e mut Arc<Core>,
    base: String,
    /// The group's own; the engine's come before them.
    middleware: Vec<BoxMiddleware>,
}

impl<'e> Group<'e> {
    pub(super) fn new(core: &'e mut Arc<Core>, base: String) -> Self {
        Self {
            core,
            base,
            middleware: Vec::new(),
        }
    }

    /// A group below this one, with its middleware so far.
    pub fn group(&mut self, path: &str) -> Group<'_> {
        let base = pattern::join(&self.base, path);
        Group {
            core: self.core,
            base,
            middleware: self.middleware.clone(),
        }
    }

    /// The path of the group.
    pub fn base_path(&self) -> &str {
        &self.base
    }

    /// Adds middleware for the routes that are added to the group from here on.
    pub fn use_<M: 'static>(&mut self, middleware: impl Middleware<M>) -> &mut Self {
        self.middleware.push(BoxMiddleware::new(middleware));
        self
    }

    /// The same group with one more middleware, for a route or two: `group.with(auth).get("/me", me)`.
    pub fn with<M: 'static>(&mut self, middleware: impl Middleware<M>) -> Group<'_> {
        let mut group = self.group("");
        group.use_(middleware);
        group
    }

    /// Answers requests below the group's path that match no route, behind the engine's middleware and the group's so far. The
    /// status is the handler's to choose.
    pub fn no_route<M: 'static>(&mut self, handler: impl ContextHandler<M>) -> &mut Self {
        self.fallback(Miss::Route, BoxEndpoint::new(handler))
    }

    /// Answers requests below the group's path that match only with another method, if `handle_method_not_allowed` is on. The
    /// status is the handler's to choose; `Allow` is added.
    pub fn no_method<M: 'static>(&mut self, handler: impl ContextHandler<M>) -> &mut Self {
        self.fallback(Miss::Method, BoxEndpoint::new(handler))
    }

    fn fallback(&mut self, miss: Miss, handler: BoxEndpoint) -> &mut Self {
        let core = Arc::make_mut(self.core);
        core.fallbacks.set(
            miss,
            &self.base,
            (&core.middleware, &self.middleware),
            handler,
        );
        self
    }

    pub(super) fn add(&mut self, new: New<'_>) -> Result<(), RouteError> {
        let path = pattern::join(&self.base, new.path);
        register::add(
            Arc::make_mut(self.core),
            &self.middleware,
            New { path: &path, ..new },
        )
    }

    pub(super) fn push(&mut self, middleware: BoxMiddleware) {
        self.middleware.push(middleware);
    }

    verbs!();
}
