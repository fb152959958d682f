//! Content read from a file or another source of octets.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;

use super::{Body, BodyError, BodyErrorKind};

/// How much is asked of the source at once: files are read by a blocking thread, for which less does not pay.
const PIECE: usize = 64 * 1024;

pin_project! {
    struct Reader<R> {
        #[pin]
        source: R,
        buffer: BytesMut,
        remaining: Remaining,
    }
}

#[derive(Clone, Copy)]
enum Remaining {
    Known(u64),
    UntilEnd,
    Ended,
}

impl<R: AsyncRead> http_body::Body for Reader<R> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.project();
        let most = match *this.remaining {
            Remaining::Ended | Remaining::Known(0) => return Poll::Ready(None),
            Remaining::Known(remaining) => remaining.min(PIECE as u64) as usize,
            Remaining::UntilEnd => PIECE,
        };
        this.buffer.reserve(most);
        let mut space = this.buffer.limit(most);
        let read = ready!(poll_read_buf(this.source, cx, &mut space));
        let (frame, left) = match (read, *this.remaining) {
            (Ok(0), Remaining::Known(_)) => (Some(Err(ended_early())), Remaining::Ended),
            (Ok(0), _) => (None, Remaining::Ended),
            (Ok(count), Remaining::Known(remaining)) => (
                Some(Ok(this.buffer.split().freeze())),
                Remaining::Known(remaining - count as u64),
            ),
            (Ok(_), left) => (Some(Ok(this.buffer.split().freeze())), left),
            (Err(error), _) => (Some(Err(error.into())), Remaining::Ended),
        };
        *this.remaining = left;
        Poll::Ready(frame.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.remaining, Remaining::Ended | Remaining::Known(0))
    }

    fn size_hint(&self) -> SizeHint {
        match self.remaining {
            Remaining::Known(remaining) => SizeHint::with_exact(remaining),
            Remaining::UntilEnd => SizeHint::default(),
            Remaining::Ended => SizeHint::with_exact(0),
        }
    }
}

fn ended_early() -> BodyError {
    BodyError::new(
        BodyErrorKind::Truncated,
        "the source ended before the announced length",
    )
}

impl Body {
    /// The next `length` octets of a file, read as they are sent.
    ///
    /// A file that turns out shorter breaks the message; octets beyond `length` are not read.
    pub fn file(file: tokio::fs::File, length: u64) -> Self {
        Self::from_reader(file, Some(length))
    }

    /// What a reader gives: exactly `length` octets, or all up to its end when the length is not known.
    ///
    /// A reader that ends before `length` breaks the message; octets beyond are not read.
    pub fn from_reader(
        source: impl AsyncRead + Send + 'static,
        length: impl Into<Option<u64>>,
    ) -> Self {
        let remaining = length.into().map_or(Remaining::UntilEnd, Remaining::Known);
        Self::boxed(Reader {
            source,
            buffer: BytesMut::new(),
            remaining,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_is_read_to_its_length_and_no_further() {
        let body = Body::from_reader(&b"hello, world"[..], 5);
        assert_eq!(body.collect_bytes(100).await.unwrap(), "hello");
    }

    #[tokio::test]
    async fn a_reader_that_ends_early_breaks_the_message() {
        let body = Body::from_reader(&b"hel"[..], 5);
        assert_eq!(
            body.collect_bytes(100).await.unwrap_err().kind(),
            BodyErrorKind::Truncated
        );
    }

    #[tokio::test]
    async fn a_reader_of_unknown_length_is_read_to_its_end() {
        let body = Body::from_reader(&b"hello"[..], None);
        assert_eq!(body.collect_bytes(100).await.unwrap(), "hello");
    }
}
