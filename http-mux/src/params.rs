//! The values of a request's path, named by the pattern that it matched.
//!
//! They are spans of the path, decoded when they are read. Up to sixteen of them cost no allocation.

use std::borrow::Cow;
use std::sync::Arc;

use http::Request;
use http::uri::PathAndQuery;

use crate::path;
use crate::serve_mux::Mounted;
use crate::tree::{Captures, Route, Span};

/// The path parameters of one request.
///
/// ```
/// use http_mux::Params;
///
/// let mut params = Params::default();
/// assert_eq!(params.get("id"), None);
/// params.set("id", "7");
/// assert_eq!(params.get("id").as_deref(), Some("7"));
/// ```
#[derive(Clone, Default)]
pub struct Params {
    path: Path,
    /// Values are percent-decoded when they are read.
    escaped: bool,
    captures: Captures,
    route: Option<Arc<Route>>,
    /// Values that were set, and those of the muxes around this one; later ones first.
    added: Vec<(Box<str>, Box<str>)>,
}

/// The path that the spans are of.
#[derive(Clone, Default)]
enum Path {
    #[default]
    None,
    /// A request's own; a clone shares its octets.
    Uri(PathAndQuery),
    Text(Arc<str>),
}

impl Path {
    fn text(&self) -> &str {
        match self {
            Self::None => "",
            Self::Uri(path) => path.path(),
            Self::Text(path) => path,
        }
    }

    /// The text that the spans are of: the path, and perhaps more behind it.
    #[inline(always)]
    fn spanned(&self) -> &str {
        match self {
            Self::None => "",
            Self::Uri(path) => path.as_str(),
            Self::Text(path) => path,
        }
    }
}

impl Params {
    /// The parameters of a match in the path of a URI, whose values are percent-decoded when they are read.
    #[must_use]
    pub fn of_uri(path: PathAndQuery, route: Arc<Route>, captures: Captures) -> Self {
        Self {
            path: Path::Uri(path),
            escaped: true,
            captures,
            route: Some(route),
            added: Vec::new(),
        }
    }

    /// The parameters of a match in another text. `escaped`: its values are percent-decoded when they are read.
    #[must_use]
    pub fn of_text(path: Arc<str>, escaped: bool, route: Arc<Route>, captures: Captures) -> Self {
        Self {
            path: Path::Text(path),
            escaped,
            captures,
            route: Some(route),
            added: Vec::new(),
        }
    }

    /// The parameters of a match in the path of a request, and behind them those of the muxes around.
    #[inline(always)]
    pub(crate) fn of_match<B>(
        request: &Request<B>,
        route: &Arc<Route>,
        captures: &Captures,
    ) -> Self {
        let path = match request.uri().path_and_query() {
            Some(path) => Path::Uri(path.clone()),
            None => Path::None,
        };
        let added = match Mounted::of(request) {
            Some(mounted) => mounted.params().inherited(route.names()),
            None => Vec::new(),
        };
        let route = Some(Arc::clone(route));
        // Whole when it is made, the spans last: so they are copied once, to where this is wanted.
        Self {
            path,
            escaped: true,
            captures: captures.clone(),
            route,
            added,
        }
    }

    /// Forgets everything, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.path = Path::None;
        self.route = None;
        self.captures.clear();
        self.added.clear();
    }

    /// Where a lookup puts the spans of the path that [`matched`](Self::matched) is told then.
    pub(crate) fn captures_mut(&mut self) -> &mut Captures {
        &mut self.captures
    }

    /// The spans are of the path of this URI, and of this route.
    #[inline(always)]
    pub(crate) fn matched(&mut self, path: PathAndQuery, escaped: bool, route: Arc<Route>) {
        self.path = Path::Uri(path);
        self.escaped = escaped;
        self.route = Some(route);
    }

    /// The spans are of this text, and of this route.
    pub(crate) fn matched_text(&mut self, path: Arc<str>, escaped: bool, route: Arc<Route>) {
        self.path = Path::Text(path);
        self.escaped = escaped;
        self.route = Some(route);
    }

    /// The value of `name`, percent-decoded; `None` if the pattern has no such name. Octets that are no UTF-8 become U+FFFD; a value with a
    /// malformed escape is given as it came.
    #[must_use]
    #[inline]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let raw = self.raw(name)?;
        Some(match self.may_need_decoding() {
            false => Cow::Borrowed(raw),
            true => self.decoded(name, raw),
        })
    }

    /// The value of `name` as it stands in the path.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        match self.added.is_empty() {
            true => self.captured(name),
            false => self.raw_or_added(name),
        }
    }

    #[cold]
    fn raw_or_added(&self, name: &str) -> Option<&str> {
        self.added(name).or_else(|| self.captured(name))
    }

    /// The octets of the value of `name`, percent-decoded.
    #[must_use]
    pub fn octets(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.raw(name).map(|raw| {
            if self.escaped && self.added(name).is_none() {
                path::decode(raw.as_bytes())
            } else {
                Cow::Borrowed(raw.as_bytes())
            }
        })
    }

    /// Sets the value of `name`, whether the pattern has that name or not.
    pub fn set(&mut self, name: &str, value: &str) {
        self.added.insert(0, (name.into(), value.into()));
    }

    /// Names and values in the order of the path, then those that were set under other names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let own = self.names().iter().zip(self.captures.as_slice());
        let own = own.map(|(name, &span)| {
            let set = self.added(name).map(Cow::Borrowed);
            let value = set.unwrap_or_else(|| match self.may_need_decoding() {
                false => Cow::Borrowed(self.text(span)),
                true => decode(self.text(span)),
            });
            (&**name, value)
        });
        let firsts = self.added.iter().enumerate().filter(|(at, (name, _))| {
            let earlier = &self.added[..*at];
            !self.names().contains(name) && earlier.iter().all(|(other, _)| other != name)
        });
        own.chain(firsts.map(|(_, (name, value))| (&**name, Cow::Borrowed(&**value))))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The pattern that the request matched, as it was registered; empty without a match.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.route.as_ref().map_or("", |route| route.pattern())
    }

    /// The route that the request matched.
    #[must_use]
    pub fn route(&self) -> Option<&Arc<Route>> {
        self.route.as_ref()
    }

    /// The path that was matched, as it came.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path.text()
    }

    /// Those of the path without its last, which was only there for the route to have a rest.
    pub(crate) fn without_rest(mut self) -> Self {
        self.captures
            .truncate(self.captures.len().saturating_sub(1));
        self
    }

    /// Adds the parameters of `outer`, which those already here go before.
    pub(crate) fn inherit(&mut self, outer: &Self) {
        let inherited = outer.inherited(self.names());
        self.added.extend(inherited);
    }

    /// The parameters that a mux inside takes over, which has its own of these names.
    #[cold]
    fn inherited(&self, names: &[Box<str>]) -> Vec<(Box<str>, Box<str>)> {
        let inherited = self.iter().map(|(name, value)| (name.into(), value.into()));
        inherited
            .filter(|(name, _)| !names.contains(name))
            .collect()
    }

    fn names(&self) -> &[Box<str>] {
        self.route.as_ref().map_or(&[], |route| route.names())
    }

    fn added(&self, name: &str) -> Option<&str> {
        let found = self.added.iter().find(|(added, _)| **added == *name);
        found.map(|(_, value)| &**value)
    }

    /// The value that the path has for this name, as it stands there.
    #[inline(always)]
    fn captured(&self, name: &str) -> Option<&str> {
        let mut own = self.names().iter().zip(self.captures.as_slice());
        let (_, span) = own.find(|(own, _)| same(own, name))?;
        Some(self.text(*span))
    }

    #[inline(always)]
    fn text(&self, span: Span) -> &str {
        let range = span.start as usize..span.end as usize;
        // A literal that is no text may cut a character in two.
        self.path.spanned().get(range).unwrap_or("")
    }

    #[inline]
    fn may_need_decoding(&self) -> bool {
        self.escaped && !self.captures.plain
    }

    /// `raw` is the value of `name`, which is decoded unless it was set.
    #[cold]
    fn decoded<'p>(&self, name: &str, raw: &'p str) -> Cow<'p, str> {
        match self.added(name) {
            Some(_) => Cow::Borrowed(raw),
            None => decode(raw),
        }
    }
}

fn decode(raw: &str) -> Cow<'_, str> {
    match path::decode(raw.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(raw),
        Cow::Owned(octets) => Cow::Owned(match String::from_utf8(octets) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
    }
}

/// Names are short: their octets are compared in less time than a call takes.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .all(|(one, other)| one == other)
}

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Shape, Tree};

    fn params(path: &'static str) -> Params {
        let mut route = Route::new("/{a}/{b}");
        route.wild(Shape::whole(), ["a"]);
        route.wild(Shape::whole(), ["b"]);
        let mut tree = Tree::new();
        tree.insert(route, ()).expect("the first route");
        let mut captures = Captures::new();
        let leaf = tree.find_escaped(path, &mut captures).expect("a match");
        let route = Arc::clone(&leaf.route);
        Params::of_uri(PathAndQuery::from_static(path), route, captures)
    }

    #[test]
    fn values_are_decoded_when_they_are_read() {
        let params = params("/x%2Fy/%E2%99%ac");
        assert_eq!(params.get("a").as_deref(), Some("x/y"));
        assert_eq!(params.raw("a"), Some("x%2Fy"));
        assert_eq!(params.get("b").as_deref(), Some("♬"));
        assert_eq!(params.get("c"), None);
        assert_eq!(params.pattern(), "/{a}/{b}");
    }

    #[test]
    fn what_is_no_text_is_replaced_and_what_is_no_escape_is_kept() {
        let params = params("/%ff/%4");
        assert_eq!(params.get("a").as_deref(), Some("\u{fffd}"));
        assert_eq!(params.octets("a").as_deref(), Some(&[0xff][..]));
        assert_eq!(params.get("b").as_deref(), Some("%4"));
    }

    #[test]
    fn a_value_that_is_set_goes_before_that_of_the_path() {
        let mut params = params("/1/2");
        params.set("b", "3");
        params.set("c", "4");
        params.set("c", "5");
        let all: Vec<(&str, Cow<'_, str>)> = params.iter().collect();
        assert_eq!(
            all,
            [("a", "1".into()), ("b", "3".into()), ("c", "5".into())]
        );
        assert_eq!(params.len(), 3);
    }

    #[test]
    fn own_values_go_before_those_of_an_outer_mux() {
        let mut inner = params("/1/2");
        let mut outer = params("/3/4");
        outer.set("tenant", "t");
        inner.inherit(&outer);
        assert_eq!(inner.get("a").as_deref(), Some("1"));
        assert_eq!(inner.get("tenant").as_deref(), Some("t"));
    }
}
