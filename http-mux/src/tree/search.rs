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

/// A place to go back to.
#[derive(Clone, Copy, Default)]
struct Alternative {
    /// What is left to try there.
    head: u32,
    /// Where the segment begins.
    start: u16,
    /// The number of spans before it.
    spans: u16,
}

/// The places to go back to, the latest on top.
#[derive(Default)]
struct Alternatives {
    places: [Alternative; DEPTH],
    depth: usize,
}

/// How many of them are kept.
const DEPTH: usize = 8;

impl Alternatives {
    /// `false`: there is no room for one more.
    #[inline(always)]
    fn push(&mut self, head: usize, start: usize, spans: usize) -> bool {
        let Some(place) = self.places.get_mut(self.depth) else {
            return false;
        };
        // A table has fewer than 2^32 heads; a path is at most `LONGEST`, and has no more spans than octets.
        *place = Alternative {
            head: head as u32,
            start: start as u16,
            spans: spans as u16,
        };
        self.depth += 1;
        true
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<Alternative> {
        self.depth = self.depth.checked_sub(1)?;
        self.places.get(self.depth).copied()
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
    pub(crate) fn run<A: Access, E: Ends>(mut self, ends: E) -> Found {
        let (table, path) = (self.table, self.path);
        let mut alternatives = Alternatives::default();
        let (mut start, mut count) = (1, 0);
        let mut head: &Head = A::element(&table.heads, 0);
        loop {
            let end = ends.end(path, start);
            let child: Option<&Head> = 'child: {
                if head.flags & LITERALS != 0 {
                    if let Some(child) = literal::<A>(table, head, path, start, end) {
                        let left = head.wild as usize + AFTER_LITERAL;
                        if head.flags & (WILD | REST) != 0 && !alternatives.push(left, start, count)
                        {
                            return Found::TooMuch;
                        }
                        break 'child Some(child);
                    }
                }
                if head.flags & WILD != 0 && (start < end || (self.empty && end < path.len())) {
                    let left = head.wild as usize + AFTER_WILD;
                    if head.flags & REST != 0 && !alternatives.push(left, start, count) {
                        return Found::TooMuch;
                    }
                    self.captures.inline[count % INLINE] = span(start, end);
                    count += 1;
                    break 'child Some(A::element(&table.heads, head.wild as usize));
                }
                if head.flags & REST != 0 {
                    let rest: &Head = A::element(&table.heads, head.wild as usize + THE_REST);
                    if let Some(before) = rest.rest_value() {
                        self.captures.inline[count % INLINE] = span(start - before, path.len());
                        count += 1;
                    }
                    self.captures.len = count;
                    return Found::Leaf(rest.leaf);
                }
                if head.flags & SLOW != 0 {
                    self.captures.len = count;
                    let walk = self.walk();
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
                    self.captures.len = count;
                    return Found::Leaf(child.leaf);
                }
            }
            // Back to the last place where something else was left to try.
            let Some(place) = alternatives.pop() else {
                return Found::Nothing;
            };
            (start, count) = (usize::from(place.start), usize::from(place.spans));
            head = A::element(&table.heads, place.head as usize);
        }
    }

    /// The way over the nodes, with what has been captured so far.
    fn walk(&mut self) -> Walk<'_> {
        Walk {
            nodes: self.nodes,
            path: self.path,
            escaped: false,
            empty: self.empty,
            captures: self.captures,
        }
    }
}

/// The literal child that the segment is: told by one probe, unless it is long or there are many.
#[inline(always)]
fn literal<'t, A: Access>(
    table: &'t Table,
    head: &Head,
    path: &[u8],
    start: usize,
    end: usize,
) -> Option<&'t Head> {
    let length = end - start;
    if length > 8 {
        return long_literal::<A>(table, head, path, start, end);
    }
    let key = Key {
        first: word::<A>(path, start, length),
        last: 0,
    };
    let place = head.base as usize + key.place(length, head.seed, head.shift);
    let slot: &Slot = A::element(&table.slots, place);
    if slot.key.first == key.first && usize::from(slot.head.length) == length {
        return Some(&slot.head);
    }
    if head.flags & PROBED != 0 {
        return probe(table, head, place, key, &path[start..end]);
    }
    None
}

/// Of more than eight octets.
#[inline(never)]
fn long_literal<'t, A: Access>(
    table: &'t Table,
    head: &Head,
    path: &[u8],
    start: usize,
    end: usize,
) -> Option<&'t Head> {
    let segment = &path[start..end];
    let key = Key {
        first: A::octets(path, start),
        last: A::octets(path, end - 8),
    };
    let place = head.base as usize + key.place(segment.len(), head.seed, head.shift);
    let slot: &Slot = A::element(&table.slots, place);
    if slot.matches(key, segment.len()) && (segment.len() <= 16 || table.is_literal(place, segment))
    {
        return Some(&slot.head);
    }
    if head.flags & PROBED != 0 {
        return probe(table, head, place, key, segment);
    }
    None
}

#[cold]
fn probe<'t>(
    table: &'t Table,
    head: &Head,
    place: usize,
    key: Key,
    segment: &[u8],
) -> Option<&'t Head> {
    let slot = table.probe(head, place, key, segment)?;
    Some(&slot.head)
}

/// The octets of a segment of at most eight, little-endian, and zeros.
#[inline(always)]
fn word<A: Access>(path: &[u8], start: usize, length: usize) -> u64 {
    if length == 0 {
        return 0;
    }
    let word = if start + 8 <= path.len() {
        A::octets(path, start)
    } else if path.len() >= 8 {
        A::octets(path, path.len() - 8) >> ((8 * (start + 8 - path.len())) & 63)
    } else {
        word_of_few::<A>(path, start)
    };
    word & MASKS[length]
}

/// Apart, for what it reads by would be got ready for all paths.
#[inline(never)]
fn word_of_few<A: Access>(path: &[u8], start: usize) -> u64 {
    A::short(path) >> ((8 * start) & 63)
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
