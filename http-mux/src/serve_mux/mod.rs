//! Go's ServeMux: patterns whose precedence follows from what they match, whatever the order in which they came.
//!
//! ```text
//! GET example.com/items/{id}      method, host, one segment by name
//! /files/{path...}                all that follows, percent-decoded; may be empty
//! /static/                        the subtree, the path itself included
//! /static/{$}                     the path itself and nothing below
//! /{owner}/{repo}.git             suffixes, and several names in a segment (not in Go)
//! /v2/{name...}/blobs/{digest}    a rest in the middle (not in Go)
//! ```
//!
//! Of two patterns that match the same request, the more specific one wins: the one whose requests are all requests of the other too.
//! A pattern with a host goes before one without. When two match some of the same requests and neither is more specific, the second is refused
//! when it is registered.
//!
//! # As Go has it
//!
//! - `GET` matches `HEAD` too.
//! - Paths are matched segment by segment and each is percent-decoded by itself, so `%2F` never splits a segment.
//! - A path that is not clean (`//`, `.`, `..`) is redirected to the clean one with 307, and `/tree` to `/tree/` when that alone is registered. CONNECT
//!   is not cleaned. The query stays, and what is encoded stays encoded.
//! - A path with patterns for other methods only is a 405 with `Allow`.
//! - The request-target `*` is a 400, or for `OPTIONS`, a question to the server as a whole, an empty 200 (which Go's server answers before its mux is asked).
//!
//! # Not as Go has it
//!
//! - Hosts are compared without regard to case (RFC 9110 section 4.2.3).
//! - `/%2F` does not match `/{$}`, and does match `/{x}`: an encoded slash is a segment like any other.
//! - The `Location` of a redirect never begins with `//`, nor with what a browser takes for it.
//! - An empty segment in the middle of a pattern (`/a//b`) is that and nothing else; Go takes it for a wildcard. Only CONNECT can match it.
//! - CONNECT is for one host in all that is decided, that of the target or else of `Host`; Go redirects and refuses by the target's alone.

mod conflict;
mod error;
mod explain;
mod host;
mod live;
pub(crate) mod mount;
mod pattern;
mod register;
mod routes;
mod serve;
mod specificity;
mod table;
mod url;
mod witness;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

pub use error::{PatternError, PatternErrorKind};
pub use explain::Verdict;
pub use live::LiveMux;
pub use mount::{Mountable, Mounted};
pub use pattern::Pattern;
pub use register::Registration;
pub use routes::RouteInfo;
pub use serve::ServeFuture;
pub use url::UrlError;

use crate::handler::BoxHandler;
use table::{EntryId, Table};

/// A router with Go's patterns; see the [module](self).
///
/// It is a `tower_service::Service` and cheap to clone: a clone shares the routes. Registering on one of several clones leaves the others as
/// they are; [`LiveMux`] is the one to change while it serves.
///
/// ```
/// use http_mux::{Params, ServeMux};
///
/// let mut mux = ServeMux::new();
/// mux.handle("GET /hello/{name}", async |params: Params| {
///     format!("hello, {}", params.get("name").unwrap_or_default())
/// });
/// mux.handle("GET /{$}", || "home");
///
/// let conflict = mux.try_handle("GET /{greeting}/world", || "").unwrap_err();
/// assert_eq!(conflict.example(), Some("/hello/world"));
/// ```
#[derive(Clone, Default)]
pub struct ServeMux {
    routes: Arc<Routes>,
}

/// What the clones of a mux share.
#[derive(Clone, Default)]
struct Routes {
    table: Table<Endpoint>,
    names: HashMap<Box<str>, EntryId>,
    /// For what has no pattern, by subtree.
    not_found: Table<BoxHandler>,
    /// For what has patterns for other methods only, by subtree.
    method_not_allowed: Table<BoxHandler>,
}

/// What a pattern is registered with.
#[derive(Debug, Clone)]
struct Endpoint {
    handler: BoxHandler,
    name: Option<Box<str>>,
}

impl ServeMux {
    /// A mux without routes: every request is a 404.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for ServeMux {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.routes()).finish()
    }
}
