//! Gin's engine: routes in groups, chains of middleware, and a context that is passed along them.
//!
//! ```
//! use http_mux::Engine;
//! use http_mux::engine::Context;
//!
//! let mut engine = Engine::default();
//! engine.get("/ping", || "pong");
//! engine.get("/user/:name/*action", |cx: Context| {
//!     format!("{} is {}", cx.param("name"), cx.param("action"))
//! });
//! ```
//!
//! An [`Engine`] is a `tower_service::Service` of requests. It behaves as Gin's does, flags and defaults included, except
//! where that would hurt:
//!
//! * a lookup tries every route: what Gin misses by incomplete backtracking is found;
//! * a redirect never leads to another host, keeps what the path has encoded, and runs the engine's middleware;
//! * with `use_raw_path` or `use_escaped_path`, a `+` in the path stays a plus, and literals are compared decoded;
//! * a route that is refused is an error (`try_handle`) that names both, or a panic, and changes nothing;
//! * no proxy is trusted unless it is named; chains have no limit; a group may have its own 404 and 405;
//! * not calling `next` is the abort: what a middleware returns is the response.

mod chain;
mod clean;
mod client_ip;
mod conflict;
mod context;
mod core;
mod error;
mod fallback;
mod group;
mod layer;
mod live;
mod middleware;
mod pattern;
mod pool;
mod redirect;
mod register;
mod routes;
mod service;
mod settings;
#[cfg(feature = "io")]
mod static_files;
mod target;

pub use chain::{ContextHandler, Middleware, Next};
pub use client_ip::{ClientIp, Network, NetworkError};
pub use context::{Context, Offer};
pub use error::{RouteError, RouteFault};
pub use group::Group;
pub use layer::Rest;
pub use live::LiveEngine;
pub use middleware::*;
pub use routes::{RouteInfo, Verdict};
pub use service::EngineFuture;
pub use settings::Settings;

use std::fmt;
use std::sync::Arc;

use http::Method;

use self::chain::{BoxEndpoint, BoxMiddleware};
use self::core::Core;
use self::fallback::Miss;
use self::register::{New, verbs};

/// A router with Gin's patterns, groups and middleware; see the [module](self).
///
/// A clone shares its tables until one of both is changed. Changing an engine while requests run leaves those undisturbed;
/// [`LiveEngine`] is the one whose clones all see a change.
#[derive(Clone)]
pub struct Engine {
    core: Arc<Core>,
}

impl Default for Engine {
    /// An engine with [`Logger`] and [`Recovery`].
    fn default() -> Self {
        let mut engine = Self::new();
        engine.use_(Logger::new()).use_(Recovery::new());
        engine
    }
}

impl Engine {
    /// An engine without middleware.
    pub fn new() -> Self {
        Self {
            core: Arc::new(Core::new()),
        }
    }

    /// The flags.
    pub fn settings(&self) -> &Settings {
        &self.core.settings
    }

    /// The flags, to be set before routes are added: those that concern patterns count for what comes after.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.core_mut().settings
    }

    /// Adds middleware for the routes that are added from here on, and for all that match no route.
    pub fn use_<M: 'static>(&mut self, middleware: impl Middleware<M>) -> &mut Self {
        self.push(BoxMiddleware::new(middleware));
        self
    }

    /// Routes below a path, with middleware of their own. The path may have parameters.
    pub fn group(&mut self, path: &str) -> Group<'_> {
        Group::new(&mut self.core, pattern::join("/", path))
    }

    /// The engine's routes with one more middleware, for a route or two: `engine.with(auth).get("/me", me)`.
    pub fn with<M: 'static>(&mut self, middleware: impl Middleware<M>) -> Group<'_> {
        let mut group = self.group("");
        group.use_(middleware);
        group
    }

    /// Answers what matches no route, behind the engine's middleware. The status is the handler's to choose. Default: 404 with
    /// a line of text.
    pub fn no_route<M: 'static>(&mut self, handler: impl ContextHandler<M>) -> &mut Self {
        self.fallback(Miss::Route, BoxEndpoint::new(handler))
    }

    /// Answers what matches only with another method, if `handle_method_not_allowed` is on. The status is the handler's to
    /// choose; `Allow` is added. Default: 405 with a line of text.
    pub fn no_method<M: 'static>(&mut self, handler: impl ContextHandler<M>) -> &mut Self {
        self.fallback(Miss::Method, BoxEndpoint::new(handler))
    }

    fn fallback(&mut self, miss: Miss, handler: BoxEndpoint) -> &mut Self {
        let core = self.core_mut();
        core.fallbacks
            .set(miss, "", (&core.middleware, &[]), handler);
        self
    }

    fn add(&mut self, new: New<'_>) -> Result<(), RouteError> {
        let path = pattern::join("/", new.path);
        register::add(self.core_mut(), &[], New { path: &path, ..new })
    }

    fn push(&mut self, middleware: BoxMiddleware) {
        self.core_mut().use_(middleware);
    }

    fn core_mut(&mut self) -> &mut Core {
        Arc::make_mut(&mut self.core)
    }

    verbs!();
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.routes()).finish()
    }
}
