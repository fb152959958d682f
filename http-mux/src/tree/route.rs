//! One route as the tree sees it: segments without a syntax. The front ends parse theirs into this.

use super::Shape;

/// One segment of a [`Route`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// These octets (decoded) and no others; the empty segment after a trailing slash is a literal like any other.
    Literal(Box<[u8]>),
    /// Values with literals around them, within one segment.
    Wild(Shape),
    /// One or more whole segments, any of which may be empty.
    Rest(Rest),
}

/// What a rest keeps of the segments that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rest {
    /// Nothing: the subtree below a trailing slash.
    Nameless,
    /// All after the slash: Go's `{name...}`.
    Tail,
    /// All with the slash before it: Gin's `*name`.
    SlashAndTail,
}

/// A path pattern: its text, its segments and the names of its values, in order.
///
/// ```
/// use http_mux::tree::{Rest, Route, Shape};
///
/// // What Gin writes /user/:name/files/*path, and ServeMux /user/{name}/files/{path...}
/// let mut route = Route::new("/user/:name/files/*path");
/// route.literal(b"user");
/// route.wild(Shape::whole(), ["name"]);
/// route.literal(b"files");
/// route.rest(Rest::SlashAndTail, "path");
/// assert_eq!(route.names().len(), 2);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Route {
    pattern: Box<str>,
    segments: Vec<Segment>,
    names: Vec<Box<str>>,
}

impl Route {
    /// A route without segments; `pattern` is the text that listings and errors show.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self {
            pattern: pattern.into(),
            ..Self::default()
        }
    }

    /// Adds a literal segment: decoded octets, which may hold a `/` that the path writes `%2F`.
    pub fn literal(&mut self, octets: &[u8]) {
        self.segments.push(Segment::Literal(octets.into()));
    }

    /// Adds a wildcard segment; `names` has one name for each of the shape's values.
    pub fn wild<'n>(&mut self, shape: Shape, names: impl IntoIterator<Item = &'n str>) {
        let before = self.names.len();
        self.names.extend(names.into_iter().map(Box::from));
        debug_assert_eq!(self.names.len() - before, shape.values());
        self.segments.push(Segment::Wild(shape));
    }

    /// Adds a rest. `name` is not kept for [`Rest::Nameless`].
    pub fn rest(&mut self, rest: Rest, name: &str) {
        if rest != Rest::Nameless {
            self.names.push(name.into());
        }
        self.segments.push(Segment::Rest(rest));
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The segments, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The names of the values, in the order of the path.
    #[must_use]
    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }
}
