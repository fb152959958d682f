//! The trie as it is looked up: heads of nodes, and their literal children in one hash table each that has no collisions.
//!
//! ```text
//! head = where its slots begin, how to hash into them | leaf | wild child | what there is
//! slot = first 8 octets | last 8 octets | length | head of the child
//! ```
//!
//! A literal of up to sixteen octets is told by its slot's key alone, so that one probe and two comparisons decide, however many children there
//! are. What is rare (shapes, rests in the middle, literals that a key cannot tell apart) is left to the [walk](super::walk) over the
//! nodes, from that node on.

use super::Rest;
use super::build::{Node, NodeId, Nodes};

/// No leaf, no head.
pub(crate) const NONE: u32 = u32::MAX;

/// There are literal children.
pub(crate) const LITERALS: u8 = 1;
/// The literals are probed one after the other: there are many.
pub(crate) const PROBED: u8 = 2;
/// There is a child for any segment.
pub(crate) const WILD: u8 = 4;
/// There is a rest without a tail.
pub(crate) const REST: u8 = 8;
/// The node is left to the walk over the nodes; `base` is its number there.
pub(crate) const SLOW: u8 = 16;

/// From a wild child's head on: the head of the rest beside it,
pub(crate) const THE_REST: usize = 1;
/// the node without its literals,
pub(crate) const AFTER_LITERAL: usize = 2;
/// and the node with its rest alone.
pub(crate) const AFTER_WILD: usize = 3;

/// A node, as much of it as every visit needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// The first of its slots.
    pub(crate) base: u32,
    pub(crate) leaf: u32,
    /// The head of the wild child; others come behind it.
    pub(crate) wild: u32,
    /// In a slot: the length of the literal, or [`EMPTY`].
    pub(crate) length: u8,
    /// 64 less the logarithm of the number of slots.
    pub(crate) shift: u8,
    pub(crate) seed: u8,
    pub(crate) flags: u8,
}

/// The length of no literal.
const EMPTY: u8 = u8::MAX;

pub(crate) const NO_HEAD: Head = Head {
    base: 0,
    leaf: NONE,
    wild: NONE,
    length: EMPTY,
    shift: 63,
    seed: 0,
    flags: 0,
};

/// What tells a segment from others of its length: all of it, up to sixteen octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// The first eight octets; a shorter segment has zeros behind it.
    pub(crate) first: u64,
    /// The last eight octets of a segment longer than eight, else zero.
    pub(crate) last: u64,
}

/// A literal child.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) key: Key,
    pub(crate) head: Head,
}

/// See the [module](self).
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) heads: Vec<Head>,
    pub(crate) slots: Vec<Slot>,
    /// For each slot, where its literal lies in `text`: for those that are longer than a key.
    literals: Vec<(u32, u32)>,
    text: Vec<u8>,
}

impl Table {
    pub(crate) fn build(nodes: &Nodes) -> Self {
        let mut table = Self {
            heads: vec![NO_HEAD],
            // A probe of a head without literals reads a slot too.
            slots: vec![
                Slot {
                    key: Key { first: 0, last: 0 },
                    head: NO_HEAD
                };
                2
            ],
            literals: vec![(0, 0); 2],
            text: Vec::new(),
        };
        table.heads[0] = table.head(nodes, Nodes::ROOT);
        table
    }

    /// Whether the slot's literal, longer than a key, is this segment.
    pub(crate) fn is_literal(&self, slot: usize, segment: &[u8]) -> bool {
        let literal = self.literals.get(slot);
        literal.is_some_and(|&(start, end)| {
            self.text.get(start as usize..end as usize) == Some(segment)
        })
    }

    /// Goes on to the next slots, for a head with more literals than fit without collisions.
    #[cold]
    pub(crate) fn probe(
        &self,
        head: &Head,
        from: usize,
        key: Key,
        segment: &[u8],
    ) -> Option<&Slot> {
        let size = 1 << (64 - u32::from(head.shift));
        let base = head.base as usize;
        let places = (1..size).map(|step| base + (from - base + step) % size);
        for place in places {
            let slot = self.slots.get(place)?;
            if slot.head.length == EMPTY {
                return None;
            }
            if slot.matches(key, segment.len())
                && (segment.len() <= 16 || self.is_literal(place, segment))
            {
                return Some(slot);
            }
        }
        None
    }

    fn head(&mut self, nodes: &Nodes, id: NodeId) -> Head {
        let node = nodes.get(id);
        let leaf = node.leaf.unwrap_or(NONE);
        let Some(literals) = plain(node) else {
            return Head {
                base: id,
                leaf,
                flags: SLOW,
                ..NO_HEAD
            };
        };
        let mut head = Head { leaf, ..NO_HEAD };
        self.add_wild(&mut head, nodes, node);
        if !literals.is_empty() {
            self.add_literals(&mut head, nodes, &literals);
        }
        head
    }

    /// Four heads: of the wild child, of the rest, and of this node with what is left to try once a literal has been, or the wild child.
    fn add_wild(&mut self, head: &mut Head, nodes: &Nodes, node: &Node) {
        if node.shapes.is_empty() && node.rests.is_empty() {
            return;
        }
        let place = self.heads.len();
        head.wild = place as u32;
        self.heads.extend([NO_HEAD; 4]);
        if let Some((_, child)) = node.shapes.first() {
            head.flags |= WILD;
            self.heads[place] = self.head(nodes, *child);
        }
        if let Some(edge) = node.rests.first() {
            head.flags |= REST;
            self.heads[place + THE_REST] = Head {
                leaf: edge.leaf,
                flags: rest_flags(edge.kind),
                ..NO_HEAD
            };
        }
        let left = |flags| Head {
            wild: head.wild,
            flags,
            ..NO_HEAD
        };
        self.heads[place + AFTER_LITERAL] = left(head.flags);
        self.heads[place + AFTER_WILD] = left(head.flags & REST);
    }

    fn add_literals(&mut self, head: &mut Head, nodes: &Nodes, literals: &[(&[u8], Key, NodeId)]) {
        let keys = literals
            .iter()
            .map(|(literal, key, _)| (*key, literal.len()));
        let (seed, bits, probed) = place(&keys.collect::<Vec<_>>());
        head.flags |= LITERALS | if probed { PROBED } else { 0 };
        head.base = self.slots.len() as u32;
        head.shift = (64 - bits) as u8;
        head.seed = seed;
        let (base, size) = (self.slots.len(), 1 << bits);
        self.slots.resize(
            base + size,
            Slot {
                key: Key { first: 0, last: 0 },
                head: NO_HEAD,
            },
        );
        self.literals.resize(base + size, (0, 0));
        for &(literal, key, child) in literals {
            let mut at = key.place(literal.len(), seed, head.shift);
            while self.slots[base + at].head.length != EMPTY {
                at = (at + 1) % size;
            }
            // Taken, before the children take theirs behind all of these.
            self.slots[base + at] = Slot {
                key,
                head: Head {
                    length: literal.len() as u8,
                    ..NO_HEAD
                },
            };
            let start = self.text.len() as u32;
            self.text.extend_from_slice(literal);
            self.literals[base + at] = (start, self.text.len() as u32);
            let child = self.head(nodes, child);
            self.slots[base + at].head = Head {
                length: literal.len() as u8,
                ..child
            };
        }
    }
}

impl Slot {
    pub(crate) fn matches(&self, key: Key, length: usize) -> bool {
        self.key == key && usize::from(self.head.length) == length
    }
}

impl Key {
    /// The key of a literal; a lookup takes the same from the path.
    fn of(literal: &[u8]) -> Self {
        let word = |octets: &[u8]| {
            octets
                .iter()
                .rev()
                .fold(0, |word, &octet| word << 8 | u64::from(octet))
        };
        match literal.len() {
            0..=8 => Self {
                first: word(literal),
                last: 0,
            },
            length => Self {
                first: word(&literal[..8]),
                last: word(&literal[length - 8..]),
            },
        }
    }

    /// The number of its slot.
    #[inline(always)]
    pub(crate) fn place(self, length: usize, seed: u8, shift: u8) -> usize {
        let mixed = self.first ^ self.last.rotate_left(29) ^ length as u64;
        (mixed.wrapping_mul(MULTIPLIERS[usize::from(seed) % MULTIPLIERS.len()]) >> (shift & 63))
            as usize
    }
}

/// The literal children with their keys, unless the node is one for the slow walk.
fn plain(node: &Node) -> Option<Vec<(&[u8], Key, NodeId)>> {
    let wild = match &node.shapes[..] {
        [] => true,
        [(shape, _)] => shape.is_whole(),
        _ => false,
    };
    if !wild || node.rests.iter().any(|edge| !edge.tail.is_empty()) {
        return None;
    }
    let literals = node.literals.iter();
    let literals = literals.map(|(literal, &child)| (&**literal, Key::of(literal), child));
    let mut literals: Vec<_> = literals.collect();
    literals.sort_by_key(|(literal, key, _)| (key.first, key.last, literal.len()));
    let same = |pair: &[(&[u8], Key, NodeId)]| {
        pair[0].1 == pair[1].1 && pair[0].0.len() == pair[1].0.len()
    };
    let long = |(literal, ..): &(&[u8], Key, NodeId)| literal.len() >= usize::from(EMPTY);
    (!literals.iter().any(long) && !literals.windows(2).any(same)).then_some(literals)
}

/// A seed and a number of slots (its logarithm) that keep the keys apart; or the flag that they are to be probed.
fn place(keys: &[(Key, usize)]) -> (u8, u32, bool) {
    let least = keys.len().next_power_of_two().trailing_zeros().max(1);
    let mut taken = Vec::new();
    for bits in least..=least + 3 {
        for seed in 0..MULTIPLIERS.len() as u8 {
            taken.clear();
            taken.resize(1 << bits, false);
            let apart = keys.iter().all(|(key, length)| {
                let place = key.place(*length, seed, (64 - bits) as u8);
                !std::mem::replace(&mut taken[place], true)
            });
            if apart {
                return (seed, bits, false);
            }
        }
    }
    (0, least + 2, true)
}

const NAMELESS: u8 = 0;
const TAIL: u8 = 1;
const SLASH_AND_TAIL: u8 = 2;

fn rest_flags(kind: Rest) -> u8 {
    match kind {
        Rest::Nameless => NAMELESS,
        Rest::Tail => TAIL,
        Rest::SlashAndTail => SLASH_AND_TAIL,
    }
}

impl Head {
    /// Of a rest: how many octets before its segment the value begins; `None` for no value.
    pub(crate) fn rest_value(&self) -> Option<usize> {
        (self.flags != NAMELESS).then_some(usize::from(self.flags == SLASH_AND_TAIL))
    }
}

/// Odd numbers without a pattern (multiples of the golden ratio's bits, mixed).
static MULTIPLIERS: [u64; 64] = {
    let mut all = [0; 64];
    let mut at = 0;
    let mut state: u64 = 0;
    while at < all.len() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        all[at] = (z ^ (z >> 31)) | 1;
        at += 1;
    }
    all
};
