//! How the requests that two patterns match relate, and paths that show it.
//!
//! A set of paths is compared with another by three questions: is there a path in both, one only in the first, one only in the second?
//! For paths of one length (in segments) a pattern is a product of sets of segments, so the three answers follow from those for each
//! position. A rest makes a pattern one such product for each length; from some length on they only repeat.

use http::Method;

use super::pattern::Pattern;
use super::witness;
use crate::tree::{Segment, Shape};

/// Answers to the three questions: is there something in both sets, only in the first, only in the second?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relation {
    pub(crate) both: bool,
    pub(crate) first: bool,
    pub(crate) second: bool,
}

impl Relation {
    const EQUAL: Self = Self {
        both: true,
        first: false,
        second: false,
    };
    const DISJOINT: Self = Self {
        both: false,
        first: true,
        second: true,
    };

    fn new(both: bool, first: bool, second: bool) -> Self {
        Self {
            both,
            first,
            second,
        }
    }

    /// The relation of products of sets, none of which is empty.
    fn times(self, other: Self) -> Self {
        if !self.both || !other.both {
            return Self::DISJOINT;
        }
        Self::new(true, self.first || other.first, self.second || other.second)
    }

    /// The relation of unions of sets, each pair apart from all others.
    fn plus(self, other: Self) -> Self {
        Self::new(
            self.both || other.both,
            self.first || other.first,
            self.second || other.second,
        )
    }

    /// The sets share something, and neither lies strictly within the other.
    pub(crate) fn is_conflict(self) -> bool {
        self.both && self.first == self.second
    }
}

/// The relation of two patterns' requests, hosts aside: patterns of different hosts never conflict.
pub(crate) fn compare(first: &Pattern, second: &Pattern) -> Relation {
    methods(first.method(), second.method()).times(paths(first.segments(), second.segments()))
}

/// No method is all methods, and `GET` is `GET` and `HEAD`.
pub(crate) fn methods(first: Option<&Method>, second: Option<&Method>) -> Relation {
    match (first, second) {
        (first, second) if first == second => Relation::EQUAL,
        (None, Some(_)) => Relation::new(true, true, false),
        (Some(_), None) => Relation::new(true, false, true),
        (Some(&Method::GET), Some(&Method::HEAD)) => Relation::new(true, true, false),
        (Some(&Method::HEAD), Some(&Method::GET)) => Relation::new(true, false, true),
        _ => Relation::DISJOINT,
    }
}

pub(crate) fn paths(first: &[Segment], second: &[Segment]) -> Relation {
    let none = Relation::new(false, false, false);
    lengths(first, second)
        .map(
            |length| match (of_length(first, length), of_length(second, length)) {
                (Some(first), Some(second)) => product(&first, &second),
                (first, second) => Relation::new(false, first.is_some(), second.is_some()),
            },
        )
        .fold(none, Relation::plus)
}

fn product(first: &[Place<'_>], second: &[Place<'_>]) -> Relation {
    let places = first.iter().zip(second);
    places.fold(Relation::EQUAL, |all, (&first, &second)| {
        all.times(place(first, second))
    })
}

/// The lengths after which nothing new comes: then each rest has taken all that stands beside it, and one more.
fn lengths(first: &[Segment], second: &[Segment]) -> std::ops::RangeInclusive<usize> {
    1..=first.len() + second.len()
}

/// What a pattern wants at one position of paths of one length.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'p> {
    Literal(&'p [u8]),
    Wild(&'p Shape),
    /// Taken by a rest: any octets, or none.
    Any,
}

/// The pattern for paths of `length` segments, if it matches any.
pub(crate) fn of_length(segments: &[Segment], length: usize) -> Option<Vec<Place<'_>>> {
    let rest = segments
        .iter()
        .position(|segment| matches!(segment, Segment::Rest(_)));
    let taken = match rest {
        Some(_) => (length + 1)
            .checked_sub(segments.len())
            .filter(|&taken| taken > 0)?,
        None if segments.len() == length => 0,
        None => return None,
    };
    let mut places = Vec::with_capacity(length);
    for segment in segments {
        match segment {
            Segment::Literal(octets) => places.push(Place::Literal(octets)),
            Segment::Wild(shape) => places.push(Place::Wild(shape)),
            Segment::Rest(_) => places.extend((0..taken).map(|_| Place::Any)),
        }
    }
    Some(places)
}

fn place(first: Place<'_>, second: Place<'_>) -> Relation {
    use Place::{Any, Literal, Wild};
    match (first, second) {
        (Any, Any) => Relation::EQUAL,
        (Any, _) => Relation::new(true, true, false),
        (_, Any) => Relation::new(true, false, true),
        (Literal(first), Literal(second)) if first == second => Relation::EQUAL,
        (Literal(_), Literal(_)) => Relation::DISJOINT,
        (Wild(shape), Literal(octets)) if matches(shape, octets) => {
            Relation::new(true, true, false)
        }
        (Literal(octets), Wild(shape)) if matches(shape, octets) => {
            Relation::new(true, false, true)
        }
        (Literal(_), Wild(_)) | (Wild(_), Literal(_)) => Relation::DISJOINT,
        (Wild(first), Wild(second)) => shapes(first, second),
    }
}

fn matches(shape: &Shape, octets: &[u8]) -> bool {
    shape.capture(octets, false).is_some()
}

/// Two shapes share a segment if their prefixes and their suffixes agree as far as both go: the values between can be anything.
fn shapes(first: &Shape, second: &Shape) -> Relation {
    let (p, q) = (first.prefix(), second.prefix());
    let (s, t) = (first.suffix(), second.suffix());
    let prefixes = p.starts_with(q) || q.starts_with(p);
    let suffixes = s.ends_with(t) || t.ends_with(s);
    if !prefixes || !suffixes {
        return Relation::DISJOINT;
    }
    Relation::new(
        true,
        !witness::within(first, second),
        !witness::within(second, first),
    )
}

/// A path that both match.
pub(crate) fn common_path(first: &Pattern, second: &Pattern) -> Option<String> {
    lengths(first.segments(), second.segments()).find_map(|length| {
        let first = of_length(first.segments(), length)?;
        let second = of_length(second.segments(), length)?;
        let places = first.iter().zip(&second);
        let path: Option<Vec<_>> = places.map(|(&f, &s)| witness::of_both(f, s)).collect();
        path.map(|path| witness::path(&path))
    })
}

/// A path that the first matches and the second does not.
pub(crate) fn difference_path(first: &Pattern, second: &Pattern) -> Option<String> {
    lengths(first.segments(), second.segments()).find_map(|length| {
        let first = of_length(first.segments(), length)?;
        let mut path: Vec<Vec<u8>> = first.iter().map(|&place| witness::of(place)).collect();
        let Some(second) = of_length(second.segments(), length) else {
            return Some(witness::path(&path));
        };
        let mut places = first.iter().zip(&second).enumerate();
        let (at, octets) =
            places.find_map(|(at, (&f, &s))| Some((at, witness::of_first(f, s)?)))?;
        path[at] = octets;
        Some(witness::path(&path))
    })
}
