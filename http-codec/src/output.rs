//! Where encoders write to.

use bytes::{Bytes, BytesMut};

/// A growing sequence of octets: the buffer that a connection writes from.
///
/// Heads, chunk-size lines and other small things are copied; content may be taken by reference, as
/// [`WriteBuf`](crate::WriteBuf) does from a threshold on, or copied, as `BytesMut` does.
pub trait Output {
    /// Appends `octets`.
    fn put(&mut self, octets: &[u8]);

    /// Appends content, by reference where this pays.
    fn put_content(&mut self, content: Bytes);
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
