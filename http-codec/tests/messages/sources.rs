//! Content that something else produces as it is sent: a task, a file, a reader; and how its errors travel.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use http::{HeaderMap, HeaderValue};
use http_body::Body as _;
use http_codec::{
    Body, BodyDecoder, BodyError, BodyErrorKind, BodyLength, Leniency, Limits, ReaderGone,
};
use tokio::io::{AsyncRead, ReadBuf};

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("1"))])
}

/// Behind the data come the trailers, and then the end.
#[tokio::test]
async fn a_channel_ends_with_its_trailers() {
    let (mut sender, mut body) = Body::channel(4);
    assert!(!body.is_end_stream() && body.size_hint().exact().is_none());
    sender.data("ab").await.unwrap();
    sender.finish_with(trailers()).await.unwrap();
    assert_eq!(body.next_data().await.unwrap().unwrap(), "ab");
    let last = body.next_frame().await.unwrap().unwrap();
    assert_eq!(last.into_trailers().unwrap(), trailers());
    assert!(body.next_frame().await.unwrap().is_none() && body.is_end_stream());
}

/// A sender says why it gives up; where the channel is full, the message is broken all the same.
#[tokio::test]
async fn an_abort_breaks_the_message() {
    for (capacity, kind) in [(2, BodyErrorKind::Timeout), (1, BodyErrorKind::Aborted)] {
        let (mut sender, body) = Body::channel(capacity);
        sender.data("ab").await.unwrap();
        sender.abort(BodyError::new(BodyErrorKind::Timeout, "too slow"));
        assert_eq!(body.collect_bytes(9).await.unwrap_err().kind(), kind);
    }
}

/// Nobody sends on for a reader that has gone.
#[tokio::test]
async fn a_sender_hears_that_its_reader_has_gone() {
    let closed = || {
        let (sender, body) = Body::channel(1);
        assert!(!sender.is_closed());
        drop(body);
        sender
    };
    let mut sender = closed();
    sender.closed().await;
    assert!(sender.is_closed());
    assert_eq!(sender.data("a").await, Err(ReaderGone));
    assert_eq!(closed().finish().await, Err(ReaderGone));
    assert_eq!(closed().finish_with(trailers()).await, Err(ReaderGone));
    closed().abort(BodyError::new(BodyErrorKind::Io, "unheard"));
    assert_eq!(ReaderGone.to_string(), "the body is no longer read");
}

struct Failing;

impl AsyncRead for Failing {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
    }
}

/// What is still to come of a reader is known as far as its length is; its failure is the end.
#[tokio::test]
async fn a_reader_tells_what_is_still_to_come() {
    for (length, exact) in [(Some(5), Some(5)), (None, None)] {
        let mut body = Body::from_reader(&b"hello"[..], length);
        assert_eq!(body.size_hint().exact(), exact);
        assert!(!body.is_end_stream());
        assert_eq!(body.next_data().await.unwrap().unwrap(), "hello");
        assert_eq!(body.is_end_stream(), exact.is_some());
        assert!(body.next_data().await.unwrap().is_none() && body.is_end_stream());
        assert_eq!(body.size_hint().exact(), Some(0));
    }
    let mut body = Body::from_reader(Failing, 5);
    assert_eq!(
        body.next_data().await.unwrap_err().kind(),
        BodyErrorKind::Io
    );
    assert!(body.next_data().await.unwrap().is_none());
}

/// As an error of IO, for those who read content as octets, each kind has the nearest one there is.
#[test]
fn an_error_is_one_of_io_too() {
    for (kind, io_kind) in [
        (BodyErrorKind::Malformed, io::ErrorKind::InvalidData),
        (BodyErrorKind::Truncated, io::ErrorKind::UnexpectedEof),
        (BodyErrorKind::Timeout, io::ErrorKind::TimedOut),
        (BodyErrorKind::Revoked, io::ErrorKind::ConnectionAborted),
        (BodyErrorKind::Aborted, io::ErrorKind::ConnectionAborted),
        (BodyErrorKind::TooLarge, io::ErrorKind::Other),
    ] {
        let error = io::Error::from(BodyError::new(kind, "what was wrong"));
        assert_eq!(
            (error.kind(), error.to_string()),
            (io_kind, "what was wrong".to_owned())
        );
    }
}

/// What is told twice, to the borrower and to the connection, keeps its cause.
#[test]
fn a_duplicate_keeps_its_cause() {
    for (content, length, limit, kind) in [
        ("x", BodyLength::Chunked, u64::MAX, BodyErrorKind::Malformed),
        ("2\r\n", BodyLength::Chunked, 1, BodyErrorKind::TooLarge),
    ] {
        let limits = Limits::request().with_content(limit);
        let mut decoder = BodyDecoder::new(length, limits, Leniency::strict());
        let decoded = decoder.decode(&mut BytesMut::from(content));
        let error = BodyError::from(decoded.unwrap_err());
        let again = error.duplicate();
        assert_eq!((again.kind(), again.status()), (kind, error.status()));
        assert_eq!(again.decode_error(), error.decode_error());
        assert!(again.decode_error().is_some());
    }
    let again = BodyError::from(io::Error::from(io::ErrorKind::BrokenPipe)).duplicate();
    assert_eq!(again.kind(), BodyErrorKind::Io);
    assert_eq!(io::Error::from(again).kind(), io::ErrorKind::Other);
}
