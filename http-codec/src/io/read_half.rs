//! The reading half of a connection: a source of octets and what has been read ahead of it.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::poll_read_buf;

/// A reader of any transport, erased once per connection.
pub type BoxRead = Box<dyn AsyncRead + Send + Unpin>;

/// The most that one read takes in while heads are awaited: what is read ahead of a busy connection is bounded by it.
const AHEAD: usize = 8 * 1024;

/// The least that the buffer of a connection grows by while it has octets: it gives the memory back when it idles.
const ROOM: usize = 512;

/// The most that one read takes in while content is read.
const CONTENT: usize = 128 * 1024;

thread_local! {
    /// Where octets arrive before it is known how many there are, so that a connection that waits holds no buffer.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; AHEAD].into_boxed_slice());
}

/// The reading half of a connection.
///
/// A half that waits holds no memory: octets arrive in a buffer of the thread, and only what came is copied to the half's
/// own. Content in quantity is read straight into the half's buffer, from which it is handed on without a copy.
pub struct ReadHalf {
    source: BoxRead,
    buffer: BytesMut,
    ended: bool,
    /// How much the next read of content may take in; grows while reads come back full.
    stride: usize,
}

impl ReadHalf {
    /// A half over a reader, with nothing read ahead.
    pub fn new(source: BoxRead) -> Self {
        Self::with_buffered(source, BytesMut::new())
    }

    /// A half over a reader of which some octets have been read already.
    pub fn with_buffered(source: BoxRead, buffered: BytesMut) -> Self {
        Self {
            source,
            buffer: buffered,
            ended: false,
            stride: AHEAD,
        }
    }

    /// The octets that were read and not yet taken; decoders take from its front.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The octets that were read and not yet taken.
    pub fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    /// Whether the peer has closed its direction: nothing will come beyond [`buffered`](Self::buffered).
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Reads once, at most 8 KiB, behind what is buffered. `Ok(0)` is the end.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.ended {
            return Poll::Ready(Ok(0));
        }
        let Self { source, buffer, .. } = self;
        let read = SCRATCH.try_with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => {
                let mut arrived = ReadBuf::new(&mut scratch);
                ready!(Pin::new(&mut *source).poll_read(cx, &mut arrived))?;
                let arrived = arrived.filled();
                if buffer.capacity() - buffer.len() < arrived.len() {
                    // For some of the heads to come as well: asking for room costs more than to fill it.
                    buffer.reserve(arrived.len().max(ROOM));
                }
                buffer.extend_from_slice(arrived);
                Poll::Ready(Ok(arrived.len()))
            }
            // The transport is itself a connection of ours (a tunnel) that is reading in this thread.
            Err(_) => read_into(source, cx, buffer, AHEAD),
        });
        // The thread is ending, and drops a body that it kept.
        let read = read.unwrap_or_else(|_| read_into(source, cx, buffer, AHEAD));
        self.note(ready!(read))
    }

    /// Reads once behind what is buffered while content is expected: at most `wanted` octets when that is more than a few,
    /// into memory that can be handed on as it is. `Ok(0)` is the end.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub fn poll_fill_content(
        &mut self,
        cx: &mut Context<'_>,
        wanted: Option<u64>,
    ) -> Poll<io::Result<usize>> {
        let wanted = wanted.map_or(usize::MAX, |wanted| {
            usize::try_from(wanted).unwrap_or(usize::MAX)
        });
        let most = self.stride.min(wanted);
        if self.ended || most < AHEAD || self.stride == AHEAD {
            let read = ready!(self.poll_fill(cx))?;
            if read == AHEAD {
                self.stride = 2 * AHEAD;
            }
            return Poll::Ready(Ok(read));
        }
        let Self { source, buffer, .. } = self;
        let read = ready!(read_into(source, cx, buffer, most));
        match &read {
            Ok(read) if *read == most => self.stride = (2 * self.stride).min(CONTENT),
            Ok(read) if *read < self.stride / 4 => self.stride = (self.stride / 2).max(AHEAD),
            _ => {}
        }
        self.note(read)
    }

    fn note(&mut self, read: io::Result<usize>) -> Poll<io::Result<usize>> {
        self.ended |= matches!(read, Ok(0));
        Poll::Ready(read)
    }

    /// Gives the buffer's memory back, if it holds no octets.
    pub fn release(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
            self.stride = AHEAD;
        }
    }

    /// The reader, and the octets that were read and not yet taken.
    pub fn into_parts(self) -> (BoxRead, BytesMut) {
        (self.source, self.buffer)
    }
}

fn read_into(
    source: &mut BoxRead,
    cx: &mut Context<'_>,
    buffer: &mut BytesMut,
    most: usize,
) -> Poll<io::Result<usize>> {
    buffer.reserve(most);
    poll_read_buf(Pin::new(source), cx, &mut buffer.limit(most))
}

impl fmt::Debug for ReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf")
            .field("buffered", &self.buffer.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[tokio::test]
    async fn octets_arrive_behind_what_is_buffered() {
        let mut half = ReadHalf::with_buffered(Box::new(&b" world"[..]), BytesMut::from("hello"));
        assert_eq!(poll_fn(|cx| half.poll_fill(cx)).await.unwrap(), 6);
        assert_eq!(half.buffered(), b"hello world");
        assert_eq!(poll_fn(|cx| half.poll_fill(cx)).await.unwrap(), 0);
        assert!(half.is_ended());
    }

    #[test]
    fn a_half_may_be_read_while_its_thread_ends() {
        struct Kept(ReadHalf);
        impl Drop for Kept {
            fn drop(&mut self) {
                let mut cx = Context::from_waker(std::task::Waker::noop());
                assert!(matches!(self.0.poll_fill(&mut cx), Poll::Ready(Ok(5))));
            }
        }
        thread_local! {
            static BEFORE: RefCell<Option<Kept>> = const { RefCell::new(None) };
            static BEHIND: RefCell<Option<Kept>> = const { RefCell::new(None) };
        }
        let half = || ReadHalf::new(Box::new(&b"hello"[..]));
        let thread = std::thread::spawn(move || {
            // Whatever the order in which they go, one of them goes after the buffer of the thread.
            BEFORE.set(Some(Kept(half())));
            drop(Kept(half()));
            BEHIND.set(Some(Kept(half())));
        });
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn much_content_is_read_in_growing_strides() {
        static MUCH: [u8; 1 << 20] = [7; 1 << 20];
        let mut half = ReadHalf::new(Box::new(&MUCH[..]));
        let mut reads = Vec::new();
        while !half.is_ended() {
            reads.push(
                poll_fn(|cx| half.poll_fill_content(cx, None))
                    .await
                    .unwrap(),
            );
            half.buffer().clear();
        }
        assert_eq!(reads.iter().sum::<usize>(), MUCH.len());
        assert_eq!(reads[..3], [AHEAD, 2 * AHEAD, 4 * AHEAD]);
        assert_eq!(reads.iter().max(), Some(&CONTENT));
    }
}
