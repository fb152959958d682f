//! The table on `ServeMux`.

use http::Request;
use http_codec::Body;
use http_mux::{Params, ServeMux};

use crate::httpbin::routes::{Answering, Endpoint, ROUTES};
use crate::httpbin::{Cors, reply};

/// The service, routed by `ServeMux`.
pub fn service() -> Cors<ServeMux> {
    Cors::new(mux())
}

/// The mux alone.
///
/// # Panics
///
/// If two routes of the table conflict.
pub fn mux() -> ServeMux {
    let mut mux = ServeMux::new();
    for route in ROUTES {
        // A pattern that ends in a slash matches what lies below, too.
        let path = if route.path == "/" {
            "/{$}"
        } else {
            route.path
        };
        for method in route.methods {
            mux.handle(&format!("{method} {path}"), handler(route.endpoint));
        }
    }
    mux.not_found("/", || async { reply::not_found() });
    mux.method_not_allowed("/", || async { reply::method_not_allowed() });
    mux
}

pub(super) fn handler(
    endpoint: Endpoint,
) -> impl Fn(Request<Body>, Params) -> Answering + Clone + Send + Sync + 'static {
    move |request, params| endpoint(request, params.iter().collect())
}
