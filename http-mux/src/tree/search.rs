//! The lookup in the [table](super::table): one pass over the path for its slashes, then one probe a segment.
//!
//! It is written once, over what it reads by: [`Checked`](super::checked::Checked) indexes as everyone does; [`Unchecked`](super::fast::Unchecked) does not check what
//! the table and the slashes guarantee.

use super::build::{LeafId, Nodes};
use super::captures::{Captures, INLINE, Span};
use super::table::{
    AFTER_LITERAL, AFTER_WILD, Head, Key, LITERALS, NONE, PROBED, REST, SLOW, Slot, THE_REST,
    Table, WILD,
};
use super::walk::Walk;

/// How a lookup reads the path and the table.
pub(crate) trait Access {
    /// The eight octets from `at` on, little-endian. They are within the path.
    fn octets(path: &[u8], at: usize) -> u64;
    /// An element that is there.
    fn element<T>(slice: &[T], at: usize) -> &T;
    /// The octets of a path shorter than eight, little-endian.
    fn short(path: &[u8]) -> u64;
    /// What is where in a path of at most 64 octets.
    fn marks(path: &[u8]) -> Marks;
}

/// The octets of a path that mean something, one bit for each of at most 64 octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) slashes: u64,
    pub(crate) dots: u64,
    /// There is a `%`.
    pub(crate) escaped: bool,
}

/// Where segments end.
pub(crate) trait Ends: Copy {
    /// The end of the segment that begins at `start`.
    fn end(self, path: &[u8], start: usize) -> usize;
}

/// Bits of the slashes, and one at the end of the path.
#[derive(Clone, Copy)]
pub(crate) struct Short(pub(crate) u64);

impl Ends for Short {
    #[inline(always)]
    fn end(self, _: &[u8], start: usize) -> usize {
        // A start is never behind the end, which has a bit.
        start + (self.0 >> (start & 63)).trailing_zeros() as usize
    }
}

/// The same for longer paths: a word for each 64 octets.
#[derive(Clone, Copy)]
pub(crate) struct Wide<'w>(pub(crate) &'w [u64]);

impl Ends for Wide<'_> {
    #[inline(always)]
    fn end(self, path: &[u8], start: usize) -> usize {
        let mut bits = self
            .0
            .get(start / 64)
            .map_or(0, |word| word >> (start % 64));
        let mut at = start;
        while bits == 0 {
            at = (at / 64 + 1) * 64;
            match self.0.get(at / 64) {
                Some(&word) => bits = word,
                None => return path.len(),
            }
        }
        at + bits.trailing_zeros() as usize
    }
}

/// What a lookup comes to.
pub(crate) enum Found {
    Leaf(LeafId),
    Nothing,
    /// More than fits here: the walk over the nodes does all of it.
    TooMuch,
}

/// A place to go back to: the head of what is left to try there, where the segment begins, and the number of spans before it.
#[derive(Clone, Copy)]
struct Alternative(u64);

impl Alternative {
    #[inline(always)]
    fn new(head: usize, start: usize, spans: usize) -> Self {
        Self((head as u64) << 32 | (start as u64) << 16 | spans as u64)
    }

    #[inline(always)]
    fn parts(self) -> (usize, usize, usize) {
        let Self(all) = self;
        (
            (all >> 32) as usize,
            (all >> 16) as usize & LONGEST,
            all as usize & 0xffff,
        )
    }
}

/// The longest path that an [`Alternative`] can point into.
pub(crate) const LONGEST: usize = 0xffff;

/// One lookup of a path that begins with a slash and is at most [`LONGEST`].
pub(crate) struct Search<'a> {
    pub(crate) table: &'a Table,
    pub(crate) nodes: &'a Nodes,
    pub(crate) path: &'a [u8],
    /// A value may be empty where more of the path follows.
    pub(crate) empty: bool,
    pub(crate) captures: &'a mut Captures,
}

impl Search<'_> {
    #[inline(always)]
    pub(crate) fn run<A: Access, E: Ends>(self, ends: E) -> Found {
        let Self {
            table,
            nodes,
            path,
            empty,
            captures,
        } = self;
        let mut alternatives = [Alternative(0); DEPTH];
        let (mut depth, mut start, mut count) = (0, 1, 0);
        let mut head: &Head = A::element(&table.heads, 0);
        loop {
            let end = ends.end(path, start);
            let wild = head.wild as usize;
            let child: Option<&Head> = 'child: {
                if head.flags & LITERALS != 0 {
                    if let Some(child) = literal::<A>(table, head, path, start, end) {
                        if head.flags & (WILD | REST) != 0 {
                            if depth == DEPTH {
                                return Found::TooMuch;
                            }
                            alternatives[depth] =
                                Alternative::new(wild + AFTER_LITERAL, start, count);
                            depth += 1;
                        }
                        break 'child Some(child);
                    }
                }
                if head.flags & WILD != 0 && (start < end || (empty && end < path.len())) {
                    if head.flags & REST != 0 {
                        if depth == DEPTH {
                            return Found::TooMuch;
                        }
                        alternatives[depth] = Alternative::new(wild + AFTER_WILD, start, count);
                        depth += 1;
                    }
                    captures.inline[count % INLINE] = span(start, end);
                    count += 1;
                    break 'child Some(A::element(&table.heads, wild));
                }
                if head.flags & REST != 0 {
                    let rest: &Head = A::element(&table.heads, wild + THE_REST);
                    if let Some(before) = rest.rest_value() {
                        captures.inline[count % INLINE] = span(start - before, path.len());
                        count += 1;
                    }
                    captures.len = count;
                    return Found::Leaf(rest.leaf);
                }
                if head.flags & SLOW != 0 {
                    captures.len = count;
                    let captures = &mut *captures;
                    let walk = Walk {
                        nodes,
                        path,
                        escaped: false,
                        empty,
                        captures,
                    };
                    if let Some(leaf) = slow(walk, head.base, start) {
                        return Found::Leaf(leaf);
                    }
                }
                None
            };
            if let Some(child) = child {
                if end < path.len() {
                    head = child;
                    start = end + 1;
                    continue;
                }
                if child.leaf != NONE {
                    captures.len = count;
                    return Found::Leaf(child.leaf);
                }
            }
            // Back to the last place where something else was left to try.
            if depth == 0 {
                return Found::Nothing;
            }
            depth -= 1;
            let left;
            (left, start, count) = alternatives[depth].parts();
            head = A::element(&table.heads, left);
        }
    }
}

/// How many places to go back to are kept.
const DEPTH: usize = 8;

#[inline(always)]
fn literal<'t, A: Access>(
    table: &'t Table,
    head: &Head,
    path: &[u8],
    start: usize,
    end: usize,
) -> Option<&'t Head> {
    let length = end - start;
    let key = key::<A>(path, start, end);
    let place = head.base as usize + key.place(length, head.seed, head.shift);
    let slot: &Slot = A::element(&table.slots, place);
    if slot.matches(key, length) && (length <= 16 || table.is_literal(place, &path[start..end])) {
        return Some(&slot.head);
    }
    if head.flags & PROBED != 0 {
        return table
            .probe(head, place, key, &path[start..end])
            .map(|slot| &slot.head);
    }
    None
}

#[inline(always)]
fn key<A: Access>(path: &[u8], start: usize, end: usize) -> Key {
    let length = end - start;
    if length > 8 {
        return Key {
            first: A::octets(path, start),
            last: A::octets(path, end - 8),
        };
    }
    let word = if start + 8 <= path.len() {
        A::octets(path, start)
    } else if path.len() >= 8 {
        A::octets(path, path.len() - 8) >> ((8 * (start + 8 - path.len())) & 63)
    } else {
        A::short(path) >> ((8 * start) & 63)
    };
    Key {
        first: word & MASKS[length],
        last: 0,
    }
}

/// The first octets of a word.
static MASKS: [u64; 9] = [
    0,
    0xff,
    0xffff,
    0xff_ffff,
    0xffff_ffff,
    0xff_ffff_ffff,
    0xffff_ffff_ffff,
    0xff_ffff_ffff_ffff,
    u64::MAX,
];

#[inline(always)]
fn span(start: usize, end: usize) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
    }
}

#[cold]
#[inline(never)]
fn slow(mut walk: Walk<'_>, node: u32, start: usize) -> Option<LeafId> {
    walk.enter(node, start)
}
