//! Adding a route: parse, check, insert. Whatever fails leaves the engine as it was.

use std::panic::Location;
use std::sync::Arc;

use http::Method;

use super::chain::{BoxEndpoint, BoxMiddleware, Chain};
use super::conflict::{self, Relaxed};
use super::core::{Core, Endpoint};
use super::error::{RouteError, RouteFault};
use super::pattern;
use crate::tree::Route;

/// A route to add, for all of the methods or for none.
pub(super) struct New<'a> {
    pub(super) methods: &'a [Method],
    pub(super) path: &'a str,
    pub(super) handler: BoxEndpoint,
    pub(super) location: &'static Location<'static>,
}

/// The methods that `any` stands for.
pub(super) const ANY: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::HEAD,
    Method::OPTIONS,
    Method::DELETE,
    Method::CONNECT,
    Method::TRACE,
];

pub(super) fn add(
    core: &mut Core,
    group: &[BoxMiddleware],
    new: New<'_>,
) -> Result<(), RouteError> {
    let mut routes = Vec::with_capacity(new.methods.len());
    for (at, method) in new.methods.iter().enumerate() {
        routes.push(check(core, method, &new)?);
        if new.methods[..at].contains(method) {
            let error = new.refused(method, RouteFault::Duplicate);
            return Err(error.with_other(new.path, new.location));
        }
    }
    let chain = Chain::new(&[&core.middleware, group].concat(), new.handler.clone());
    for (method, route) in new.methods.iter().zip(routes) {
        let endpoint = Endpoint {
            chain: Arc::clone(&chain),
            location: new.location,
        };
        if core.tree_mut(method).insert(route, endpoint).is_err() {
            return Err(new.refused(method, RouteFault::Duplicate));
        }
    }
    Ok(())
}

/// The route, if it may be added for this method.
fn check(core: &Core, method: &Method, new: &New<'_>) -> Result<Route, RouteError> {
    let mut octets = method.as_str().bytes();
    if !octets.all(|octet| octet.is_ascii_uppercase()) {
        return Err(new.refused(method, RouteFault::Method));
    }
    let route = pattern::parse(new.path).map_err(|fault| new.refused(method, fault))?;
    let relaxed = Relaxed {
        names: core.settings.allow_different_names,
        rests: core.settings.allow_beside_rest,
    };
    for old in core.tree(method).into_iter().flatten() {
        if let Some(fault) = conflict::between(&route, &old.route, relaxed) {
            let error = new.refused(method, fault);
            return Err(error.with_other(old.route.pattern(), old.value.location));
        }
    }
    Ok(route)
}

impl New<'_> {
    fn refused(&self, method: &Method, fault: RouteFault) -> RouteError {
        RouteError::new(fault, method.as_str(), self.path, self.location)
    }
}

/// The functions that add routes, for the engine and for its groups. They come down to `self.add(New)`.
macro_rules! verbs {
    () => {
        verbs!(get GET, post POST, put PUT, patch PATCH, delete DELETE, head HEAD, options OPTIONS);

        /// Adds a route for a method.
        ///
        /// # Panics
        ///
        /// If the pattern is malformed or collides with another; [`try_handle`](Self::try_handle) returns that instead.
        #[track_caller]
        pub fn handle<M: 'static>(&mut self, method: Method, path: &str, handler: impl ContextHandler<M>) -> &mut Self {
            match self.try_handle(method, path, handler) {
                Ok(this) => this,
                Err(error) => panic!("{error}"),
            }
        }

        /// Adds a route for a method.
        ///
        /// # Errors
        ///
        /// The pattern is malformed or collides with another. Nothing has changed then.
        #[track_caller]
        pub fn try_handle<M: 'static>(
            &mut self,
            method: Method,
            path: &str,
            handler: impl ContextHandler<M>,
        ) -> Result<&mut Self, RouteError> {
            let (location, handler) = (std::panic::Location::caller(), BoxEndpoint::new(handler));
            self.add(New { methods: &[method], path, handler, location })?;
            Ok(self)
        }

        /// Adds a route for several methods.
        ///
        /// # Panics
        ///
        /// As [`handle`](Self::handle); then it is added for none of them. [`try_matches`](Self::try_matches) returns that instead.
        #[track_caller]
        pub fn matches<M: 'static>(
            &mut self,
            methods: impl IntoIterator<Item = Method>,
            path: &str,
            handler: impl ContextHandler<M>,
        ) -> &mut Self {
            match self.try_matches(methods, path, handler) {
                Ok(this) => this,
                Err(error) => panic!("{error}"),
            }
        }

        /// Adds a route for several methods.
        ///
        /// # Errors
        ///
        /// As [`try_handle`](Self::try_handle), if one of the methods is refused. Nothing has changed then.
        #[track_caller]
        pub fn try_matches<M: 'static>(
            &mut self,
            methods: impl IntoIterator<Item = Method>,
            path: &str,
            handler: impl ContextHandler<M>,
        ) -> Result<&mut Self, RouteError> {
            let (location, handler) = (std::panic::Location::caller(), BoxEndpoint::new(handler));
            let methods: Vec<Method> = methods.into_iter().collect();
            self.add(New { methods: &methods, path, handler, location })?;
            Ok(self)
        }

        /// Adds a route for `GET`, `POST`, `PUT`, `PATCH`, `HEAD`, `OPTIONS`, `DELETE`, `CONNECT` and `TRACE`.
        ///
        /// # Panics
        ///
        /// As [`matches`](Self::matches).
        #[track_caller]
        pub fn any<M: 'static>(&mut self, path: &str, handler: impl ContextHandler<M>) -> &mut Self {
            self.matches($crate::engine::register::ANY, path, handler)
        }
    };
    ($($name:ident $method:ident),*) => {
        $(
            #[doc = concat!("Adds a route for `", stringify!($method), "`.")]
            ///
            /// # Panics
            ///
            /// As [`handle`](Self::handle).
            #[track_caller]
            pub fn $name<M: 'static>(&mut self, path: &str, handler: impl ContextHandler<M>) -> &mut Self {
                self.handle(Method::$method, path, handler)
            }
        )*
    };
}

pub(super) use verbs;
