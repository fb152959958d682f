//! The walk over the nodes as they were built: every feature, any path, nothing but safe code. It is what the fast table is
//! held against, and what serves the lookups that the table passes on.
//!
//! Segments are tried literal, shape, rest, with full backtracking. A place in the path has one depth in the tree, so a node
//! is entered at most once a lookup, and no path can make the walk longer than the tree is large.

use std::borrow::Cow;

use super::build::{LeafId, Node, NodeId, Nodes, RestEdge};
use super::{Captures, Rest, Segment, Shape};
use crate::path;

/// One lookup.
pub(crate) struct Walk<'a> {
    pub(crate) nodes: &'a Nodes,
    /// Begins with a slash.
    pub(crate) path: &'a [u8],
    /// Segments are percent-decoded before they are compared.
    pub(crate) escaped: bool,
    /// A value may be empty where more of the path follows (Gin).
    pub(crate) empty: bool,
    pub(crate) captures: &'a mut Captures,
}

impl Walk<'_> {
    pub(crate) fn run(mut self) -> Option<LeafId> {
        self.captures.clear();
        self.enter(Nodes::ROOT, 1)
    }

    /// Matches what begins at `start` against what hangs below the node; `start` is behind the end when nothing is left.
    pub(crate) fn enter(&mut self, id: NodeId, start: usize) -> Option<LeafId> {
        let (nodes, path) = (self.nodes, self.path);
        let node = nodes.get(id);
        if start > path.len() {
            return node.leaf;
        }
        let end = segment_end(path, start);
        let segment = decoded(&path[start..end], self.escaped);
        if let Some(&child) = node.literals.get(&*segment) {
            if let Some(leaf) = self.enter(child, end + 1) {
                return Some(leaf);
            }
        }
        for (shape, child) in &node.shapes {
            let mark = self.captures.len();
            if self.capture(shape, &segment, start, end) {
                if let Some(leaf) = self.enter(*child, end + 1) {
                    return Some(leaf);
                }
            }
            self.captures.truncate(mark);
        }
        self.rests(node, start)
    }

    fn rests(&mut self, node: &Node, start: usize) -> Option<LeafId> {
        for edge in &node.rests {
            let mark = self.captures.len();
            if self.rest(edge, start) {
                return Some(edge.leaf);
            }
            self.captures.truncate(mark);
        }
        None
    }

    /// The tail lies at the end of the path; what is before it, one segment at least, is the rest's.
    fn rest(&mut self, edge: &RestEdge, start: usize) -> bool {
        let path = self.path;
        let Some(rest_end) = before_tail(path, start, edge.tail.len()) else {
            return false;
        };
        match edge.kind {
            Rest::Nameless => {}
            Rest::Tail => self.captures.push(start, rest_end),
            Rest::SlashAndTail => self.captures.push(start - 1, rest_end),
        }
        let mut start = rest_end + 1;
        for expected in &edge.tail {
            let end = segment_end(path, start);
            let segment = decoded(&path[start..end], self.escaped);
            let fits = match expected {
                Segment::Literal(octets) => **octets == *segment,
                Segment::Wild(shape) => self.capture(shape, &segment, start, end),
                Segment::Rest(_) => false,
            };
            if !fits {
                return false;
            }
            start = end + 1;
        }
        true
    }

    /// Records the values of `segment`, which lies at `start..end` of the path.
    fn capture(&mut self, shape: &Shape, segment: &[u8], start: usize, end: usize) -> bool {
        let empty = self.empty && end < self.path.len();
        let Some(values) = shape.capture(segment, empty) else {
            return false;
        };
        let raw = &self.path[start..end];
        for (from, to) in values {
            // Spans are of the path as it came; a decoded segment is shorter.
            let (from, to) = if segment.len() == raw.len() {
                (from, to)
            } else {
                (path::raw_offset(raw, from), path::raw_offset(raw, to))
            };
            self.captures.push(start + from, start + to);
        }
        true
    }
}

fn decoded(path: &[u8], escaped: bool) -> Cow<'_, [u8]> {
    if escaped {
        path::decode(path)
    } else {
        Cow::Borrowed(path)
    }
}

/// Where the segment that begins at `start` ends.
fn segment_end(path: &[u8], start: usize) -> usize {
    let slash = path[start..].iter().position(|&octet| octet == b'/');
    slash.map_or(path.len(), |distance| start + distance)
}

/// Where a rest from `start` ends when `tail` segments follow it; `None` if nothing would be left for it.
fn before_tail(path: &[u8], start: usize, tail: usize) -> Option<usize> {
    let mut end = path.len();
    for _ in 0..tail {
        end = path[start..end].iter().rposition(|&octet| octet == b'/')? + start;
    }
    Some(end)
}
