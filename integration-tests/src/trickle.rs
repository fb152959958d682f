//! A transport that hands on a few octets at a time: packet boundaries where nobody expects them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many octets go at once, in turn; between any two, the task is put back.
const STEPS: [usize; 9] = [1, 1, 2, 3, 5, 8, 13, 1, 4096];

/// A transport in small steps, in both directions.
#[derive(Debug)]
pub struct Trickle<Io> {
    io: Io,
    read: Steps,
    write: Steps,
}

#[derive(Debug, Default)]
struct Steps {
    turn: usize,
    rested: bool,
}

impl Steps {
    /// The size of the next step; pending before each.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        self.rested = !self.rested;
        if self.rested {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.turn = (self.turn + 1) % STEPS.len();
        Poll::Ready(STEPS[self.turn])
    }
}

impl<Io> Trickle<Io> {
    /// Around this transport.
    pub fn new(io: Io) -> Self {
        Self {
            io,
            read: Steps::default(),
            write: Steps::default(),
        }
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Trickle<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let step = ready!(self.read.poll_next(cx)).min(buffer.remaining());
        let mut octets = vec![0; step];
        let mut few = ReadBuf::new(&mut octets);
        let result = ready!(Pin::new(&mut self.io).poll_read(cx, &mut few));
        buffer.put_slice(few.filled());
        Poll::Ready(result)
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Trickle<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let step = ready!(self.write.poll_next(cx)).min(octets.len());
        Pin::new(&mut self.io).poll_write(cx, &octets[..step])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices
            .iter()
            .find(|slice| !slice.is_empty())
            .map_or(&[][..], |slice| slice);
        self.poll_write(cx, first)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn what_goes_in_comes_out() {
        let (ours, theirs) = tokio::io::duplex(64);
        let (mut ours, mut theirs) = (Trickle::new(ours), Trickle::new(theirs));
        let sent: Vec<u8> = (0..=255).cycle().take(20_000).collect();
        let expected = sent.clone();
        let writing = tokio::spawn(async move {
            ours.write_all(&sent).await.unwrap();
            ours.shutdown().await.unwrap();
        });
        let mut received = Vec::new();
        theirs.read_to_end(&mut received).await.unwrap();
        writing.await.unwrap();
        assert!(received == expected);
    }
}
