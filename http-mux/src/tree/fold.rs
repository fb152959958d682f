//! The case-insensitive walk: what a path would be, had it the case of the routes. Slow, and only for redirects after a miss.
//!
//! Letters are compared by simple folding, character by character, as Gin does; literals that are no text match exactly.

use std::borrow::Cow;

use super::build::{Node, NodeId, Nodes};
use super::{Segment, Shape};
use crate::path;

pub(crate) fn find(nodes: &Nodes, path: &str, empty: bool) -> Option<String> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let fold = Fold {
        nodes,
        segments: &segments,
        empty,
    };
    let fixed = fold.enter(Nodes::ROOT, 0)?;
    Some(fixed.iter().rev().fold(String::new(), |mut path, segment| {
        path.push('/');
        path.push_str(segment);
        path
    }))
}

/// The same for a path that is written with escapes: segments are compared decoded, and those that stay what they are, stay as
/// they came.
pub(crate) fn find_escaped(nodes: &Nodes, path: &str, empty: bool) -> Option<String> {
    let came: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let decoded: Vec<Cow<'_, str>> = came.iter().map(|segment| decoded(segment)).collect();
    let segments: Vec<&str> = decoded.iter().map(|segment| &**segment).collect();
    let fold = Fold {
        nodes,
        segments: &segments,
        empty,
    };
    let fixed = fold.enter(Nodes::ROOT, 0)?;
    let mut path = String::new();
    for (at, segment) in fixed.iter().rev().enumerate() {
        path.push('/');
        match segments[at] == segment {
            true => path.push_str(came[at]),
            false => path::push_segment(&mut path, segment.as_bytes()),
        }
    }
    Some(path)
}

/// The segment as text; as it came, if it is none.
fn decoded(segment: &str) -> Cow<'_, str> {
    match path::decode(segment.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(segment),
        Cow::Owned(octets) => String::from_utf8(octets).map_or(Cow::Borrowed(segment), Cow::Owned),
    }
}

struct Fold<'a> {
    nodes: &'a Nodes,
    segments: &'a [&'a str],
    empty: bool,
}

impl Fold<'_> {
    /// The segments from `index` on in the routes' case, the last one first.
    fn enter(&self, id: NodeId, index: usize) -> Option<Vec<String>> {
        let node = self.nodes.get(id);
        let Some(segment) = self.segments.get(index) else {
            return node.leaf.map(|_| Vec::new());
        };
        let exact = node.literals.get(segment.as_bytes());
        if let Some(found) = exact.and_then(|&child| self.extend(child, index, segment)) {
            return Some(found);
        }
        for (literal, child) in &node.literals {
            // The exact one has been tried: twice at each place would be twice to the depth in all.
            if **literal == *segment.as_bytes() {
                continue;
            }
            let Some(literal) = folded(literal, segment) else {
                continue;
            };
            if let Some(found) = self.extend(*child, index, literal) {
                return Some(found);
            }
        }
        for (shape, child) in &node.shapes {
            let empty = self.empty && index + 1 < self.segments.len();
            let Some(fixed) = shaped(shape, segment, empty) else {
                continue;
            };
            if let Some(found) = self.extend(*child, index, &fixed) {
                return Some(found);
            }
        }
        self.rests(node, index)
    }

    fn extend(&self, child: NodeId, index: usize, segment: &str) -> Option<Vec<String>> {
        let mut found = self.enter(child, index + 1)?;
        found.push(segment.to_owned());
        Some(found)
    }

    fn rests(&self, node: &Node, index: usize) -> Option<Vec<String>> {
        let remaining = &self.segments[index..];
        node.rests.iter().find_map(|edge| {
            let taken = remaining.len().checked_sub(edge.tail.len())?;
            let (rest, tail) = remaining.split_at_checked(taken.max(1))?;
            if tail.len() != edge.tail.len() {
                return None;
            }
            let tail = edge.tail.iter().zip(tail);
            let tail: Option<Vec<String>> = tail.map(|(route, text)| fixed(route, text)).collect();
            let mut all: Vec<String> = rest.iter().map(|&segment| segment.to_owned()).collect();
            all.extend(tail?);
            all.reverse();
            Some(all)
        })
    }
}

fn fixed(expected: &Segment, segment: &str) -> Option<String> {
    match expected {
        Segment::Literal(literal) => folded(literal, segment).map(str::to_owned),
        Segment::Wild(shape) => shaped(shape, segment, false),
        Segment::Rest(_) => None,
    }
}

/// The literal, if `segment` differs from it in case alone.
fn folded<'l>(literal: &'l [u8], segment: &str) -> Option<&'l str> {
    let literal = std::str::from_utf8(literal).ok()?;
    same_letters(literal, segment).then_some(literal)
}

fn same_letters(left: &str, right: &str) -> bool {
    left.chars().map(fold).eq(right.chars().map(fold))
}

/// A character's lower case, unless that is more than one character.
fn fold(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        _ => letter,
    }
}

/// The segment with the shape's own prefix and suffix. Shapes with several values match exactly.
fn shaped(shape: &Shape, segment: &str, empty: bool) -> Option<String> {
    if !shape.separators().is_empty() {
        let exact = shape.capture(segment.as_bytes(), empty);
        return exact.map(|_| segment.to_owned());
    }
    let prefix = std::str::from_utf8(shape.prefix()).ok()?;
    let suffix = std::str::from_utf8(shape.suffix()).ok()?;
    // Folding keeps the number of characters, though not that of octets.
    let letters: Vec<char> = segment.chars().collect();
    let (before, after) = (prefix.chars().count(), suffix.chars().count());
    let middle = letters.len().checked_sub(before + after)?;
    if middle == 0 && !empty {
        return None;
    }
    let (head, rest) = letters.split_at(before);
    let (value, tail) = rest.split_at(middle);
    let same = |text: &str, letters: &[char]| same_letters(text, &String::from_iter(letters));
    (same(prefix, head) && same(suffix, tail))
        .then(|| [prefix, &String::from_iter(value), suffix].concat())
}
