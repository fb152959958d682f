//! One pass over a path for all that is asked about it: whether it may be unclean, whether it has escapes, and where its segments end.

use super::search::Access;

/// How the path and the table are read.
#[cfg(not(feature = "safe"))]
pub(super) type Reading = super::fast::Unchecked;
#[cfg(feature = "safe")]
pub(super) type Reading = super::checked::Checked;

/// What was seen in one path, to be told to each lookup of that path: two words, so that it is handed on in registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scan {
    /// A bit for each slash, and one for the end. None of a path of more than [`SHORT`] octets: of that nothing was seen, and each
    /// question reads it.
    ends: u64,
    escaped: bool,
    suspicious: bool,
}

/// As many octets as a word has bits, and one for the end.
const SHORT: usize = 63;

impl Scan {
    /// Whether anything is seen in a path of this length.
    #[inline(always)]
    pub(crate) fn is_short(path: &[u8]) -> bool {
        path.len() <= SHORT
    }

    #[inline(always)]
    pub(crate) fn of(path: &[u8]) -> Self {
        Self::by::<Reading>(path)
    }

    #[inline(always)]
    pub(super) fn by<A: Access>(path: &[u8]) -> Self {
        if !Self::is_short(path) {
            return Self {
                ends: 0,
                escaped: false,
                suspicious: false,
            };
        }
        if let [octet] = path {
            // The root, most often.
            return Self {
                ends: u64::from(*octet == b'/') | 2,
                escaped: *octet == b'%',
                suspicious: false,
            };
        }
        let marks = A::marks(path);
        Self {
            ends: marks.slashes | 1 << path.len(),
            escaped: marks.escaped,
            suspicious: marks.slashes & (marks.slashes | marks.dots) >> 1 != 0,
        }
    }

    /// Where the segments of a short path end, and whether there is a `%`.
    #[inline(always)]
    pub(super) fn short(self) -> Option<(u64, bool)> {
        (self.ends != 0).then_some((self.ends, self.escaped))
    }

    /// Whether there is a `%`.
    #[inline(always)]
    pub(crate) fn has_escape(self, path: &[u8]) -> bool {
        match self.short() {
            Some((_, escaped)) => escaped,
            None => path.contains(&b'%'),
        }
    }

    /// Whether a slash is followed by another, or by a dot: rare, and the dot most often innocent.
    #[inline(always)]
    pub(crate) fn is_suspicious(self, path: &[u8]) -> bool {
        self.suspicious || self.ends == 0 && long_is_suspicious(path)
    }
}

#[inline(never)]
fn long_is_suspicious(path: &[u8]) -> bool {
    // Each piece begins with the last octet of the one before.
    let pieces = (0..path.len()).step_by(SHORT - 1);
    let mut pieces = pieces.map(|at| &path[at..path.len().min(at + SHORT)]);
    pieces.any(|piece| Scan::of(piece).suspicious)
}
