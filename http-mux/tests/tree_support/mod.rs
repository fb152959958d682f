//! A route syntax for tests, the plainest matcher that could be right, and numbers at random.

#![allow(dead_code, reason = "each test uses its own part")]

use std::cmp::Ordering;

use http_mux::tree::{Captures, Rest, Route, Segment, Shape, Tree};

/// Reads Gin's spelling: `:name` may follow a prefix in its segment, `*name` takes the rest with its slash.
pub(crate) fn gin(pattern: &str) -> Route {
    let mut route = Route::new(pattern);
    for segment in pattern.strip_prefix('/').expect("a slash").split('/') {
        let colon = segment
            .find(':')
            .filter(|&at| at == 0 || !segment[..at].ends_with('\\'));
        if let Some(name) = segment.strip_prefix('*') {
            route.rest(Rest::SlashAndTail, name);
        } else if let Some(colon) = colon {
            let (prefix, name) = segment.split_at(colon);
            route.wild(Shape::affixed(prefix.as_bytes(), b""), [&name[1..]]);
        } else {
            route.literal(segment.as_bytes());
        }
    }
    route
}

/// Reads `{name}` with literals around it, and `{name...}`; a trailing slash is an empty literal.
pub(crate) fn braces(pattern: &str) -> Route {
    let mut route = Route::new(pattern);
    for segment in pattern.strip_prefix('/').expect("a slash").split('/') {
        if let Some(name) = segment.strip_suffix("...}") {
            route.rest(Rest::Tail, &name[1..]);
        } else if segment.contains('{') {
            let mut literals = Vec::new();
            let mut names = Vec::new();
            for part in segment.split('{') {
                let (name, literal) = part.split_once('}').unwrap_or(("", part));
                names.push(name);
                literals.push(literal.as_bytes().into());
            }
            route.wild(
                Shape::new(literals).expect("a shape"),
                names.into_iter().skip(1),
            );
        } else {
            route.literal(segment.as_bytes());
        }
    }
    route
}

pub(crate) fn values<'p>(path: &'p str, captures: &Captures) -> Vec<&'p str> {
    let spans = captures.as_slice().iter();
    spans
        .map(|span| &path[span.start as usize..span.end as usize])
        .collect()
}

pub(crate) fn find<'t, T: Copy>(tree: &Tree<T>, path: &'t str) -> Option<(T, Vec<&'t str>)> {
    let mut captures = Captures::new();
    let leaf = tree.find(path, &mut captures)?;
    assert_eq!(captures.len(), leaf.route.names().len());
    Some((leaf.value, values(path, &captures)))
}

/// The values that `route` gives to a path, found by trying everything.
pub(crate) fn naive<'p>(route: &Route, path: &'p str) -> Option<Vec<&'p str>> {
    let path = path.strip_prefix('/')?;
    naive_segments(route.segments(), &path.split('/').collect::<Vec<_>>(), path)
}

fn naive_segments<'p>(
    expected: &[Segment],
    segments: &[&'p str],
    path: &'p str,
) -> Option<Vec<&'p str>> {
    let Some((first, rest)) = expected.split_first() else {
        return segments.is_empty().then(Vec::new);
    };
    let (mut found, taken) = match first {
        Segment::Literal(octets) => {
            (segments.first()?.as_bytes() == &**octets).then_some((vec![], 1))?
        }
        Segment::Wild(shape) => (naive_shape(shape.literals(), segments.first()?)?, 1),
        Segment::Rest(kind) => {
            let taken = segments
                .len()
                .checked_sub(rest.len())
                .filter(|&taken| taken > 0)?;
            let from = segments[0].as_ptr() as usize - path.as_ptr() as usize;
            let length = segments[..taken].join("/").len();
            match kind {
                Rest::Nameless => (vec![], taken),
                _ => (vec![&path[from..from + length]], taken),
            }
        }
    };
    found.extend(naive_segments(rest, &segments[taken..], path)?);
    Some(found)
}

/// The shortest values first.
fn naive_shape<'p>(literals: &[Box<[u8]>], segment: &'p str) -> Option<Vec<&'p str>> {
    let prefix = std::str::from_utf8(&literals[0]).expect("text");
    let rest = segment.strip_prefix(prefix)?;
    if literals.len() == 1 {
        return rest.is_empty().then(Vec::new);
    }
    (1..=rest.len())
        .filter(|&at| rest.is_char_boundary(at))
        .find_map(|at| {
            let (value, rest) = rest.split_at(at);
            let mut values = naive_shape(&literals[1..], rest)?;
            values.insert(0, value);
            Some(values)
        })
}

/// Which of two routes that match the same path is tried first.
pub(crate) fn precedence(left: &Route, right: &Route) -> Ordering {
    let mut pairs = left.segments().iter().zip(right.segments());
    let order = |(l, r): (&Segment, &Segment)| match (l, r) {
        // The longer tail is more specific.
        (Segment::Rest(_), Segment::Rest(_)) => right.segments().len().cmp(&left.segments().len()),
        (l, r) => order(l, r),
    };
    let order = pairs.find_map(|pair| Some(order(pair)).filter(|order| order.is_ne()));
    order.unwrap_or(Ordering::Equal)
}

fn order(left: &Segment, right: &Segment) -> Ordering {
    fn rank(segment: &Segment) -> (u8, isize, isize, isize) {
        match segment {
            Segment::Literal(_) => (0, 0, 0, 0),
            Segment::Wild(shape) => {
                let literals = shape.literals();
                let octets = |literal: &[u8]| -(literal.len() as isize);
                let inner = &literals[1..literals.len() - 1];
                let inner = inner.iter().map(|literal| octets(literal)).sum();
                (
                    1,
                    octets(&literals[0]),
                    octets(&literals[literals.len() - 1]),
                    inner,
                )
            }
            Segment::Rest(_) => (2, 0, 0, 0),
        }
    }
    rank(left).cmp(&rank(right))
}

/// Numbers that are the same in every run (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}
