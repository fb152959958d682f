//! Finding the end of a head that arrives in pieces, looking at each octet once.

use crate::leniency::Leniency;

/// How far a head has been looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scan {
    /// Octets that hold no line end still to be found.
    at: usize,
    /// Where the current line starts.
    line_start: usize,
    /// Lines complete so far.
    lines: usize,
}

/// What a scan found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The empty line ends just before this place.
    End(usize),
    /// No end so far.
    Nothing,
    /// A CR or LF where none may be.
    Offence(usize),
}

impl Scan {
    /// Whether nothing was looked at.
    pub(crate) const fn is_fresh(&self) -> bool {
        self.at == 0
    }

    /// Lines complete so far.
    pub(crate) const fn lines(&self) -> usize {
        self.lines
    }

    /// Octets of the current line so far.
    pub(crate) const fn line_length(&self) -> usize {
        self.at - self.line_start
    }

    /// Looks at what is new in `octets`.
    #[inline]
    pub(crate) fn advance(&mut self, octets: &[u8], leniency: Leniency) -> Found {
        // One octet more, which ends nothing: the head that drips in.
        if self.at + 1 == octets.len() && octets[self.at] > b'\r' {
            self.at += 1;
            return Found::Nothing;
        }
        self.lines_of(octets, leniency)
    }

    fn lines_of(&mut self, octets: &[u8], leniency: Leniency) -> Found {
        while let Some(found) = self.line_end(octets) {
            let end = self.at + found;
            let next = match (octets[end], octets.get(end + 1)) {
                (b'\r', Some(b'\n')) => end + 2,
                (b'\r', None) => {
                    self.at = end;
                    return Found::Nothing;
                }
                (b'\n', _) if leniency.bare_lf => end + 1,
                _ => return Found::Offence(end),
            };
            if end == self.line_start {
                return Found::End(next);
            }
            self.lines += 1;
            self.line_start = next;
            self.at = next;
        }
        self.at = octets.len();
        Found::Nothing
    }

    fn line_end(&self, octets: &[u8]) -> Option<usize> {
        memchr::memchr2(b'\r', b'\n', octets.get(self.at..)?)
    }
}
