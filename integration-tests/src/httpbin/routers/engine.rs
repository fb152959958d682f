//! The table on `Engine`.

use http::Method;
use http_mux::Engine;
use http_mux::engine::Recovery;

use super::serve_mux::handler;
use crate::httpbin::routes::ROUTES;
use crate::httpbin::{Cors, reply};

/// The service, routed by `Engine`.
pub fn service() -> Cors<Engine> {
    Cors::new(engine())
}

/// The engine alone.
///
/// # Panics
///
/// If two routes of the table conflict.
pub fn engine() -> Engine {
    let mut engine = Engine::new();
    let settings = engine.settings_mut();
    settings.handle_method_not_allowed = true;
    settings.handle_head = true;
    settings.redirect_trailing_slash = false;
    settings.use_escaped_path = true;
    engine.use_(Recovery::new());
    engine.no_route(|| async { reply::not_found() });
    engine.no_method(|| async { reply::method_not_allowed() });
    for route in ROUTES {
        let path = gin(route.path);
        for method in route.methods {
            let method = Method::from_bytes(method.as_bytes()).expect("a method of the table");
            engine.handle(method, &path, handler(route.endpoint));
        }
    }
    engine
}

/// `/{name}/{rest...}` as `/:name/*rest`.
fn gin(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| match segment.strip_prefix('{') {
            None => segment.to_owned(),
            Some(name) => match name.trim_end_matches('}').strip_suffix("...") {
                Some(rest) => format!("*{rest}"),
                None => format!(":{}", name.trim_end_matches('}')),
            },
        });
    segments.collect::<Vec<_>>().join("/")
}
