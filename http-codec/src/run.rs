//! A run of octets in memory that is initialised beforehand: what is short is copied by a few stores, without a call and
//! with one look at the room for it.

use crate::digits::{SHORT_LINE, short_chunk_line};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// All of it may be written to; the octets are those before `len`.
    memory: Vec<u8>,
    len: usize,
}

impl Run {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// How many octets the memory has room for.
    pub(crate) fn capacity(&self) -> usize {
        self.memory.len()
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.memory[..self.len]
    }

    /// Forgets the octets; the memory stays.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Forgets the first `count` octets.
    pub(crate) fn forget(&mut self, count: usize) {
        self.memory.copy_within(count..self.len, 0);
        self.len -= count;
    }

    /// Room for `count` octets more, if the memory has it.
    #[inline(always)]
    fn room(&mut self, count: usize) -> Option<&mut [u8]> {
        self.memory.get_mut(self.len..self.len.checked_add(count)?)
    }

    /// Makes room for `count` octets more: at least twice the memory, for that the cost of an octet stays the same.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, count: usize) {
        let needed = self.len.checked_add(count).expect("memory is smaller");
        let size = needed.max(2 * self.memory.len()).max(SMALLEST);
        if self.len == 0 {
            // Nothing to carry over: memory that the system has zeroed needs no writing.
            self.memory = vec![0; size];
        } else {
            self.memory.resize(size, 0);
        }
    }

    #[inline(always)]
    pub(crate) fn put(&mut self, octets: &[u8]) {
        match self.room(octets.len()) {
            Some(room) => room.copy_from_slice(octets),
            None => return self.put_grown(octets),
        }
        self.len += octets.len();
    }

    #[cold]
    #[inline(never)]
    fn put_grown(&mut self, octets: &[u8]) {
        self.grow(octets.len());
        self.put(octets);
    }

    /// The first `length` octets of `padded`, between `before` and `after`, with one look at the room. All of it are copied, for their
    /// number is known where this is used: that needs no call.
    #[inline(always)]
    pub(crate) fn put_padded<const N: usize>(
        &mut self,
        before: &[u8],
        padded: &[u8; N],
        length: usize,
        after: &[u8],
    ) {
        let length = length.min(N);
        let most = before.len() + N + after.len();
        let Some(room) = self.room(most) else {
            self.grow(most);
            return self.put_parts([before, &padded[..length], after]);
        };
        let (to, room) = room.split_at_mut(before.len());
        to.copy_from_slice(before);
        room[..N].copy_from_slice(padded);
        room[length..length + after.len()].copy_from_slice(after);
        self.len += before.len() + length + after.len();
    }

    /// Parts behind each other, with one look at the room.
    #[inline(always)]
    pub(crate) fn put_parts<const N: usize>(&mut self, parts: [&[u8]; N]) {
        if self.put_short(parts).is_none() {
            for part in parts {
                self.put_long(part);
            }
        }
    }

    /// Short parts, if there is room for them: nothing in here is a call.
    #[inline(always)]
    fn put_short<const N: usize>(&mut self, parts: [&[u8]; N]) -> Option<()> {
        if parts.iter().any(|part| part.len() > SHORT) {
            return None;
        }
        let end = self.len + parts.iter().map(|part| part.len()).sum::<usize>();
        let mut room = self.memory.get_mut(self.len..end)?;
        for part in parts {
            let to;
            (to, room) = room.split_at_mut_checked(part.len())?;
            copy_short(to, part)?;
        }
        self.len = end;
        Some(())
    }

    #[inline(never)]
    fn put_long(&mut self, part: &[u8]) {
        self.put(part);
    }

    /// `chunk-size CRLF chunk-data CRLF` of `data` that has `size` octets, with one look at the room.
    #[inline(always)]
    pub(crate) fn put_chunk(&mut self, size: u16, data: &[u8]) {
        let (line, length) = short_chunk_line(size);
        let Some(room) = self.room(AROUND + data.len()) else {
            return self.put_chunk_grown(size, data);
        };
        // As in `put_padded`.
        if let Some(to) = room.first_chunk_mut() {
            *to = line;
        }
        let (to, end) = room[length..].split_at_mut(data.len());
        to.copy_from_slice(data);
        end[..2].copy_from_slice(b"\r\n");
        self.len += length + data.len() + 2;
    }

    #[cold]
    #[inline(never)]
    fn put_chunk_grown(&mut self, size: u16, data: &[u8]) {
        self.grow(AROUND + data.len());
        self.put_chunk(size, data);
    }
}

/// The most that a chunk's line, padded, and the end of its data take.
const AROUND: usize = SHORT_LINE + 2;

/// The least memory that is taken: most heads with small content.
const SMALLEST: usize = 512;

/// The most octets that are copied as words.
const SHORT: usize = 32;

/// Copies up to [`SHORT`] octets as two words that may overlap.
#[inline(always)]
fn copy_short(to: &mut [u8], from: &[u8]) -> Option<()> {
    if from.len() >= 16 {
        ends::<16>(to, from)
    } else if from.len() >= 8 {
        ends::<8>(to, from)
    } else if from.len() >= 4 {
        ends::<4>(to, from)
    } else if from.len() >= 2 {
        ends::<2>(to, from)
    } else {
        if let (Some(to), Some(from)) = (to.first_mut(), from.first()) {
            *to = *from;
        }
        Some(())
    }
}

/// Copies the first `N` octets and the last.
#[inline(always)]
fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
    let (first, last) = (*from.first_chunk()?, *from.last_chunk()?);
    *to.first_chunk_mut::<N>()? = first;
    *to.last_chunk_mut::<N>()? = last;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts of every length, short and long, with and without room, come out as they are.
    #[test]
    fn parts_stand_behind_each_other() {
        let octets: Vec<u8> = (0..=255).collect();
        for first in 0..80 {
            for second in 0..80 {
                let parts = [&octets[..first], &octets[100..100 + second], b": "];
                let (mut run, mut expected) = (Run::default(), Vec::new());
                for _ in 0..3 {
                    run.put_parts(parts);
                    expected.extend(parts.concat());
                }
                run.put(&octets);
                expected.extend(&octets);
                assert_eq!(run.octets(), expected, "{first} and {second}");
            }
        }
    }

    /// With room and without, and told a length that is larger than what it has.
    #[test]
    fn of_what_is_padded_the_first_octets_count() {
        for before in 0..600 {
            for length in 0..6 {
                let mut run = Run::default();
                run.put(&vec![b'a'; before]);
                run.put_padded(b"n: ", b"1234", length, b"\r\n");
                let expected = format!("{:a>before$}n: {:.length$}\r\n", "", "1234");
                assert_eq!(run.octets(), expected.as_bytes(), "{before} and {length}");
            }
        }
    }

    /// With room and without.
    #[test]
    fn a_chunk_stands_behind_what_is_there() {
        for before in 0..600 {
            let mut run = Run::default();
            run.put(&vec![b'a'; before]);
            run.put_chunk(17, &[b'd'; 17]);
            let expected = format!("{:a>before$}11\r\n{:d>17}\r\n", "", "");
            assert_eq!(run.octets(), expected.as_bytes(), "{before}");
        }
    }

    #[test]
    fn what_is_forgotten_leaves_no_trace() {
        let mut run = Run::default();
        run.put(&[b'a'; 700]);
        run.put(b"bc");
        run.forget(701);
        run.put_chunk(20, &[b'd'; 20]);
        assert_eq!(
            run.octets(),
            [b"c14\r\n", &[b'd'; 20][..], b"\r\n"].concat()
        );
        run.clear();
        run.put(b"e");
        assert_eq!(run.octets(), b"e");
    }
}
