//! The one `Body`, as an application makes and reads it.

use std::convert::Infallible;
use std::error::Error as _;
use std::io;

use bytes::{Bytes, BytesMut};
use futures::stream;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use http_codec::{Body, BodyError, BodyErrorKind};

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("1"))])
}

fn pieces(pieces: &'static [&'static str]) -> Body {
    Body::from_stream(stream::iter(
        pieces.iter().map(|piece| Ok::<_, Infallible>(*piece)),
    ))
}

/// What is whole is known, has a size, and can be cloned and taken.
#[tokio::test]
async fn whole_content() {
    let made: [Body; 7] = [
        "hello".into(),
        String::from("hello").into(),
        b"hello".to_vec().into(),
        (&b"hello"[..]).into(),
        Bytes::from_static(b"hello").into(),
        BytesMut::from("hello").into(),
        Box::<[u8]>::from(&b"hello"[..]).into(),
    ];
    for mut body in made {
        assert_eq!(body.known(), Some(&b"hello"[..]));
        assert_eq!(body.size_hint().exact(), Some(5));
        assert!(!body.is_end_stream() && format!("{body:?}").contains('5'));
        let clone = body.try_clone().unwrap();
        assert_eq!(clone.collect_bytes(5).await.unwrap(), "hello");
        assert_eq!(body.take_known().unwrap(), "hello");
        assert!(body.is_end_stream());
    }
    for mut empty in [Body::empty(), ().into(), "".into(), Body::default()] {
        assert!(empty.is_end_stream() && empty.try_clone().is_some());
        assert_eq!(
            (empty.known(), empty.size_hint().exact()),
            (Some(&b""[..]), Some(0))
        );
        assert_eq!(empty.take_known().unwrap(), "");
        assert!(empty.next_frame().await.unwrap().is_none());
    }
}

/// Other bodies and streams are read as they come; a body within a body is itself.
#[tokio::test]
async fn content_of_others() {
    let mut streamed = pieces(&["a", "", "bc"]);
    assert!(streamed.try_clone().is_none() && streamed.known().is_none());
    assert!(streamed.take_known().is_none() && streamed.lender().is_none());
    assert_eq!(streamed.collect_bytes(3).await.unwrap(), "abc");
    let full = Body::new(Full::new(Bytes::from_static(b"full")));
    assert_eq!(full.size_hint().exact(), Some(4));
    assert_eq!(full.collect_bytes(10).await.unwrap(), "full");
    assert!(Body::new(Full::new(Bytes::new())).is_end_stream());
    assert_eq!(Body::new(Body::from("own")).known(), Some(&b"own"[..]));
    let mapped = Body::new(pieces(&["x"]).map_frame(|frame| frame));
    assert_eq!(mapped.collect_bytes(1).await.unwrap(), "x");
}

#[tokio::test]
async fn a_rewindable_body_is_made_anew() {
    let body = Body::rewindable(|| pieces(&["a", "b"]));
    let again = body.try_clone().unwrap();
    assert!(body.known().is_none() && format!("{body:?}").contains("Rewindable"));
    let _ = (body.size_hint(), body.is_end_stream());
    for body in [body, again] {
        assert_eq!(body.collect_bytes(2).await.unwrap(), "ab");
    }
}

/// Trailers come last, behind content of any kind.
#[tokio::test]
async fn trailers_come_last() {
    for (body, content) in [
        (Body::from("ab"), "ab"),
        (pieces(&["a", "b"]), "ab"),
        (Body::empty(), ""),
    ] {
        let body = body.with_trailers(trailers());
        assert!(!body.is_end_stream());
        let _ = (body.size_hint(), format!("{body:?}"));
        let collected = body.collect().await.unwrap();
        assert_eq!(collected.trailers(), Some(&trailers()));
        assert_eq!(collected.to_bytes(), content);
    }
}

/// Collecting stops at its limit, told beforehand or not.
#[tokio::test]
async fn collecting_is_bounded() {
    for body in [
        Body::from("abc"),
        pieces(&["a", "bc"]),
        pieces(&["a", "b", "c"]),
    ] {
        let error = body.collect_bytes(2).await.unwrap_err();
        assert_eq!(error.kind(), BodyErrorKind::TooLarge);
        assert_eq!(error.status(), Some(StatusCode::PAYLOAD_TOO_LARGE));
    }
}

/// An error of a source keeps its cause; its kind is told by what it is.
#[tokio::test]
async fn errors_of_a_source() {
    let failing = |error: io::Error| Body::from_stream(stream::iter([Ok("a"), Err(error)]));
    let error = failing(io::Error::other("broken"))
        .collect_bytes(9)
        .await
        .unwrap_err();
    assert!(error.source().is_some(), "{error:?}");
    let kinds = [
        BodyErrorKind::Malformed,
        BodyErrorKind::Truncated,
        BodyErrorKind::Io,
        BodyErrorKind::Timeout,
        BodyErrorKind::Revoked,
        BodyErrorKind::Aborted,
        BodyErrorKind::TooLarge,
        BodyErrorKind::Source,
    ];
    for kind in kinds {
        let error = BodyError::new(kind, "what was wrong");
        let other = BodyError::with_source(kind, "what was wrong", io::Error::other("why"));
        assert_eq!((error.kind(), other.kind()), (kind, kind));
        assert_eq!(error.status(), other.duplicate().status());
        assert_eq!(error.to_string(), "what was wrong");
        assert!(error.source().is_none() && other.source().is_some());
        assert!(error.decode_error().is_none());
        let boxed = BodyError::from_boxed(Box::new(error));
        assert_eq!(boxed.kind(), kind, "a body's own error stays itself");
    }
    let boxed = BodyError::from_boxed("text".into());
    assert_eq!(boxed.kind(), BodyErrorKind::Source);
}
