//! One pass over a path for all that is asked about it: whether it may be unclean, whether it has escapes, and where its segments end.

use super::search::{Access, Marks};

/// How the path and the table are read.
#[cfg(not(feature = "safe"))]
pub(super) type Reading = super::fast::Unchecked;
#[cfg(feature = "safe")]
pub(super) type Reading = super::checked::Checked;

/// What was seen in one path, to be told to each lookup of that path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scan {
    /// In at most [`SHORT`] octets.
    Short(Marks),
    /// Nothing yet: there are more, and each question reads them.
    Long,
}

/// As many octets as a word has bits, and one for the end.
const SHORT: usize = 63;

impl Scan {
    #[inline(always)]
    pub(crate) fn of(path: &[u8]) -> Self {
        Self::by::<Reading>(path)
    }

    #[inline(always)]
    pub(super) fn by<A: Access>(path: &[u8]) -> Self {
        match path.len() {
            0..=SHORT => Self::Short(A::marks(path)),
            _ => Self::Long,
        }
    }

    /// Whether there is a `%`.
    #[inline(always)]
    pub(crate) fn has_escape(self, path: &[u8]) -> bool {
        match self {
            Self::Short(marks) => marks.escaped,
            Self::Long => path.contains(&b'%'),
        }
    }

    /// Whether a slash is followed by another, or by a dot: rare, and the dot most often innocent.
    #[inline(always)]
    pub(crate) fn is_suspicious(self, path: &[u8]) -> bool {
        match self {
            Self::Short(marks) => marks.slashes & (marks.slashes | marks.dots) >> 1 != 0,
            Self::Long => long_is_suspicious(path),
        }
    }
}

#[inline(never)]
fn long_is_suspicious(path: &[u8]) -> bool {
    // Each piece begins with the last octet of the one before.
    let pieces = (0..path.len()).step_by(SHORT - 1);
    let mut pieces = pieces.map(|at| &path[at..path.len().min(at + SHORT)]);
    pieces.any(|piece| Scan::of(piece).is_suspicious(piece))
}
