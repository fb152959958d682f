//! The URL of a named route.

use std::fmt;

use http::Method;

use super::ServeMux;
use crate::path;
use crate::tree::{Captures, Rest, Route, Scan, Segment, Shape};

/// A URL could not be built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// No route has this name.
    NoSuchRoute(String),
    /// The route has a parameter of this name, and there is no value for it.
    Missing(String),
    /// With this parameter's value, the path would not come back to the route with the same values.
    Unroutable(String),
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchRoute(name) => write!(f, "no route is named {name:?}"),
            Self::Missing(name) => write!(f, "no value for the parameter {name:?}"),
            Self::Unroutable(name) => write!(
                f,
                "with this value of the parameter {name:?} the path would not lead to the route"
            ),
        }
    }
}

impl std::error::Error for UrlError {}

impl ServeMux {
    /// The path of a named route with these values, percent-encoded, such that a request for it (of the pattern's method; a `GET` if it has none) is
    /// routed back with the same values. A pattern's host is not part of it.
    ///
    /// ```
    /// use http_mux::ServeMux;
    ///
    /// let mut mux = ServeMux::new();
    /// mux.handle("GET /{owner}/{repo}.git", || "").named("repository");
    /// let url = mux.url("repository", &[("owner", "a b"), ("repo", "x/y")]);
    /// assert_eq!(url.as_deref(), Ok("/a%20b/x%2Fy.git"));
    /// ```
    pub fn url(&self, name: &str, values: &[(&str, &str)]) -> Result<String, UrlError> {
        let id = self.routes.names.get(name);
        let id = *id.ok_or_else(|| UrlError::NoSuchRoute(name.to_owned()))?;
        let table = &self.routes.table;
        let pattern = &table.entry(id).pattern;
        let url = build(pattern.route(), values)?;
        let host = pattern.host().unwrap_or_default();
        let method = pattern.method().unwrap_or(&Method::GET);
        let (scan, mut captures) = (Scan::of(url.as_bytes()), Captures::new());
        match table.find(host, method, url.as_bytes(), scan, &mut captures) {
            // The same path for another method has the same values.
            Some(other) if other.route.segments() != pattern.segments() => {
                let name = parting(pattern.route(), &other.route);
                Err(UrlError::Unroutable(name.to_owned()))
            }
            _ => Ok(url),
        }
    }
}

/// The parameter in whose place another route, which goes before this one, has something else.
fn parting<'r>(route: &'r Route, other: &Route) -> &'r str {
    let mut names = route.names().iter();
    let mut others = other.segments().iter();
    for segment in route.segments() {
        let name = names.clone().next();
        let differs = others.next() != Some(segment);
        match segment {
            Segment::Literal(_) | Segment::Rest(Rest::Nameless) => continue,
            Segment::Wild(shape) => names.by_ref().take(shape.values()).for_each(drop),
            Segment::Rest(_) => drop(names.next()),
        }
        if differs {
            return name.map_or("", |name| name);
        }
    }
    // The other has more behind a rest.
    route.names().last().map_or("", |name| name)
}

fn build(route: &Route, values: &[(&str, &str)]) -> Result<String, UrlError> {
    let mut names = route.names().iter();
    let mut next = || -> Result<(&str, &str), UrlError> {
        let name = names.next().map_or("", |name| name);
        let value = values.iter().find(|(given, _)| *given == name);
        let value = value.ok_or_else(|| UrlError::Missing(name.to_owned()))?;
        Ok((name, value.1))
    };
    let mut url = String::new();
    for (at, segment) in route.segments().iter().enumerate() {
        let last = at + 1 == route.segments().len();
        url.push('/');
        match segment {
            Segment::Literal(octets) => path::push_segment(&mut url, octets),
            Segment::Rest(Rest::Nameless) => {}
            Segment::Rest(_) => push_rest(&mut url, next()?, last)?,
            Segment::Wild(shape) => {
                let values = (0..shape.values()).map(|_| next());
                push_shape(&mut url, shape, &values.collect::<Result<Vec<_>, _>>()?)?;
            }
        }
    }
    Ok(url)
}

fn push_rest(url: &mut String, (name, value): (&str, &str), last: bool) -> Result<(), UrlError> {
    // The slash before what follows would be the second in a row behind a value that is empty, or ends with one.
    let whole = format!("/{value}{}", if last { "" } else { "/x" });
    if path::clean(&whole) != whole {
        return Err(UrlError::Unroutable(name.to_owned()));
    }
    for (at, segment) in value.split('/').enumerate() {
        if at > 0 {
            url.push('/');
        }
        path::push_segment(url, segment.as_bytes());
    }
    Ok(())
}

fn push_shape(url: &mut String, shape: &Shape, values: &[(&str, &str)]) -> Result<(), UrlError> {
    let mut octets = Vec::new();
    let mut spans = Vec::new();
    for (at, literal) in shape.literals().iter().enumerate() {
        octets.extend_from_slice(literal);
        if let Some((_, value)) = values.get(at) {
            spans.push((octets.len(), octets.len() + value.len()));
            octets.extend_from_slice(value.as_bytes());
        }
    }
    let found = shape.capture(&octets, false);
    let same = found.is_some_and(|found| found[..] == spans[..]);
    // A segment of dots is cleaned away, and its dots cannot be escaped: they are the same when they are.
    if !same || matches!(&octets[..], b"." | b"..") {
        let name = values.first().map_or("", |(name, _)| name);
        return Err(UrlError::Unroutable(name.to_owned()));
    }
    path::push_segment(url, &octets);
    Ok(())
}
