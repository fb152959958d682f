//! Octets on their way out: heads and small content in one run of memory, large content by reference.
//!
//! ```text
//! octets   HTTP/1.1 200 OK ... CRLF CRLF | 4000 CRLF |           | CRLF 0 CRLF CRLF
//! marks                                        ^ content: Bytes
//! ```
//!
//! Nearly every answer is small, has no mark, and leaves in one `write`. A mark says: at this place of the run, that content
//! comes; the pieces then leave in one `writev`.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

use crate::digits::chunk_line;
use crate::output::Output;
use crate::run::Run;

/// What a run may keep when it is empty: enough for as much as a server lets wait. A connection that idles gives it
/// back ([`release`](WriteBuf::release)); giving it back after each answer of some KiB cost an eighth of the answer.
const KEPT: usize = 64 * 1024;

/// A queue of octets to write.
#[derive(Debug, Default)]
pub struct WriteBuf {
    /// The run of copied octets; those before `start` are written.
    run: Run,
    start: usize,
    /// Content by reference, each with the place in `run` that it comes before.
    marks: VecDeque<(usize, Bytes)>,
    /// The octets in `marks`.
    marked: usize,
}

impl WriteBuf {
    /// Content of at least this many octets is queued by reference; below it, copying is cheaper than a vectored write.
    pub const BY_REFERENCE: usize = 8 * 1024;

    /// An empty buffer; nothing is allocated.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many octets wait to be written.
    pub fn len(&self) -> usize {
        self.run.len() - self.start + self.marked
    }

    /// Whether nothing waits to be written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next octets to write, when they are one piece.
    pub fn front(&self) -> Option<&[u8]> {
        self.marks
            .is_empty()
            .then(|| &self.run.octets()[self.start..])
    }

    /// Fills `slices` with what comes next, in order, and says how many it filled.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let run = self.run.octets();
        let mut filled = 0;
        let mut from = self.start;
        for (place, content) in &self.marks {
            for piece in [&run[from..*place], content] {
                if !piece.is_empty() {
                    if filled == slices.len() {
                        return filled;
                    }
                    slices[filled] = IoSlice::new(piece);
                    filled += 1;
                }
            }
            from = *place;
        }
        if from < run.len() && filled < slices.len() {
            slices[filled] = IoSlice::new(&run[from..]);
            filled += 1;
        }
        filled
    }

    /// Takes `written` octets from the front.
    ///
    /// # Panics
    ///
    /// If that is more than [`len`](Self::len).
    #[inline]
    pub fn advance(&mut self, written: usize) {
        if self.marks.is_empty() && written == self.run.len() - self.start {
            return self.empty();
        }
        self.advance_in_part(written);
    }

    #[inline(never)]
    fn advance_in_part(&mut self, mut written: usize) {
        assert!(
            written <= self.len(),
            "advanced past the end: {written} of {}",
            self.len()
        );
        while let Some((place, content)) = self.marks.front_mut() {
            let before = *place - self.start;
            if written < before {
                break;
            }
            self.start = *place;
            written -= before;
            let taken = written.min(content.len());
            content.advance(taken);
            self.marked -= taken;
            written -= taken;
            if !content.is_empty() {
                return self.compact();
            }
            self.marks.pop_front();
        }
        self.start += written;
        if self.is_empty() {
            return self.empty();
        }
        self.compact();
    }

    /// Everything is written: the usual end of a flush.
    #[inline]
    fn empty(&mut self) {
        self.run.clear();
        self.start = 0;
        if self.run.capacity() > KEPT {
            self.run = Run::default();
        }
    }

    /// Forgets what is written, once it is most of the run: a reader that is always behind never empties it.
    #[inline]
    fn compact(&mut self) {
        if self.start >= KEPT && self.start >= self.run.len() / 2 {
            self.forget_written();
        }
    }

    #[cold]
    fn forget_written(&mut self) {
        self.run.forget(self.start);
        for (place, _) in &mut self.marks {
            *place -= self.start;
        }
        self.start = 0;
    }

    /// Gives the memory back, if nothing waits to be written.
    pub fn release(&mut self) {
        if self.is_empty() {
            *self = Self::new();
        }
    }

    /// Queues content by reference.
    #[inline(never)]
    fn mark(&mut self, content: Bytes) {
        self.marked += content.len();
        self.marks.push_back((self.run.len(), content));
    }

    #[inline(never)]
    fn put_large_chunk(&mut self, content: Bytes) {
        let (line, length) = chunk_line(content.len());
        self.put(&line[..length]);
        self.mark(content);
        self.put(b"\r\n");
    }
}

impl Output for WriteBuf {
    #[inline]
    fn put(&mut self, octets: &[u8]) {
        self.run.put(octets);
    }

    #[inline(always)]
    fn put_parts<const N: usize>(&mut self, parts: [&[u8]; N]) {
        self.run.put_parts(parts);
    }

    #[inline(always)]
    fn put_padded<const N: usize>(
        &mut self,
        before: &[u8],
        padded: &[u8; N],
        length: usize,
        after: &[u8],
    ) {
        self.run.put_padded(before, padded, length, after);
    }

    #[inline(always)]
    fn put_content(&mut self, content: Bytes) {
        if content.len() < Self::BY_REFERENCE {
            self.run.put_parts([&content]);
        } else {
            self.mark(content);
        }
    }

    /// The usual chunk is small: its octets in one go.
    #[inline(always)]
    fn put_chunk(&mut self, content: Bytes) {
        match u16::try_from(content.len()) {
            Ok(size) if content.len() < Self::BY_REFERENCE => self.run.put_chunk(size, &content),
            _ => self.put_large_chunk(content),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_REFERENCE: usize = WriteBuf::BY_REFERENCE;

    fn sample() -> (WriteBuf, Vec<u8>) {
        let large = Bytes::from(vec![b'x'; BY_REFERENCE]);
        let mut buf = WriteBuf::new();
        buf.put(b"head");
        buf.put_content(large.clone());
        buf.put_content(large.clone());
        buf.put(b"tail");
        let whole = [b"head", &large[..], &large[..], b"tail"].concat();
        (buf, whole)
    }

    fn flatten(buf: &WriteBuf) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 8];
        let filled = buf.slices(&mut slices);
        slices[..filled]
            .iter()
            .flat_map(|slice| slice.to_vec())
            .collect()
    }

    #[test]
    fn pieces_leave_in_the_order_they_were_put() {
        let (buf, whole) = sample();
        assert_eq!(buf.len(), whole.len());
        assert_eq!(flatten(&buf), whole);
    }

    #[test]
    fn advancing_stops_anywhere() {
        let (_, whole) = sample();
        for cut in (0..=whole.len())
            .step_by(7)
            .chain([1, 4, 5, 4 + BY_REFERENCE, whole.len()])
        {
            let (mut buf, _) = sample();
            buf.advance(cut);
            assert_eq!(flatten(&buf), whole[cut..], "cut at {cut}");
            buf.put(b"more");
            assert_eq!(
                flatten(&buf),
                [&whole[cut..], b"more"].concat(),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn few_slices_hold_the_front() {
        let (buf, _) = sample();
        let mut slices = [IoSlice::new(&[]); 2];
        assert_eq!(buf.slices(&mut slices), 2);
        assert_eq!(&*slices[0], b"head");
    }

    #[test]
    fn a_reader_that_is_always_behind_costs_no_more_than_what_waits() {
        let (mut buf, mut expected) = (WriteBuf::new(), VecDeque::new());
        let large = Bytes::from(vec![b'x'; BY_REFERENCE]);
        for round in 0..400_u32 {
            let piece = vec![(round % 251) as u8; 1000];
            buf.put(&piece);
            expected.extend(piece);
            if round % 50 == 0 {
                buf.put_content(large.clone());
                expected.extend(large.iter());
            }
            while buf.len() > 20_000 {
                let count = (round as usize % 700 + 1).min(buf.len());
                buf.advance(count);
                expected.drain(..count);
            }
            assert!(buf.run.len() <= 2 * KEPT + 20_000, "{}", buf.run.len());
        }
        assert_eq!(flatten(&buf), expected.make_contiguous());
    }
}
