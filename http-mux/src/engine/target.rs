//! What of a request's target is looked up: the path as it came, or decoded, or cleaned.

use std::sync::Arc;

use http::Uri;
use http::uri::PathAndQuery;

use super::Settings;
use super::clean::clean_path;
use super::redirect;
use crate::params::Params;
use crate::path;
use crate::serve_mux::mount;
use crate::tree::{Captures, Leaf, Route, Scan, Tree};

/// The path to look up, in the form that the settings ask for.
#[derive(Debug)]
pub(super) struct Target<'r> {
    path: Path<'r>,
    scan: Scan,
    /// The path holds escapes: segments are decoded one by one.
    raw: bool,
    /// With `raw`: values are decoded when they are read.
    decode: bool,
}

#[derive(Debug)]
enum Path<'r> {
    /// The request's own, which a clone shares.
    Uri(&'r PathAndQuery),
    Text(Arc<str>),
}

impl<'r> Target<'r> {
    pub(super) fn of(uri: &'r Uri, settings: &Settings) -> Self {
        let whole = uri.path_and_query().filter(|_| !uri.path().is_empty());
        let Some(whole) = whole else {
            // The target is an authority: no route has an empty path.
            return Self::text(Arc::from(""));
        };
        let scan = Scan::of(whole.path().as_bytes());
        let mut this = match scan.has_escape(whole.path().as_bytes()) {
            false => Self {
                path: Path::Uri(whole),
                scan,
                raw: false,
                decode: false,
            },
            true => Self::escaped(whole, settings),
        };
        if settings.remove_extra_slash && !this.is_server() {
            this.clean();
        }
        this
    }

    #[cold]
    fn clean(&mut self) {
        let cleaned = clean_path(self.as_str());
        if cleaned != self.as_str() {
            self.scan = Scan::of(cleaned.as_bytes());
            self.path = Path::Text(cleaned.into());
        }
    }

    fn escaped(whole: &'r PathAndQuery, settings: &Settings) -> Self {
        let decoded = path::decode(whole.path().as_bytes());
        let decoded = String::from_utf8_lossy(&decoded);
        let raw = settings.use_escaped_path
            || (settings.use_raw_path && redirect::escaped(&decoded) != whole.path());
        if !raw {
            return Self::text(decoded.into());
        }
        let decode = settings.unescape_path_values;
        Self {
            scan: Scan::of(whole.path().as_bytes()),
            path: match decode {
                true => Path::Uri(whole),
                false => Path::Text(whole.path().into()),
            },
            raw,
            decode,
        }
    }

    fn text(text: Arc<str>) -> Self {
        Self {
            scan: Scan::of(text.as_bytes()),
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

    /// Whether it is no path but `*`, the server as a whole.
    pub(super) fn is_server(&self) -> bool {
        self.as_str() == "*"
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
        let path = self.as_str().as_bytes();
        match self.raw {
            true => tree.find_scanned::<true>(path, self.scan, captures),
            false => tree.find_scanned::<false>(path, self.scan, captures),
        }
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

    /// The first segments of the path, and what follows them, both as they may stand in a URI: as they `came`, in the path that this
    /// target was made of, unless that was cleaned.
    pub(super) fn split(&self, came: &str, segments: usize) -> Option<(String, String)> {
        let (prefix, rest) = mount::split(self.as_str(), segments)?;
        if self.raw || self.as_str() == came || !came.contains('%') {
            return Some((prefix.to_owned(), rest.to_owned()));
        }
        if let Some((at, slash)) = slashes(came).nth(segments) {
            let whole = ["/", &came[at + slash..]].concat();
            if String::from_utf8_lossy(&path::decode(whole.as_bytes())) == rest {
                return Some((came[..at].to_owned(), whole));
            }
        }
        Some((redirect::escaped(prefix), redirect::escaped(rest)))
    }

    /// The same, apart from its request.
    pub(super) fn into_owned(self) -> Target<'static> {
        Target {
            path: Path::Text(self.as_str().into()),
            scan: self.scan,
            raw: self.raw,
            decode: self.decode,
        }
    }

    /// Tells the parameters, which have the spans of a match already, what these are spans of.
    pub(super) fn complete(self, params: &mut Params, route: Arc<Route>) {
        match self.path {
            Path::Uri(path) => params.matched(path.clone(), self.decode, route),
            Path::Text(path) => params.matched_text(path, self.decode, route),
        }
    }
}

/// Where there is a slash once the path is decoded, and how many octets it takes until then.
fn slashes(path: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let found = path.match_indices(['/', '%']).map(|(at, _)| at);
    found.filter_map(|at| match path.as_bytes()[at..] {
        [b'/', ..] => Some((at, 1)),
        [_, b'2', b'f' | b'F', ..] => Some((at, 3)),
        _ => None,
    })
}
