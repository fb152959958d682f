//! Where encoders write to.

use bytes::{Bytes, BytesMut};

/// A growing sequence of octets: the buffer that a connection writes from.
///
/// Heads, chunk-size lines and other small things are copied; content may be taken by reference, as
/// [`WriteBuf`](crate::WriteBuf) does from a threshold on, or copied, as `BytesMut` does.
pub trait Output {
    /// Appends `octets`.
    fn put(&mut self, octets: &[u8]);

    /// Appends `parts` behind each other.
    #[inline]
    fn put_parts<const N: usize>(&mut self, parts: [&[u8]; N]) {
        for part in parts {
            self.put(part);
        }
    }

    /// Appends content, by reference where this pays.
    fn put_content(&mut self, content: Bytes);

    /// Appends content as one chunk: `chunk-size CRLF chunk-data CRLF` (RFC 9112 section 7.1). It must not be empty, for an empty
    /// chunk is the last one.
    fn put_chunk(&mut self, content: Bytes) {
        let (line, length) = chunk_line(content.len());
        self.put(&line[..length]);
        self.put_content(content);
        self.put(b"\r\n");
    }
}

impl Output for BytesMut {
    fn put(&mut self, octets: &[u8]) {
        self.extend_from_slice(octets);
    }

    fn put_content(&mut self, content: Bytes) {
        self.extend_from_slice(&content);
    }
}

impl Output for Vec<u8> {
    fn put(&mut self, octets: &[u8]) {
        self.extend_from_slice(octets);
    }

    fn put_content(&mut self, content: Bytes) {
        self.extend_from_slice(&content);
    }
}

/// The longest chunk size, 16 digits, and its line end.
pub(crate) const CHUNK_LINE: usize = 18;

/// `chunk-size CRLF`, in lower-case hexadecimal without leading zeros: padded, and how long it is.
#[inline]
pub(crate) fn chunk_line(size: usize) -> ([u8; CHUNK_LINE], usize) {
    let size = size as u64;
    let digits = (u64::BITS - (size | 1).leading_zeros()).div_ceil(4) as usize;
    // The first digit at the top.
    let aligned = size << (4 * (16 - digits));
    let mut line = [0; CHUNK_LINE];
    line[..8].copy_from_slice(&hexadecimal((aligned >> 32) as u32));
    if digits > 8 {
        line[8..16].copy_from_slice(&hexadecimal(aligned as u32));
    }
    line[digits..digits + 2].copy_from_slice(b"\r\n");
    (line, digits + 2)
}

/// Eight digits at once: half of what a chunk's line cost was finding them one by one.
#[inline]
const fn hexadecimal(number: u32) -> [u8; 8] {
    // Halves, then quarters, then digits move to the octets of their own, the first to the lowest.
    let word = number as u64;
    let word = (word >> 16) | ((word & 0xffff) << 32);
    let word = ((word & 0xff00_0000_ff00) >> 8) | ((word & 0x00ff_0000_00ff) << 16);
    let word = ((word & 0x00f0_00f0_00f0_00f0) >> 4) | ((word & 0x000f_000f_000f_000f) << 8);
    let letters = ((word + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
    let gap = (b'a' - b'9' - 1) as u64;
    (word + 0x3030_3030_3030_3030 + letters * gap).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_line_is_its_size_in_hexadecimal() {
        let around = (0..usize::BITS).flat_map(|bit| {
            let power = 1_usize << bit;
            [power - 1, power, power + 1]
        });
        let spelled = [0x0123_4567, 0x89ab_cdef, 0xfedc_ba98, usize::MAX];
        for size in around.chain(spelled).chain(0..70_000) {
            let expected = format!("{size:x}\r\n");
            let (line, length) = chunk_line(size);
            assert_eq!(&line[..length], expected.as_bytes());
        }
    }
}
