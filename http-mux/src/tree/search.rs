//! The lookup in the [table](super::table): one pass over the path for its slashes, then one probe a segment.
//!
//! It is written once, over what it reads by: [`Checked`] indexes as everyone does; [`Unchecked`](super::fast::Unchecked) does not check what
//! the table and the slashes guarantee.

use super::build::{LeafId, Nodes};
use super::captures::{Captures, INLINE, Span};
use super::table::{Head, Key, LITERALS, NO_HEAD, NONE, PROBED, REST, SLOW, Slot, Table, WILD};
use super::walk::Walk;

/// How a lookup reads the path and the table.
pub(crate) trait Access {
    /// The eight octets from `at` on, little-endian. They are within the path.
    fn octets(path: &[u8], at: usize) -> u64;
    /// An element that is there.
    fn element<T>(slice: &[T], at: usize) -> &T;
    /// The places of the slashes in a path of at most 63 octets, and whether there is a `%`.
    fn marks(path: &[u8]) -> (u64, bool);
}

/// Where segments end.
pub(crate) trait Ends: Copy {
    /// The end of the segment that begins at `start`.
    fn end(self, path: &[u8], start: usize) -> usize;
}

/// Bits of the slashes, and one at the end of the path.
#[derive(Clone, Copy)]
pub(crate) struct Marks(pub(crate) u64);

impl Ends for Marks {
    #[inline(always)]
    fn end(self, _: &[u8], start: usize) -> usize {
        // A start is never behind the end, which has a bit.
        start + (self.0 >> (start & 63)).trailing_zeros() as usize
    }
}

/// Looks for each slash when it comes to it: for paths longer than [`Marks`] have bits.
#[derive(Clone, Copy)]
pub(crate) struct Scan;

impl Ends for Scan {
    fn end(self, path: &[u8], start: usize) -> usize {
        let rest = path.get(start..).unwrap_or(&[]);
        let words = rest.chunks_exact(8);
        let tail = words.remainder();
        for (at, word) in words.enumerate() {
            let found = equal(word.try_into().map_or(0, u64::from_le_bytes), b'/');
            if found != 0 {
                return start + at * 8 + (found.trailing_zeros() / 8) as usize;
            }
        }
        let slash = tail.iter().position(|&octet| octet == b'/');
        path.len() - tail.len() + slash.unwrap_or(tail.len())
    }
}

/// What a lookup comes to.
pub(crate) enum Found {
    Leaf(LeafId),
    Nothing,
    /// More than fits here: the walk over the nodes does all of it.
    TooMuch,
}

/// A place to go back to: the wild child or the rest of a node that was left by another child.
#[derive(Clone, Copy)]
struct Alternative(u64);

impl Alternative {
    /// What is left at this place is of these kinds.
    #[inline(always)]
    fn new(head: &Head, start: usize, spans: usize, kinds: u8) -> Self {
        let flags = u64::from(head.flags & kinds);
        Self(u64::from(head.wild) << 32 | (start as u64) << 16 | (spans as u64) << 8 | flags)
    }

    #[inline(always)]
    fn restore(self) -> (Head, usize, usize) {
        let (wild, flags) = ((self.0 >> 32) as u32, self.0 as u8);
        let head = Head {
            wild,
            flags,
            ..NO_HEAD
        };
        (
            head,
            (self.0 >> 16) as usize & LONGEST,
            (self.0 >> 8) as usize & 0xff,
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
        let mut head: Head = *A::element(&table.heads, 0);
        loop {
            let end = ends.end(path, start);
            let length = end - start;
            let child: Option<&Head> = 'child: {
                if head.flags & LITERALS != 0 {
                    if let Some(child) = literal::<A>(table, &head, path, start, end) {
                        if head.flags & (WILD | REST) != 0 {
                            if depth == DEPTH {
                                return Found::TooMuch;
                            }
                            alternatives[depth] =
                                Alternative::new(&head, start, count, WILD | REST);
                            depth += 1;
                        }
                        break 'child Some(child);
                    }
                }
                if head.flags & WILD != 0 && (length > 0 || (empty && end < path.len())) {
                    if head.flags & REST != 0 {
                        if depth == DEPTH {
                            return Found::TooMuch;
                        }
                        alternatives[depth] = Alternative::new(&head, start, count, REST);
                        depth += 1;
                    }
                    captures.inline[count % INLINE] = span(start, end);
                    count += 1;
                    break 'child Some(A::element(&table.heads, head.wild as usize));
                }
                if head.flags & REST != 0 {
                    let rest: &Head = A::element(&table.heads, head.wild as usize + 1);
                    if let Some(before) = rest.rest_value() {
                        captures.inline[count % INLINE] = span(start - before, path.len());
                        count += 1;
                    }
                    captures.len = count;
                    return Found::Leaf(rest.leaf);
                }
                if head.flags & SLOW != 0 {
                    captures.len = count;
                    let walk = Walk {
                        nodes,
                        path,
                        escaped: false,
                        empty,
                        captures: &mut *captures,
                    };
                    if let Some(leaf) = slow(walk, head.base, start) {
                        return Found::Leaf(leaf);
                    }
                }
                None
            };
            if let Some(child) = child {
                if end < path.len() {
                    head = *child;
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
            (head, start, count) = alternatives[depth].restore();
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
        A::octets(path, path.len() - 8) >> (8 * (start + 8 - path.len()) & 63)
    } else {
        short(path) >> (8 * start & 63)
    };
    Key {
        first: word & MASKS[length],
        last: 0,
    }
}

/// The octets of a path shorter than eight.
#[cold]
fn short(path: &[u8]) -> u64 {
    path.iter()
        .rev()
        .fold(0, |word, &octet| word << 8 | u64::from(octet))
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

/// Reads as everyone does.
pub(crate) struct Checked;

impl Access for Checked {
    #[inline(always)]
    fn octets(path: &[u8], at: usize) -> u64 {
        path[at..at + 8].try_into().map_or(0, u64::from_le_bytes)
    }

    #[inline(always)]
    fn element<T>(slice: &[T], at: usize) -> &T {
        &slice[at]
    }

    #[inline(always)]
    fn marks(path: &[u8]) -> (u64, bool) {
        let (mut slashes, mut escapes, mut at) = (0, 0, 0);
        let words = path.chunks_exact(8);
        let tail = short(words.remainder());
        for word in words {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            slashes |= gather(equal(word, b'/')) << at;
            escapes |= equal(word, b'%');
            at += 8;
        }
        slashes |= gather(equal(tail, b'/')) << (at & 63);
        (slashes, escapes | equal(tail, b'%') != 0)
    }
}

const ONES: u64 = u64::MAX / 0xff;

/// The highest bit of each octet that is `octet`.
#[inline(always)]
fn equal(word: u64, octet: u8) -> u64 {
    let zero = word ^ (ONES * u64::from(octet));
    let low = ONES * 0x7f;
    !(((zero & low) + low) | zero | low)
}

/// The highest bits of the octets, side by side.
#[inline(always)]
fn gather(bits: u64) -> u64 {
    (bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
