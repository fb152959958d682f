//! The table of routes: for listings, and to explain what a request comes to.

use std::fmt;
use std::panic::Location;

use http::{Method, Request};

use super::Engine;
use super::core::{Core, Endpoint};
use super::pattern::unescaped;
use super::redirect::toggled;
use super::target::Target;
use crate::path;
use crate::tree::{Captures, Leaf, Route, Segment, Tree};

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
    /// The route has another path; the text says where they part.
    OtherPath(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken => f.write_str("takes the request"),
            Self::OtherMethod => f.write_str("is for another method"),
            Self::Slash => f.write_str("differs by the slash at the end"),
            Self::LessSpecific => {
                f.write_str("matches too, but a more specific route goes before it")
            }
            Self::OtherPath(difference) => write!(f, "has another path: {difference}"),
        }
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
        let other = || Verdict::OtherPath(difference(&leaf.route, target));
        let mut alone = Tree::with_empty_values();
        if alone.insert((*leaf.route).clone(), ()).is_err() {
            return other();
        }
        let matches = |path: &str| {
            let found = target.find_other(path, &alone, &mut Captures::new());
            found.is_some()
        };
        let head = *wanted == Method::HEAD && self.settings.handle_head;
        let wanted = method == wanted || head && *method == Method::GET;
        if matches(target.as_str()) {
            return match wanted {
                true => Verdict::LessSpecific,
                false => Verdict::OtherMethod,
            };
        }
        let near = toggled(target.as_str()).is_some_and(|path| matches(&path));
        match near && wanted {
            true => Verdict::Slash,
            false => other(),
        }
    }
}

/// Where the path leaves the route: segments are compared as a lookup compares them.
fn difference(route: &Route, target: &Target) -> String {
    let given = target.as_str().split('/').skip(1);
    let mut given = given.map(|segment| match target.is_raw() {
        true => String::from_utf8_lossy(&path::decode(segment.as_bytes())).into_owned(),
        false => segment.to_owned(),
    });
    for segment in route.segments() {
        let text = given.next();
        match (segment, text) {
            (Segment::Rest(_), Some(_)) => return "a value is empty".to_owned(),
            (_, None) => return "the path ends before the route does".to_owned(),
            (Segment::Literal(literal), Some(text)) if **literal != *text.as_bytes() => {
                return format!("`{text}` is not `{}`", String::from_utf8_lossy(literal));
            }
            (Segment::Wild(shape), Some(text))
                if shape.capture(text.as_bytes(), true).is_none() =>
            {
                let prefix = String::from_utf8_lossy(shape.prefix());
                return format!("`{text}` does not begin with `{prefix}`");
            }
            _ => {}
        }
    }
    match given.next() {
        Some(more) => format!("the route ends before `{more}`"),
        None => "a value is empty".to_owned(),
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
