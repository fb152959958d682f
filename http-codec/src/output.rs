//! Where encoders write to.

use bytes::{Bytes, BytesMut};

use crate::digits::chunk_line;

/// A growing sequence of octets: the buffer that a connection writes from.
///
/// Heads, chunk-size lines and other small things are copied; content may be taken by reference, as
/// [`WriteBuf`](crate::WriteBuf) does from a threshold on, or copied, as `BytesMut` does.
pub trait Output {
    /// Appends `octets`.
    fn put(&mut self, octets: &[u8]);

    /// Appends `parts` behind each other, as so many calls of [`put`](Self::put) would.
    #[inline]
    fn put_parts<const N: usize>(&mut self, parts: [&[u8]; N]) {
        for part in parts {
            self.put(part);
        }
    }

    /// Appends `before`, the first `length` octets of `padded` or all of them where that is more, and `after`: to copy a whole array
    /// can cost less than to copy a part of it.
    #[inline]
    fn put_padded<const N: usize>(
        &mut self,
        before: &[u8],
        padded: &[u8; N],
        length: usize,
        after: &[u8],
    ) {
        self.put_parts([before, &padded[..length.min(N)], after]);
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
