//! Patterns with values: what a mux looks a request up in, apart from HTTP's messages.
//!
//! ```text
//! host ── method ── tree          a host before no host; the method itself, GET for HEAD, then no method
//! ```
//!
//! Taking the first match in that order is right, because of two patterns that match the same request one is more specific in
//! everything: others are refused when they are registered.

use std::collections::{BTreeSet, HashMap};
use std::panic::Location;

use http::Method;

use super::conflict::Index;
use super::error::PatternError;
use super::pattern::Pattern;
use super::specificity::compare;
use crate::methods::MethodMap;
use crate::tree::{Captures, Leaf, Occupied, Scan, Segment, Tree};

/// Index of a registered pattern.
pub(crate) type EntryId = u32;

/// What a tree knows of a pattern.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryRef {
    pub(crate) id: EntryId,
    /// It ends with a rest: what matches may be below its own path.
    has_rest: bool,
}

/// Registered patterns with their values.
#[derive(Debug, Clone)]
pub(crate) struct Table<T> {
    entries: Vec<Entry<T>>,
    any_host: HostTable,
    hosts: HashMap<Box<str>, HostTable>,
}

/// One registered pattern.
#[derive(Debug, Clone)]
pub(crate) struct Entry<T> {
    pub(crate) pattern: Pattern,
    pub(crate) location: &'static Location<'static>,
    pub(crate) value: T,
}

#[derive(Debug, Default, Clone)]
struct HostTable {
    methods: MethodMap<Tree<EntryRef>>,
    any_method: Tree<EntryRef>,
    index: Index,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            any_host: HostTable::default(),
            hosts: HashMap::new(),
        }
    }
}

impl<T> Table<T> {
    /// Adds a pattern, unless it conflicts with one that is there.
    pub(crate) fn insert(
        &mut self,
        pattern: Pattern,
        location: &'static Location<'static>,
        value: T,
    ) -> Result<EntryId, PatternError> {
        self.check(&pattern, location)?;
        let id = EntryId::try_from(self.entries.len()).expect("fewer than 2^32 patterns");
        let host = match pattern.host() {
            Some(host) => self.hosts.entry(host.into()).or_default(),
            None => &mut self.any_host,
        };
        let tree = match pattern.method() {
            Some(method) => host.methods.get_or_default(method),
            None => &mut host.any_method,
        };
        let has_rest = matches!(pattern.segments().last(), Some(Segment::Rest(_)));
        let leaf = EntryRef { id, has_rest };
        if let Err(Occupied { .. }) = tree.insert(pattern.route().clone(), leaf) {
            return Err(PatternError::misplaced(
                pattern.as_str(),
                "is there already",
            ));
        }
        host.index.insert(pattern.segments(), id);
        self.entries.push(Entry {
            pattern,
            location,
            value,
        });
        Ok(id)
    }

    fn check(
        &self,
        pattern: &Pattern,
        location: &'static Location<'static>,
    ) -> Result<(), PatternError> {
        let host = match pattern.host() {
            Some(host) => self.hosts.get(host),
            None => Some(&self.any_host),
        };
        let candidates = host.map_or(Vec::new(), |host| host.index.candidates(pattern.segments()));
        let entries = candidates.iter().map(|&id| self.entry(id));
        match entries
            .into_iter()
            .find(|entry| compare(pattern, &entry.pattern).is_conflict())
        {
            None => Ok(()),
            Some(other) => {
                let other = (&other.pattern, other.location);
                Err(PatternError::conflict((pattern, location), other))
            }
        }
    }

    pub(crate) fn entry(&self, id: EntryId) -> &Entry<T> {
        &self.entries[id as usize]
    }

    pub(crate) fn entry_mut(&mut self, id: EntryId) -> &mut Entry<T> {
        &mut self.entries[id as usize]
    }

    pub(crate) fn entries(&self) -> &[Entry<T>] {
        &self.entries
    }

    /// The most specific pattern for the request. `host` is folded already, `scan` is of the path.
    pub(crate) fn find(
        &self,
        host: &str,
        method: &Method,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<&Leaf<EntryRef>> {
        if let Some(host) = self.hosts.get(host) {
            if let Some(leaf) = host.find(method, path, scan, captures) {
                return Some(leaf);
            }
        }
        self.find_any_host(method, path, scan, captures)
    }

    /// The most specific pattern without a host.
    #[inline(always)]
    pub(crate) fn find_any_host(
        &self,
        method: &Method,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<&Leaf<EntryRef>> {
        self.any_host.find(method, path, scan, captures)
    }

    pub(crate) fn has_hosts(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// The methods for which `path`, or `path` with a slash behind it, has a pattern: what a 405 allows.
    pub(crate) fn methods(&self, host: &str, path: &str) -> BTreeSet<String> {
        let mut methods = BTreeSet::new();
        let slashed = (!path.ends_with('/')).then(|| format!("{path}/"));
        for path in [Some(path), slashed.as_deref()].into_iter().flatten() {
            for table in [self.hosts.get(host), Some(&self.any_host)]
                .into_iter()
                .flatten()
            {
                table.methods(path, &mut methods);
            }
        }
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        methods
    }
}

impl HostTable {
    #[inline(always)]
    fn find(
        &self,
        method: &Method,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<&Leaf<EntryRef>> {
        if let Some(tree) = self.methods.get(method) {
            if let Some(leaf) = tree.find_scanned::<true>(path, scan, captures) {
                return Some(leaf);
            }
        }
        self.find_beside(method, path, scan, captures)
    }

    /// The method itself has no pattern for the path.
    #[inline(never)]
    fn find_beside(
        &self,
        method: &Method,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<&Leaf<EntryRef>> {
        let get = (*method == Method::HEAD).then(|| self.methods.get(&Method::GET));
        let mut trees = get.flatten().into_iter().chain([&self.any_method]);
        trees.find_map(|tree| tree.find_scanned::<true>(path, scan, captures))
    }

    fn methods(&self, path: &str, methods: &mut BTreeSet<String>) {
        let mut captures = Captures::new();
        for (method, tree) in self.methods.iter() {
            if tree.find_escaped(path, &mut captures).is_some() {
                methods.insert(method.as_str().to_owned());
            }
        }
    }
}

/// Whether a match is of the path itself and not of a subtree around it: a rest at the pattern's end took nothing.
#[inline(always)]
pub(crate) fn is_exact(leaf: &Leaf<EntryRef>, path: &[u8]) -> bool {
    !leaf.value.has_rest || is_empty_rest(leaf.route.segments(), path)
}

fn is_empty_rest(segments: &[Segment], path: &[u8]) -> bool {
    let slashes = path.iter().filter(|&&octet| octet == b'/').count();
    path.ends_with(b"/") && slashes == segments.len()
}
