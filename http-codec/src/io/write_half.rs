//! The writing half of a connection: a sink of octets and what waits to be written.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use crate::write_buf::WriteBuf;

/// A writer of any transport, erased once per connection.
pub type BoxWrite = Box<dyn AsyncWrite + Send + Unpin>;

/// The most pieces that one vectored write takes.
const SLICES: usize = 64;

/// The writing half of a connection.
///
/// Whoever is going to wait flushes first; nobody else flushes.
pub struct WriteHalf {
    sink: BoxWrite,
    buffer: WriteBuf,
    written: u64,
    /// The transport may hold octets back until it is flushed (TLS, a `BufWriter`).
    buffers: bool,
    /// Octets went to the transport that it may still hold.
    unflushed: bool,
}

impl WriteHalf {
    /// A half over a writer, with nothing to write.
    pub fn new(sink: BoxWrite) -> Self {
        Self {
            sink,
            buffer: WriteBuf::new(),
            written: 0,
            buffers: true,
            unflushed: false,
        }
    }

    /// A half over a writer that holds nothing back, as a socket: it is never flushed.
    pub(super) fn unbuffered(sink: BoxWrite) -> Self {
        Self {
            buffers: false,
            ..Self::new(sink)
        }
    }

    /// What waits to be written; encoders append to it.
    pub fn buffer(&mut self) -> &mut WriteBuf {
        &mut self.buffer
    }

    /// How many octets wait to be written.
    pub fn unwritten(&self) -> usize {
        self.buffer.len()
    }

    /// Whether a flush would have something to do.
    pub fn needs_flush(&self) -> bool {
        self.unflushed || !self.buffer.is_empty()
    }

    /// How many octets the transport has taken since the connection began.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes what waits, and flushes the transport.
    ///
    /// # Errors
    ///
    /// Those of the transport; `WriteZero` when it takes nothing.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_out(cx))?;
        if self.unflushed {
            ready!(Pin::new(&mut self.sink).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.buffer.is_empty() {
            let sink = Pin::new(&mut self.sink);
            let written = if let Some(front) = self.buffer.front() {
                ready!(sink.poll_write(cx, front))?
            } else {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let filled = self.buffer.slices(&mut slices);
                if sink.is_write_vectored() {
                    ready!(sink.poll_write_vectored(cx, &slices[..filled]))?
                } else {
                    ready!(sink.poll_write(cx, &slices[0]))?
                }
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unflushed = self.buffers;
            self.written += written as u64;
            self.buffer.advance(written);
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what waits, then closes this direction (on TCP: sends a FIN).
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.sink).poll_shutdown(cx)
    }

    /// Gives the buffer's memory back, if nothing waits to be written.
    pub fn release(&mut self) {
        self.buffer.release();
    }

    /// The writer, and what was not written.
    pub fn into_parts(self) -> (BoxWrite, WriteBuf) {
        (self.sink, self.buffer)
    }
}

impl fmt::Debug for WriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf")
            .field("unwritten", &self.buffer.len())
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}
