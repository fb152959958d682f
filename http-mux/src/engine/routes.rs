//! The table of routes: for listings, and to explain what a request comes to.

use std::fmt;
use std::panic::Location;

use http::{Method, Request};

use super::Engine;
use super::core::{Core, Endpoint};
use super::pattern::unescaped;
use super::redirect::toggled;
use super::target::Target;
use crate::tree::{Captures, Leaf};

/// One route of an engine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RouteInfo {
    /// The method.
    pub method: Method,
    /// The pattern, with groups and all; a literal colon without its backslash.
    pub path: String,
    /// The type of the handler: for a function, its path.
    pub handler: &'static str,
    /// The functions before it, in their order.
    pub middleware: Vec<&'static str>,
    /// Where in the source the route was added.
    pub location: &'static Location<'static>,
}

/// What a request comes to, and what the other routes have to do with it; made by [`Engine::explain`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Verdict {
    /// The route takes the request.
    Taken,
    /// The route has this path for another method.
    OtherMethod,
    /// The route would take the path with a slash more or less at its end.
    Slash,
    /// The route would take the path, but a more specific one goes before it.
    LessSpecific,
    /// The route has another path.
    OtherPath,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "takes the request",
            Self::OtherMethod => "is for another method",
            Self::Slash => "differs by the slash at the end",
            Self::LessSpecific => "matches too, but a more specific route goes before it",
            Self::OtherPath => "has another path",
        })
    }
}

impl Engine {
    /// All routes: the methods in the order in which they came, and of each its routes likewise.
    pub fn routes(&self) -> impl Iterator<Item = RouteInfo> + '_ {
        self.core.routes().map(|(method, leaf)| info(method, leaf))
    }

    /// All routes, each with what it has to do with this request.
    pub fn explain<B>(&self, request: &Request<B>) -> Vec<(RouteInfo, Verdict)> {
        let target = Target::of(request.uri(), &self.core.settings);
        let taken = self
            .core
            .find(request.method(), &target, &mut Captures::new());
        let routes = self.core.routes();
        let explained = routes.map(|(method, leaf)| {
            let is_taken = taken.is_some_and(|taken| std::ptr::eq(taken, leaf));
            let verdict = if is_taken {
                Verdict::Taken
            } else {
                self.core.verdict(request.method(), &target, method, leaf)
            };
            (info(method, leaf), verdict)
        });
        explained.collect()
    }
}

impl Core {
    fn verdict(
        &self,
        wanted: &Method,
        target: &Target,
        method: &Method,
        leaf: &Leaf<Endpoint>,
    ) -> Verdict {
        let mut alone = crate::tree::Tree::with_empty_values();
        if alone.insert((*leaf.route).clone(), ()).is_err() {
            return Verdict::OtherPath;
        }
        let matches = |path: &str| {
            target
                .find_other(path, &alone, &mut Captures::new())
                .is_some()
        };
        if matches(target.as_str()) {
            return if method == wanted {
                Verdict::LessSpecific
            } else {
                Verdict::OtherMethod
            };
        }
        let near = toggled(target.as_str()).is_some_and(|path| matches(&path));
        if near && method == wanted {
            Verdict::Slash
        } else {
            Verdict::OtherPath
        }
    }
}

fn info(method: &Method, leaf: &Leaf<Endpoint>) -> RouteInfo {
    let chain = &leaf.value.chain;
    RouteInfo {
        method: method.clone(),
        path: unescaped(leaf.route.pattern()),
        handler: chain.last.name(),
        middleware: chain.names().take(chain.middleware.len()).collect(),
        location: leaf.value.location,
    }
}
