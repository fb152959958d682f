//! No router at all: one closure that walks the table. What the real routers are held against.

use std::convert::Infallible;

use http::header::ALLOW;
use http::{HeaderValue, Method, Request, Response};
use http_codec::Body;
use percent_encoding::percent_decode_str;
use tower_service::Service;

use crate::httpbin::routes::{ROUTES, Route};
use crate::httpbin::{Cors, PathArgs, reply};

/// The service, routed by hand.
pub fn service()
-> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send + 'static>
+ Clone
+ Send
+ 'static {
    Cors::new(http_server::service_fn(
        |request: Request<Body>| async move { Ok::<_, Infallible>(answer(request).await) },
    ))
}

async fn answer(request: Request<Body>) -> Response<Body> {
    let found: Vec<_> = ROUTES
        .iter()
        .filter_map(|route| Some((route, match_path(route, request.uri().path())?)))
        .collect();
    let by_method = |method: &Method| {
        let route = found
            .iter()
            .find(|(route, _)| route.methods.contains(&method.as_str()));
        route.map(|(route, args)| (route.endpoint, args.clone()))
    };
    let head_as_get = || {
        (request.method() == Method::HEAD)
            .then(|| by_method(&Method::GET))
            .flatten()
    };
    match by_method(request.method()).or_else(head_as_get) {
        Some((endpoint, args)) => endpoint(request, args).await,
        None if found.is_empty() => reply::not_found(),
        None => not_allowed(
            found
                .iter()
                .flat_map(|(route, _)| route.methods.iter().copied()),
        ),
    }
}

fn not_allowed(methods: impl Iterator<Item = &'static str>) -> Response<Body> {
    let mut response = reply::method_not_allowed();
    let allow = HeaderValue::from_str(&methods.collect::<Vec<_>>().join(", "));
    response
        .headers_mut()
        .extend(allow.ok().map(|allow| (ALLOW, allow)));
    response
}

/// The arguments, where the path is the route's, segment by segment.
fn match_path(route: &Route, path: &str) -> Option<PathArgs> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut args = Vec::new();
    let mut rest = path.strip_prefix('/')?;
    let mut pattern = route.path.strip_prefix('/')?.split('/').peekable();
    while let Some(piece) = pattern.next() {
        let name = piece
            .strip_prefix('{')
            .and_then(|piece| piece.strip_suffix('}'));
        if let Some(name) = name.and_then(|name| name.strip_suffix("...")) {
            args.push((name, decoded(rest)));
            return Some(args.into_iter().collect());
        }
        let (segment, behind) = match rest.split_once('/') {
            Some((segment, behind)) => (segment, Some(behind)),
            None => (rest, None),
        };
        match name {
            Some(_) if segment.is_empty() => return None,
            Some(name) => args.push((name, decoded(segment))),
            None if decoded(segment) == piece => {}
            None => return None,
        }
        match (pattern.peek(), behind) {
            (None, None) => return Some(args.into_iter().collect()),
            (Some(_), Some(behind)) => rest = behind,
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(path: &str) -> Vec<(&'static str, PathArgs)> {
        ROUTES
            .iter()
            .filter_map(|route| Some((route.path, match_path(route, path)?)))
            .collect()
    }

    #[test]
    fn paths_are_matched_segment_by_segment() {
        assert_eq!(matched("/"), [("/", PathArgs::default())]);
        assert_eq!(matched("/get"), [("/get", PathArgs::default())]);
        assert_eq!(matched("/cookies/set/a/b%20c").len(), 1);
        assert_eq!(matched("/cookies/set/a/b%20c")[0].1.get("value"), "b c");
        assert_eq!(matched("/anything/a/b")[0].1.get("rest"), "a/b");
        assert!(matched("/get/").is_empty());
        assert!(matched("/status/").is_empty());
    }
}
