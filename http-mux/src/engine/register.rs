//! Adding a route: parse, check, insert. Whatever fails leaves the engine as it was.

use std::panic::Location;
use std::sync::Arc;

use http::Method;

use super::chain::{BoxEndpoint, BoxMiddleware, Chain};
use super::conflict::{self, Relaxed};
use super::core::{Core, Endpoint};
use super::error::{RouteError, RouteFault};
use super::pattern;
use crate::tree::Tree;

/// A route to add.
pub(super) struct New<'a> {
    pub(super) method: &'a Method,
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
    let New {
        method,
        path,
        handler,
        location,
    } = new;
    let refused = |fault| RouteError::new(fault, method.as_str(), path, location);
    if !method
        .as_str()
        .bytes()
        .all(|octet| octet.is_ascii_uppercase())
    {
        return Err(refused(RouteFault::Method));
    }
    let route = pattern::parse(path).map_err(refused)?;
    let relaxed = Relaxed {
        names: core.settings.allow_different_names,
        rests: core.settings.allow_beside_rest,
    };
    for old in core.tree(method).into_iter().flatten() {
        if let Some(fault) = conflict::between(&route, &old.route, relaxed) {
            return Err(refused(fault).with_other(old.route.pattern(), old.value.location));
        }
    }
    let chain = Chain::new(&[&core.middleware, group].concat(), handler);
    let tree = match core.trees.iter_mut().position(|(known, _)| known == method) {
        Some(at) => &mut core.trees[at].1,
        None => {
            core.trees.push((method.clone(), Tree::with_empty_values()));
            let last = core.trees.len() - 1;
            &mut core.trees[last].1
        }
    };
    match tree.insert(route, Endpoint { chain, location }) {
        Ok(_) => Ok(()),
        Err(occupied) => {
            let by = Arc::clone(&occupied.by);
            Err(refused(RouteFault::Duplicate).with_other(by.pattern(), occupied.value.location))
        }
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
            self.add(New { method: &method, path, handler, location })?;
            Ok(self)
        }

        /// Adds a route for several methods.
        ///
        /// # Panics
        ///
        /// As [`handle`](Self::handle).
        #[track_caller]
        pub fn matches<M: 'static>(
            &mut self,
            methods: impl IntoIterator<Item = Method>,
            path: &str,
            handler: impl ContextHandler<M>,
        ) -> &mut Self {
            let (location, handler) = (std::panic::Location::caller(), BoxEndpoint::new(handler));
            for method in methods {
                if let Err(error) = self.add(New { method: &method, path, handler: handler.clone(), location }) {
                    panic!("{error}");
                }
            }
            self
        }

        /// Adds a route for `GET`, `POST`, `PUT`, `PATCH`, `HEAD`, `OPTIONS`, `DELETE`, `CONNECT` and `TRACE`.
        ///
        /// # Panics
        ///
        /// As [`handle`](Self::handle).
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
