//! What is registered, for listings and for matching without serving.

use std::panic::Location;

use http::{Method, Request};

use super::serve::Outcome;
use super::table::Entry;
use super::{Endpoint, Pattern, ServeMux};
use crate::tree::Captures;

/// One registered route.
#[derive(Debug, Clone, Copy)]
pub struct RouteInfo<'m> {
    pattern: &'m Pattern,
    location: &'static Location<'static>,
    endpoint: &'m Endpoint,
}

impl<'m> RouteInfo<'m> {
    pub(super) fn new(entry: &'m Entry<Endpoint>) -> Self {
        Self {
            pattern: &entry.pattern,
            location: entry.location,
            endpoint: &entry.value,
        }
    }

    /// The pattern.
    #[must_use]
    pub fn pattern(&self) -> &'m Pattern {
        self.pattern
    }

    /// The pattern's method; `None` is all methods.
    #[must_use]
    pub fn method(&self) -> Option<&'m Method> {
        self.pattern.method()
    }

    /// The pattern's host; `None` is all hosts.
    #[must_use]
    pub fn host(&self) -> Option<&'m str> {
        self.pattern.host()
    }

    /// The pattern's path.
    #[must_use]
    pub fn path(&self) -> &'m str {
        self.pattern.path()
    }

    /// The name that it was given.
    #[must_use]
    pub fn name(&self) -> Option<&'m str> {
        self.endpoint.name.as_deref()
    }

    /// Where in the source it was registered.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The name of the handler's type.
    #[must_use]
    pub fn handler(&self) -> &'static str {
        self.endpoint.handler.name()
    }
}

impl ServeMux {
    /// All routes, in the order in which they were registered.
    pub fn routes(&self) -> impl Iterator<Item = RouteInfo<'_>> {
        self.routes.table.entries().iter().map(RouteInfo::new)
    }

    /// The route that the request takes, without serving it; `None` when it is redirected or has none.
    #[must_use]
    pub fn route_of<B>(&self, request: &Request<B>) -> Option<RouteInfo<'_>> {
        match self.routes.lookup(request, &mut Captures::new()) {
            Outcome::Match(leaf) => Some(RouteInfo::new(self.routes.endpoint(leaf))),
            _ => None,
        }
    }
}
