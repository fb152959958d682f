//! One segment trie, shared by both front ends.
//!
//! ```text
//! /users/{id}        root ── "users" ── {whole} ●
//! /users/new                    │  └─── "new" ●
//! /users/                       ├────── "" ●
//! /static/{path...}  root ── "static" ── rest ●
//! ```
//!
//! A path is a slash and then segments with slashes between them; the empty segment is a literal like any other, so that `/a/` is
//! `["a", ""]`. At each place a literal is tried first, then shapes (the more specific before the less), then a rest, with full
//! backtracking. What may stand beside what is no property of the tree: a front end checks that before it inserts.
//!
//! A lookup writes spans of the path to [`Captures`], which the caller keeps for the next one. It allocates nothing, unless the path has
//! escapes to decode or the route more than sixteen values.

mod build;
mod captures;
#[cfg(any(
    feature = "safe",
    test,
    not(all(target_arch = "x86_64", target_feature = "sse2"))
))]
mod checked;
#[cfg(not(feature = "safe"))]
mod fast;
mod fold;
mod index;
mod route;
mod scan;
mod search;
mod shape;
mod table;
#[cfg(all(test, not(feature = "safe")))]
mod tests;
mod walk;

use std::sync::Arc;

pub use captures::{Captures, Span};
pub use route::{Rest, Route, Segment};
pub use shape::Shape;

use build::LeafId;
use index::Index;
pub(crate) use scan::Scan;

/// Routes with their values.
///
/// ```
/// use http_mux::tree::{Captures, Route, Shape, Tree};
///
/// let mut route = Route::new("/user/:name");
/// route.literal(b"user");
/// route.wild(Shape::whole(), ["name"]);
/// let mut tree = Tree::new();
/// tree.insert(route, "a value").unwrap();
///
/// let mut captures = Captures::new();
/// let leaf = tree.find("/user/gopher", &mut captures).unwrap();
/// assert_eq!(leaf.value, "a value");
/// assert_eq!(captures.as_slice()[0].start, 6);
/// ```
#[derive(Debug, Clone)]
pub struct Tree<T> {
    index: Index,
    leaves: Vec<Leaf<T>>,
}

/// A route in the tree, with its value.
#[derive(Debug, Clone)]
pub struct Leaf<T> {
    /// The route; shared, because the parameters of a request refer to it.
    pub route: Arc<Route>,
    /// What was inserted with it.
    pub value: T,
}

/// The route is there already, names aside; `value` is what could not be inserted.
#[derive(Debug)]
pub struct Occupied<T> {
    /// The route that is there.
    pub by: Arc<Route>,
    /// The value that was not inserted.
    pub value: T,
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Tree<T> {
    /// A tree without routes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            index: Index::default(),
            leaves: Vec::new(),
        }
    }

    /// A tree in which a value may be empty where more of the path follows, as in Gin: `/users//profile` then matches
    /// `/users/:id/profile`.
    #[must_use]
    pub fn with_empty_values() -> Self {
        let mut tree = Self::new();
        tree.index.empty_values = true;
        tree
    }

    /// Adds a route. Fails when one with the same segments is there, whatever its names, and leaves the tree unchanged.
    pub fn insert(&mut self, route: Route, value: T) -> Result<&mut Leaf<T>, Occupied<T>> {
        let id = LeafId::try_from(self.leaves.len()).expect("fewer than 2^32 routes");
        if let Err(occupant) = self.index.insert(&route, id) {
            let by = Arc::clone(&self.leaves[occupant as usize].route);
            return Err(Occupied { by, value });
        }
        self.leaves.push(Leaf {
            route: Arc::new(route),
            value,
        });
        Ok(&mut self.leaves[id as usize])
    }

    /// The route that `path` takes. `captures` then has one span for each of its names; without a match, what it has means nothing.
    ///
    /// The octets of the path are compared as they are.
    #[inline]
    pub fn find(&self, path: &str, captures: &mut Captures) -> Option<&Leaf<T>> {
        let path = path.as_bytes();
        self.find_scanned::<false>(path, Scan::of(path), captures)
    }

    /// As [`find`](Self::find), but each segment of `path` is percent-decoded before it is compared, so that `%2F` never splits one.
    /// The spans are of `path` as it is.
    #[inline]
    pub fn find_escaped(&self, path: &str, captures: &mut Captures) -> Option<&Leaf<T>> {
        let path = path.as_bytes();
        self.find_scanned::<true>(path, Scan::of(path), captures)
    }

    /// As [`find`](Self::find) or, with `DECODE`, [`find_escaped`](Self::find_escaped), of a path that need not be text and has been
    /// scanned.
    #[inline(always)]
    pub(crate) fn find_scanned<const DECODE: bool>(
        &self,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<&Leaf<T>> {
        let id = self.index.find::<DECODE>(path, scan, captures)?;
        self.leaves.get(id as usize)
    }

    /// The path with its letters in the case of a route that it takes when case is disregarded; values keep theirs. Where several
    /// fit, the one that a [`find`](Self::find) would try first. Slow: for redirects after a miss.
    #[must_use]
    pub fn find_folded(&self, path: &str) -> Option<String> {
        fold::find(&self.index.nodes, path, self.index.empty_values)
    }

    /// [`find_folded`](Self::find_folded) of a path that is written with escapes, as the one that is found.
    pub(crate) fn find_folded_escaped(&self, path: &str) -> Option<String> {
        fold::find_escaped(&self.index.nodes, path, self.index.empty_values)
    }

    /// The leaf of exactly this route, names aside.
    #[must_use]
    pub fn get(&self, route: &Route) -> Option<&Leaf<T>> {
        let id = self.index.nodes.leaf_of(route.segments())?;
        self.leaves.get(id as usize)
    }

    /// As [`get`](Self::get), to change the value in place.
    pub fn get_mut(&mut self, route: &Route) -> Option<&mut Leaf<T>> {
        let id = self.index.nodes.leaf_of(route.segments())?;
        self.leaves.get_mut(id as usize)
    }

    /// All routes, in the order of their insertion.
    pub fn iter(&self) -> std::slice::Iter<'_, Leaf<T>> {
        self.leaves.iter()
    }

    /// As [`iter`](Self::iter), to change the values in place.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Leaf<T>> {
        self.leaves.iter_mut()
    }

    /// How many routes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }
}

impl<'t, T> IntoIterator for &'t Tree<T> {
    type Item = &'t Leaf<T>;
    type IntoIter = std::slice::Iter<'t, Leaf<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
