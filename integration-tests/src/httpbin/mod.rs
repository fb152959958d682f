//! The well-known httpbin service: request and response, seen from the other side.
//!
//! ```text
//! routes.rs      one table: methods, path, endpoint
//!    |
//! routers/       the same table on ServeMux, Engine, axum::Router, and on a plain closure
//!    |
//! cors.rs        what every answer gets
//! ```
//!
//! An endpoint is a plain `async fn(Request<Body>, PathArgs) -> Reply`: it knows neither the router that found it nor the
//! server that runs it. Paths, names and JSON shapes are those of the public httpbin, so that what was written against it
//! can be pointed here.

pub mod auth;
pub mod base64_text;
pub mod bytes;
pub mod caching;
pub mod cookies;
pub mod cors;
pub mod digest;
pub mod encodings;
pub mod escapes;
pub mod images;
pub mod inspect;
pub mod links;
pub mod pages;
pub mod path;
pub mod query;
pub mod redirects;
pub mod reply;
pub mod request_data;
pub mod routers;
pub mod routes;
pub mod status;
pub mod streams;
pub mod upload;

pub use cors::Cors;
pub use path::PathArgs;
pub use reply::{Refusal, Reply};
pub use routers::Router;
pub use routes::{Endpoint, ROUTES, Route};

/// What is echoed is held in memory, so it is bounded: 64 MiB, and 413 above.
pub const ECHO_LIMIT: usize = 64 << 20;
