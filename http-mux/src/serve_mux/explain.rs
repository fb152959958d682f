//! Which route a request takes, and why the others do not.

use std::fmt;

use http::{Method, Request};

use super::pattern::Pattern;
use super::routes::RouteInfo;
use super::{ServeMux, host};
use crate::tree::{Captures, Tree};

/// What a route has to say to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It answers the request.
    Taken,
    /// It matches, but another route is more specific.
    LessSpecific,
    /// It is for another host.
    OtherHost,
    /// It is for another path.
    OtherPath,
    /// It is for another method.
    OtherMethod,
    /// It matches, but the request is redirected first, to a clean path or to one with a slash behind it.
    Redirected,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "taken",
            Self::LessSpecific => "another route is more specific",
            Self::OtherHost => "for another host",
            Self::OtherPath => "for another path",
            Self::OtherMethod => "for another method",
            Self::Redirected => "the request is redirected first",
        })
    }
}

impl ServeMux {
    /// All routes with what each has to say to the request. Slow: for people and tests.
    pub fn explain<B>(
        &self,
        request: &Request<B>,
    ) -> impl Iterator<Item = (RouteInfo<'_>, Verdict)> {
        let taken = self
            .route_of(request)
            .map(|route| route.pattern() as *const Pattern);
        let host = host::of(request).into_owned();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        self.routes().map(move |route| {
            let pattern = route.pattern();
            let verdict = match mismatch(pattern, &host, &method, &path) {
                Some(verdict) => verdict,
                None if taken.is_some_and(|taken| std::ptr::eq(taken, pattern)) => Verdict::Taken,
                None if taken.is_some() => Verdict::LessSpecific,
                None => Verdict::Redirected,
            };
            (route, verdict)
        })
    }
}

fn mismatch(pattern: &Pattern, host: &str, method: &Method, path: &str) -> Option<Verdict> {
    if pattern.host().is_some_and(|own| own != host) {
        return Some(Verdict::OtherHost);
    }
    if !matches_path(pattern, path) {
        return Some(Verdict::OtherPath);
    }
    let matches = match pattern.method() {
        None => true,
        Some(&Method::GET) => matches!(*method, Method::GET | Method::HEAD),
        Some(own) => own == method,
    };
    (!matches).then_some(Verdict::OtherMethod)
}

fn matches_path(pattern: &Pattern, path: &str) -> bool {
    let mut tree = Tree::new();
    let inserted = tree.insert(pattern.route().clone(), ()).is_ok();
    inserted && tree.find_escaped(path, &mut Captures::new()).is_some()
}
