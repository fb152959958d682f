//! What an answer must be.

use std::io;

use bytes::{Buf, Bytes};

/// The content that an answer must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// These octets.
    Exactly(Bytes),
    /// So many `x`.
    Filled(usize),
}

/// An answer while it arrives.
#[derive(Debug)]
pub struct Answer<'a> {
    expected: &'a Expected,
    received: usize,
}

impl<'a> Answer<'a> {
    /// Nothing of it has come.
    pub fn new(expected: &'a Expected) -> Answer<'a> {
        Answer {
            expected,
            received: 0,
        }
    }

    /// Checks the next piece.
    pub fn piece(&mut self, piece: &Bytes) -> io::Result<()> {
        let end = self.received + piece.remaining();
        let right = match self.expected {
            Expected::Exactly(octets) => octets.get(self.received..end) == Some(&piece[..]),
            Expected::Filled(octets) => end <= *octets && filled(piece),
        };
        self.received = end;
        if right {
            Ok(())
        } else {
            Err(wrong("content differs"))
        }
    }

    /// Checks that nothing is missing.
    pub fn end(&self) -> io::Result<()> {
        let expected = match self.expected {
            Expected::Exactly(octets) => octets.len(),
            Expected::Filled(octets) => *octets,
        };
        if self.received == expected {
            Ok(())
        } else {
            Err(wrong(&format!("{} of {expected} octets", self.received)))
        }
    }
}

/// Whether each octet is an `x`: first against itself moved by one, which is one fast comparison.
fn filled(piece: &[u8]) -> bool {
    piece
        .first()
        .is_none_or(|first| *first == b'x' && piece[1..] == piece[..piece.len() - 1])
}

/// An answer that is not what the workload expects.
pub(super) fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("wrong answer: {what}"))
}
