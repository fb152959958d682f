//! What must hold for any octets at all: shared by the fuzz targets and by a test with octets at random.

#![allow(dead_code, unused_imports, reason = "each target uses its own part")]

mod inputs;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http_mux::serve_mux::{Pattern, Verdict};
use http_mux::tree::{Captures, Tree};
use http_mux::{Body, Method, Params, Request, ServeMux};
use tower_service::Service;

pub(crate) use inputs::inputs;

/// Any text is a pattern or an error that points into it; two patterns are compared without a panic, in either order.
pub(crate) fn patterns(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let lines: Vec<&str> = text.lines().take(6).collect();
    for line in &lines {
        match line.parse::<Pattern>() {
            Ok(pattern) => assert_eq!(pattern.as_str(), *line),
            Err(error) => assert!(
                error.position().is_some_and(|at| at <= line.len()),
                "{error}"
            ),
        }
    }
    for first in &lines {
        for second in &lines {
            let mut mux = ServeMux::new();
            if mux.try_handle(first, || ()).is_err() {
                continue;
            }
            let refused = mux.try_handle(second, || ()).map(drop).err();
            assert_eq!(mux.routes().count(), 2 - usize::from(refused.is_some()));
            if let Some(error) = refused {
                let _ = error.to_string();
            }
        }
    }
}

/// The last line is a request (method, host, path), the others are patterns. Whatever is asked for, the answers of the mux agree.
pub(crate) fn requests(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let mut lines: Vec<&str> = text.lines().take(12).collect();
    let Some(line) = lines.pop() else { return };
    let mut mux = ServeMux::new();
    for pattern in lines {
        let _ = mux.try_handle(pattern, |params: Params| format!("{params:?}"));
    }
    let mut words = line.splitn(3, ' ');
    let (method, host) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let Ok(method) = Method::from_bytes(method.as_bytes()) else {
        return;
    };
    let request = Request::builder()
        .method(method)
        .uri(words.next().unwrap_or("/"));
    let Ok(request) = request.header("host", host).body(Body::empty()) else {
        return;
    };
    let routes = mux.clone();
    let taken = routes
        .route_of(&request)
        .map(|route| route.pattern().as_str());
    let verdicts = routes
        .explain(&request)
        .filter(|(_, verdict)| *verdict == Verdict::Taken);
    assert_eq!(verdicts.count(), usize::from(taken.is_some()), "{line}");
    let Poll::Ready(Ok(response)) =
        pin!(mux.call(request)).poll(&mut Context::from_waker(Waker::noop()))
    else {
        panic!("a plain function answers at once");
    };
    assert_eq!(response.status() == 200, taken.is_some(), "{line}");
    if let Some(location) = response.headers().get("location") {
        let location = location.to_str().expect("visible ASCII");
        assert!(
            location.starts_with('/') && !location[1..].starts_with(['/', '\\']),
            "{location}"
        );
    }
}

/// Lookups in a tree agree whether the path is taken as it is or has nothing to decode; spans lie within the path.
pub(crate) fn lookups(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let mut lines: Vec<&str> = text.lines().take(24).collect();
    let Some(path) = lines.pop() else { return };
    let mut trees = [Tree::new(), Tree::with_empty_values()];
    for tree in &mut trees {
        for line in &lines {
            let mut route = http_mux::tree::Route::new(line);
            for segment in line.split('/').skip(1) {
                match segment.strip_prefix(':') {
                    Some(name) => route.wild(http_mux::tree::Shape::whole(), [name]),
                    None => route.literal(segment.as_bytes()),
                }
            }
            let _ = tree.insert(route, *line);
        }
        let mut captures = Captures::new();
        let found = tree.find(path, &mut captures).map(|leaf| leaf.value);
        for span in captures.as_slice().iter().filter(|_| found.is_some()) {
            assert!(path.get(span.start as usize..span.end as usize).is_some());
        }
        if !path.contains('%') {
            let decoded = tree
                .find_escaped(path, &mut captures)
                .map(|leaf| leaf.value);
            assert_eq!(decoded, found);
        }
        let _ = tree.find_folded(path);
    }
}
