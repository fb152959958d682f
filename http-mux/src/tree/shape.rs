//! What a wildcard segment looks like: literal octets around one or more values.
//!
//! ```text
//! {id}            values: 1   literals: ""  ""
//! user_{id}       values: 1   literals: "user_" ""
//! {owner}-{repo}.git    2     literals: ""  "-"  ".git"
//! ```
//!
//! A value is never empty, and each takes as few octets as it can: with `{name}.{ext}`, `a.tar.gz` gives `a` and `tar.gz`. The
//! earliest place for each literal leaves the most for the rest, so the first try decides and nothing is ever tried twice.

use smallvec::SmallVec;

/// Literal octets with one or more values between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// Prefix, what stands between the values, suffix: one more than there are values.
    literals: Vec<Box<[u8]>>,
}

/// Where the values lie in a segment: pairs of start and end.
pub(crate) type Values = SmallVec<[(usize, usize); 4]>;

impl Shape {
    /// The whole segment is one value.
    #[must_use]
    pub fn whole() -> Self {
        Self::affixed(b"", b"")
    }

    /// One value between a prefix and a suffix, both of which may be empty.
    #[must_use]
    pub fn affixed(prefix: &[u8], suffix: &[u8]) -> Self {
        Self {
            literals: vec![prefix.into(), suffix.into()],
        }
    }

    /// Values between `literals`: prefix, separators, suffix. `None` when there are fewer than two, or a separator is empty (two
    /// values that touch have no predictable border).
    #[must_use]
    pub fn new(literals: Vec<Box<[u8]>>) -> Option<Self> {
        let separators = literals.get(1..literals.len().checked_sub(1)?)?;
        if separators.iter().any(|separator| separator.is_empty()) {
            return None;
        }
        (literals.len() > 1).then_some(Self { literals })
    }

    /// How many values it has.
    #[must_use]
    pub fn values(&self) -> usize {
        self.literals.len() - 1
    }

    /// Nothing but one value.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.literals.len() == 2 && self.literals.iter().all(|literal| literal.is_empty())
    }

    /// Prefix, separators and suffix.
    #[must_use]
    pub fn literals(&self) -> &[Box<[u8]>] {
        &self.literals
    }

    pub(crate) fn prefix(&self) -> &[u8] {
        self.literals.first().map_or(b"", |prefix| prefix)
    }

    pub(crate) fn suffix(&self) -> &[u8] {
        self.literals.last().map_or(b"", |suffix| suffix)
    }

    pub(crate) fn separators(&self) -> &[Box<[u8]>] {
        &self.literals[1..self.literals.len() - 1]
    }

    /// The order in which shapes at one place are tried: whatever matches less comes first.
    ///
    /// A shape inside another has at least its prefix and its suffix, and when both are equal, more octets between.
    pub(crate) fn rank(&self) -> impl Ord + use<> {
        let separators: usize = self.separators().iter().map(|s| s.len()).sum();
        let octets = (self.prefix().len(), self.suffix().len(), separators);
        std::cmp::Reverse(octets)
    }

    /// The values in `segment`, or `None`. With `empty`, a value may have no octets.
    pub(crate) fn capture(&self, segment: &[u8], empty: bool) -> Option<Values> {
        let least = usize::from(!empty);
        let (prefix, suffix) = (self.prefix(), self.suffix());
        if !segment.starts_with(prefix) || !segment.ends_with(suffix) {
            return None;
        }
        let end = segment.len() - suffix.len();
        let mut start = prefix.len();
        let mut values = Values::new();
        for separator in self.separators() {
            let from = start.checked_add(least).filter(|&from| from <= end)?;
            let at = from + position(&segment[from..end], separator)?;
            values.push((start, at));
            start = at + separator.len();
        }
        (start + least <= end).then(|| {
            values.push((start, end));
            values
        })
    }
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(literals: &[&str]) -> Shape {
        Shape::new(literals.iter().map(|l| l.as_bytes().into()).collect()).expect("a shape")
    }

    fn values<'a>(shape: &Shape, segment: &'a str) -> Option<Vec<&'a str>> {
        let values = shape.capture(segment.as_bytes(), false)?;
        Some(values.iter().map(|&(a, b)| &segment[a..b]).collect())
    }

    #[test]
    fn a_value_takes_as_few_octets_as_it_can() {
        let file = shape(&["", ".", ""]);
        assert_eq!(values(&file, "a.tar.gz"), Some(vec!["a", "tar.gz"]));
        assert_eq!(values(&file, "..a"), Some(vec![".", "a"]));
        assert_eq!(values(&file, ".a"), None);
        assert_eq!(values(&file, "a."), None);
    }

    #[test]
    fn prefix_and_suffix_never_share_octets() {
        let shape = shape(&["ab", "ba"]);
        assert_eq!(values(&shape, "aba"), None);
        assert_eq!(values(&shape, "abba"), None);
        assert_eq!(values(&shape, "abxba"), Some(vec!["x"]));
    }

    #[test]
    fn values_that_touch_are_refused() {
        assert_eq!(Shape::new(vec![]), None);
        assert_eq!(Shape::new(vec![b"a"[..].into()]), None);
        let touching: Vec<Box<[u8]>> = vec![b""[..].into(), b""[..].into(), b""[..].into()];
        assert_eq!(Shape::new(touching), None);
    }
}
