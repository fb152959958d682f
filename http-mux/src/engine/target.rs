//! What of a request's target is looked up: the path as it came, or decoded, or cleaned.

use std::sync::Arc;

use http::Uri;
use http::uri::PathAndQuery;

use super::Settings;
use super::clean::clean_path;
use super::redirect;
use crate::params::Params;
use crate::path;
use crate::tree::{self, Captures, Leaf, Route, Tree};

/// The path to look up, in the form that the settings ask for.
#[derive(Debug)]
pub(super) struct Target {
    path: Path,
    /// The path holds escapes: segments are decoded one by one.
    raw: bool,
    /// With `raw`: values are decoded when they are read.
    decode: bool,
}

#[derive(Debug)]
enum Path {
    /// The request's own, which a clone shares.
    Uri(PathAndQuery),
    Text(Arc<str>),
}

impl Target {
    pub(super) fn of(uri: &Uri, settings: &Settings) -> Self {
        let whole = uri.path_and_query().cloned();
        let whole = whole.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if uri.path().is_empty() {
            // The target is an authority: no route has an empty path.
            return Self::text(Arc::from(""));
        }
        let mut this = match tree::has_escape(whole.path()) {
            false => Self {
                path: Path::Uri(whole),
                raw: false,
                decode: false,
            },
            true => Self::escaped(whole, settings),
        };
        if settings.remove_extra_slash {
            let cleaned = clean_path(this.as_str());
            if cleaned != this.as_str() {
                this.path = Path::Text(cleaned.into());
            }
        }
        this
    }

    fn escaped(whole: PathAndQuery, settings: &Settings) -> Self {
        let decoded = path::decode(whole.path().as_bytes());
        let decoded = String::from_utf8_lossy(&decoded);
        let raw = settings.use_escaped_path
            || (settings.use_raw_path && redirect::escaped(&decoded) != whole.path());
        if !raw {
            return Self::text(decoded.into());
        }
        match settings.unescape_path_values {
            true => Self {
                path: Path::Uri(whole),
                raw,
                decode: true,
            },
            false => Self {
                path: Path::Text(whole.path().into()),
                raw,
                decode: false,
            },
        }
    }

    fn text(text: Arc<str>) -> Self {
        Self {
            path: Path::Text(text),
            raw: false,
            decode: false,
        }
    }

    /// The path.
    pub(super) fn as_str(&self) -> &str {
        match &self.path {
            Path::Uri(path) => path.path(),
            Path::Text(path) => path,
        }
    }

    /// Whether the path is written with escapes.
    pub(super) fn is_raw(&self) -> bool {
        self.raw
    }

    pub(super) fn find<'t, T>(
        &self,
        tree: &'t Tree<T>,
        captures: &mut Captures,
    ) -> Option<&'t Leaf<T>> {
        self.find_other(self.as_str(), tree, captures)
    }

    /// Looks up another path that is written as this one is.
    pub(super) fn find_other<'t, T>(
        &self,
        path: &str,
        tree: &'t Tree<T>,
        captures: &mut Captures,
    ) -> Option<&'t Leaf<T>> {
        match self.raw {
            true => tree.find_escaped(path, captures),
            false => tree.find(path, captures),
        }
    }

    /// Tells the parameters, which have the spans of a match already, what these are spans of.
    pub(super) fn complete(self, params: &mut Params, route: Arc<Route>) {
        match self.path {
            Path::Uri(path) => params.matched(path, self.decode, route),
            Path::Text(path) => params.matched_text(path, self.decode, route),
        }
    }
}
