//! The trie as it is built: nodes in an arena, each with its literal children, its shapes and its rests.

use std::collections::BTreeMap;

use super::{Rest, Segment, Shape};

/// Index of a node in [`Nodes`].
pub(crate) type NodeId = u32;
/// Index of a leaf in the tree.
pub(crate) type LeafId = u32;

/// One place in the tree: what may come next, most specific first.
#[derive(Debug, Default, Clone)]
pub(crate) struct Node {
    pub(crate) literals: BTreeMap<Box<[u8]>, NodeId>,
    /// In the order of [`Shape::rank`].
    pub(crate) shapes: Vec<(Shape, NodeId)>,
    /// The longest tail first.
    pub(crate) rests: Vec<RestEdge>,
    pub(crate) leaf: Option<LeafId>,
}

/// A rest and the segments after it, which are anchored at the end of the path.
#[derive(Debug, Clone)]
pub(crate) struct RestEdge {
    pub(crate) kind: Rest,
    pub(crate) tail: Box<[Segment]>,
    pub(crate) leaf: LeafId,
}

/// All nodes; the first is the root.
#[derive(Debug, Clone)]
pub(crate) struct Nodes(Vec<Node>);

impl Default for Nodes {
    fn default() -> Self {
        Self(vec![Node::default()])
    }
}

impl Nodes {
    pub(crate) const ROOT: NodeId = 0;

    pub(crate) fn get(&self, id: NodeId) -> &Node {
        &self.0[id as usize]
    }

    /// Puts `leaf` at the end of `segments`, or returns the leaf that is there already.
    pub(crate) fn insert(&mut self, segments: &[Segment], leaf: LeafId) -> Result<(), LeafId> {
        let mut at = Self::ROOT;
        for (index, segment) in segments.iter().enumerate() {
            at = match segment {
                Segment::Literal(octets) => self.literal_child(at, octets),
                Segment::Wild(shape) => self.wild_child(at, shape),
                Segment::Rest(kind) => {
                    let tail = &segments[index + 1..];
                    return self.add_rest(at, *kind, tail, leaf);
                }
            };
        }
        match self.node_mut(at).leaf {
            Some(occupant) => Err(occupant),
            None => {
                self.node_mut(at).leaf = Some(leaf);
                Ok(())
            }
        }
    }

    /// The leaf of exactly this route, names aside.
    pub(crate) fn leaf_of(&self, segments: &[Segment]) -> Option<LeafId> {
        let mut at = Self::ROOT;
        for (index, segment) in segments.iter().enumerate() {
            let node = self.get(at);
            at = match segment {
                Segment::Literal(octets) => *node.literals.get(octets)?,
                Segment::Wild(shape) => node.shapes.iter().find(|(s, _)| s == shape)?.1,
                Segment::Rest(_) => {
                    let tail = &segments[index + 1..];
                    let edge = node.rests.iter().find(|edge| *edge.tail == *tail)?;
                    return Some(edge.leaf);
                }
            };
        }
        self.get(at).leaf
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.0[id as usize]
    }

    fn add_node(&mut self) -> NodeId {
        let id = NodeId::try_from(self.0.len()).expect("fewer than 2^32 nodes");
        self.0.push(Node::default());
        id
    }

    fn literal_child(&mut self, at: NodeId, octets: &[u8]) -> NodeId {
        if let Some(&child) = self.get(at).literals.get(octets) {
            return child;
        }
        let child = self.add_node();
        self.node_mut(at).literals.insert(octets.into(), child);
        child
    }

    fn wild_child(&mut self, at: NodeId, shape: &Shape) -> NodeId {
        let shapes = &self.get(at).shapes;
        if let Some((_, child)) = shapes.iter().find(|(known, _)| known == shape) {
            return *child;
        }
        let place = shapes.partition_point(|(known, _)| known.rank() <= shape.rank());
        let child = self.add_node();
        let shapes = &mut self.node_mut(at).shapes;
        shapes.insert(place, (shape.clone(), child));
        child
    }

    fn add_rest(
        &mut self,
        at: NodeId,
        kind: Rest,
        tail: &[Segment],
        leaf: LeafId,
    ) -> Result<(), LeafId> {
        let rests = &mut self.node_mut(at).rests;
        if let Some(edge) = rests.iter().find(|edge| *edge.tail == *tail) {
            return Err(edge.leaf);
        }
        let edge = RestEdge {
            kind,
            tail: tail.into(),
            leaf,
        };
        let place = rests.partition_point(|known| tail_order(&known.tail, tail).is_le());
        rests.insert(place, edge);
        Ok(())
    }
}

/// Whatever matches less comes first: the longer tail, then the more specific segment at the first difference.
fn tail_order(left: &[Segment], right: &[Segment]) -> std::cmp::Ordering {
    let by_segments = || {
        let orders = left.iter().zip(right).map(|(l, r)| segment_order(l, r));
        orders.into_iter().find(|order| order.is_ne())
    };
    right
        .len()
        .cmp(&left.len())
        .then_with(|| by_segments().unwrap_or(std::cmp::Ordering::Equal))
}

fn segment_order(left: &Segment, right: &Segment) -> std::cmp::Ordering {
    match (left, right) {
        (Segment::Wild(l), Segment::Wild(r)) => l.rank().cmp(&r.rank()),
        (l, r) => kind(l).cmp(&kind(r)),
    }
}

fn kind(segment: &Segment) -> u8 {
    match segment {
        Segment::Literal(_) => 0,
        Segment::Wild(_) => 1,
        Segment::Rest(_) => 2,
    }
}
