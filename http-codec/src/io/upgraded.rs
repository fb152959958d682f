//! A connection that HTTP has left: what an upgrade or a CONNECT hands over.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{BoxRead, BoxWrite, ReadHalf, WriteHalf};

/// Both directions of a connection after 101 (Switching Protocols) or 2xx to CONNECT.
///
/// Octets that were read ahead come first. Dropping it closes the connection.
pub struct Upgraded {
    leftover: Bytes,
    read: BoxRead,
    write: BoxWrite,
}

impl Upgraded {
    /// Reunites the halves.
    ///
    /// The writing half must have been flushed: what it still holds is dropped.
    pub fn new(read: ReadHalf, write: WriteHalf) -> Self {
        let (read, leftover) = read.into_parts();
        let (write, _) = write.into_parts();
        Self {
            leftover: leftover.freeze(),
            read,
            write,
        }
    }

    /// The octets that were read ahead and not yet taken.
    pub fn leftover(&self) -> &Bytes {
        &self.leftover
    }
}

impl std::fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upgraded")
            .field("leftover", &self.leftover.len())
            .finish_non_exhaustive()
    }
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.leftover.is_empty() {
            return Pin::new(&mut self.read).poll_read(cx, buf);
        }
        let count = self.leftover.len().min(buf.remaining());
        buf.put_slice(&self.leftover[..count]);
        self.leftover.advance(count);
        if self.leftover.is_empty() {
            self.leftover = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.write).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.write).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.write.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.write).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.write).poll_flush(cx))?;
        Pin::new(&mut self.write).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn octets_read_ahead_come_first() {
        let read = ReadHalf::with_buffered(Box::new(&b" world"[..]), BytesMut::from("hello"));
        let mut upgraded = Upgraded::new(read, WriteHalf::new(Box::new(tokio::io::sink())));
        let mut all = String::new();
        upgraded.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "hello world");
    }
}
