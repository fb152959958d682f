//! Where a path's leaf is: the nodes as they are built, and the table made of them.

use std::sync::OnceLock;

use super::build::{LeafId, Nodes};
use super::captures::{Captures, INLINE};
use super::route::Route;
use super::scan::{Reading, Scan};
use super::search::{Access, Ends, Found, LONGEST, Search, Short, Wide};
use super::table::Table;
use super::walk::Walk;

/// Leaves by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub(crate) nodes: Nodes,
    /// The nodes as they are looked up: made at the first lookup after a change.
    table: OnceLock<Table>,
    /// A value may be empty where more of the path follows.
    pub(crate) empty_values: bool,
    /// A route has more values than a table's lookup keeps.
    many_values: bool,
}

impl Index {
    pub(crate) fn insert(&mut self, route: &Route, leaf: LeafId) -> Result<(), LeafId> {
        self.nodes.insert(route.segments(), leaf)?;
        self.table = OnceLock::new();
        self.many_values |= route.names().len() > INLINE;
        Ok(())
    }

    /// The leaf of a path. With `DECODE`, its segments are percent-decoded before they are compared.
    #[inline(always)]
    pub(crate) fn find<const DECODE: bool>(
        &self,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<LeafId> {
        self.find_by::<Reading, DECODE>(path, scan, captures)
    }

    /// `scan` is of this path.
    #[inline(always)]
    pub(super) fn find_by<A: Access, const DECODE: bool>(
        &self,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<LeafId> {
        if path.first() != Some(&b'/') {
            return None;
        }
        let Some((ends, escaped)) = scan.short() else {
            return self.find_long::<A>(path, DECODE, captures);
        };
        captures.plain = !escaped;
        if DECODE && escaped {
            return self.walk(path, true, captures);
        }
        self.search::<A, _>(path, Short(ends), captures)
    }

    /// Longer than the bits of one word.
    #[inline(never)]
    fn find_long<A: Access>(
        &self,
        path: &[u8],
        decode: bool,
        captures: &mut Captures,
    ) -> Option<LeafId> {
        captures.plain = false;
        let mut words = [0; LONG / 64];
        if path.len() > LONG {
            return self.walk(path, decode && path.contains(&b'%'), captures);
        }
        for (word, octets) in words.iter_mut().zip(path.chunks(64)) {
            let marks = A::marks(octets);
            if decode && marks.escaped {
                return self.walk(path, true, captures);
            }
            *word = marks.slashes;
        }
        captures.plain = decode;
        self.search::<A, _>(path, Wide(&words), captures)
    }

    #[inline(always)]
    fn search<A: Access, E: Ends>(
        &self,
        path: &[u8],
        ends: E,
        captures: &mut Captures,
    ) -> Option<LeafId> {
        let Some(table) = self.table() else {
            return self.walk(path, false, captures);
        };
        let search = Search {
            table,
            nodes: &self.nodes,
            path,
            empty: self.empty_values,
            captures: &mut *captures,
        };
        match search.run::<A, E>(ends) {
            Found::Leaf(leaf) => Some(leaf),
            Found::Nothing => None,
            Found::TooMuch => self.walk(path, false, captures),
        }
    }

    #[inline(always)]
    fn table(&self) -> Option<&Table> {
        match self.table.get() {
            Some(table) => Some(table),
            None => self.build(),
        }
    }

    #[cold]
    fn build(&self) -> Option<&Table> {
        (!self.many_values).then(|| self.table.get_or_init(|| Table::build(&self.nodes)))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn walk(
        &self,
        path: &[u8],
        escaped: bool,
        captures: &mut Captures,
    ) -> Option<LeafId> {
        if u32::try_from(path.len()).is_err() {
            return None;
        }
        let walk = Walk {
            nodes: &self.nodes,
            path,
            escaped,
            empty: self.empty_values,
            captures,
        };
        walk.run()
    }
}

/// The longest path for the table; longer ones are rare, and walk over the nodes.
const LONG: usize = 1024;
const _: () = assert!(LONG <= LONGEST);
