//! Requests: what both take, and what only one does.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Empty};
use http_codec::{CodecError, DecodeErrorKind as Kind, Leniency, Limits, Message, ServerCodec};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::codec::Decoder as _;

use crate::{Seen, allowed, stricter};

/// What our codec takes and hyper refuses: HTTP/1.x with x above 1, which is one of 1.1 (RFC 9110 section 2.5).
fn is_wider(octets: &[u8]) -> bool {
    let later =
        |version: &[u8]| version.starts_with(b"HTTP/1.") && matches!(version[7], b'2'..=b'9');
    octets.windows(8).any(later)
}

/// Our reading of a connection of requests.
fn ours(octets: &[u8]) -> (Vec<Seen>, Option<Kind>) {
    let mut codec = ServerCodec::new(Limits::request(), Leniency::strict());
    let (mut src, mut seen) = (BytesMut::from(octets), Vec::new());
    let mut open: Option<Seen> = None;
    loop {
        match codec.decode_eof(&mut src) {
            Ok(Some(Message::Head(head))) => {
                open = Some((
                    format!("{} {}", head.method(), head.target()),
                    Vec::new(),
                    0,
                ));
            }
            Ok(Some(Message::Data(data))) => open.as_mut().unwrap().1.extend_from_slice(&data),
            Ok(Some(Message::Trailers(trailers))) => open.as_mut().unwrap().2 = trailers.len(),
            Ok(Some(Message::End)) => seen.extend(open.take()),
            Ok(None) => return (seen, None),
            Err(CodecError::Decode(error)) => return (seen, Some(error.kind())),
            Err(error) => panic!("{error}"),
        }
    }
}

/// hyper's.
async fn hypers(octets: &[u8]) -> Vec<Seen> {
    let (mut client, server) = tokio::io::duplex(1 << 20);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let service =
        hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let noted = Arc::clone(&noted);
            async move {
                let start = format!("{} {}", request.method(), request.uri());
                if let Ok(content) = request.into_body().collect().await {
                    let trailers = content.trailers().map_or(0, allowed);
                    noted
                        .lock()
                        .unwrap()
                        .push((start, content.to_bytes().to_vec(), trailers));
                }
                Ok::<_, Infallible>(hyper::Response::new(Empty::<Bytes>::new()))
            }
        });
    client.write_all(octets).await.unwrap();
    client.shutdown().await.unwrap();
    let connection = hyper::server::conn::http1::Builder::new()
        .half_close(true)
        .serve_connection(TokioIo::new(server), service);
    let _ = connection.await;
    let _ = client.read_to_end(&mut Vec::new()).await;
    Arc::into_inner(seen).unwrap().into_inner().unwrap()
}

/// Holds the two readings against each other; the kind of the difference, if there is one.
async fn compare(octets: &[u8]) -> Option<Kind> {
    let text = octets.escape_ascii().to_string();
    let ((ours, refused), hypers) = (ours(octets), hypers(octets).await);
    if ours == hypers {
        return None;
    }
    if ours.len() > hypers.len() {
        assert!(
            is_wider(octets) && ours.starts_with(&hypers),
            "we are wider: {text}\n{ours:?}\n{hypers:?}"
        );
        return None;
    }
    assert!(hypers.starts_with(&ours), "{text}\n{ours:?}\n{hypers:?}");
    let kind = refused.unwrap_or_else(|| panic!("hyper reads on: {text}\n{ours:?}\n{hypers:?}"));
    assert!(stricter(kind).is_some(), "{kind:?} is not listed: {text}");
    Some(kind)
}

/// Each difference that is known, and what must be none.
#[tokio::test]
async fn requests() {
    let with = |lines: &str, content: &str| {
        format!(
            "POST /a HTTP/1.1\r\nHost: a\r\n{lines}\r\n{content}GET /b HTTP/1.1\r\nHost: a\r\n\r\n"
        )
    };
    let chunked = |content: &str| with("Transfer-Encoding: chunked\r\n", content);
    let cases = [
        (with("", ""), None),
        (with("Content-Length: 3\r\n", "abc"), None),
        (chunked("3\r\nabc\r\n0\r\n\r\n"), None),
        (chunked("3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n"), None),
        (with("Content-Length: +3\r\n", "abc"), None),
        (with("X : y\r\n", ""), None),
        (with("X: y\r\n z\r\n", ""), None),
        (with("X: \0\r\n", ""), None),
        (chunked("0x3\r\nabc\r\n0\r\n\r\n"), None),
        (chunked("3\r\nabcd0\r\n\r\n"), None),
        (with("Connection: close\r\n", ""), None),
        (
            "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n".to_owned(),
            None,
        ),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n".to_owned(), None),
        (with("X: y\n", ""), Some(Kind::BareLf)),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), Some(Kind::HostMissing)),
        (with("Host: a\r\n", ""), Some(Kind::HostRepeated)),
        (
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned(),
            Some(Kind::Host),
        ),
        (
            "GET http://a/ HTTP/1.1\r\nHost: u@a\r\n\r\n".to_owned(),
            Some(Kind::Host),
        ),
        (
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            Some(Kind::EmptyLine),
        ),
        (
            "GET * HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            Some(Kind::TargetForm),
        ),
        (
            with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
            Some(Kind::ContentLengthRepeated),
        ),
        (
            with(
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                "3\r\nabc\r\n0\r\n\r\n",
            ),
            Some(Kind::LengthAndCoding),
        ),
        (
            with(
                "Transfer-Encoding: gzip, chunked\r\n",
                "3\r\nabc\r\n0\r\n\r\n",
            ),
            Some(Kind::UnsupportedCoding),
        ),
        (
            with(
                "Transfer-Encoding: chunked, chunked\r\n",
                "3\r\nabc\r\n0\r\n\r\n",
            ),
            Some(Kind::TransferCoding),
        ),
        (chunked("3 \r\nabc\r\n0\r\n\r\n"), Some(Kind::ChunkSize)),
        (
            chunked("3;;\r\nabc\r\n0\r\n\r\n"),
            Some(Kind::ChunkExtension),
        ),
    ];
    for (octets, difference) in cases {
        assert_eq!(compare(octets.as_bytes()).await, difference, "{octets:?}");
    }
}

/// Octets that a parser may trip over.
const PIECES: [&str; 26] = [
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "0",
    "3",
    "a",
    "\0",
    "\"",
    "=",
    "chunked",
    "abc",
    "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Host: a\r\n",
    "Expect: 100-continue\r\n",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    "\x7f",
    "HTTP/1.0",
];

/// Good connections, most of them damaged, always the same ones.
#[tokio::test]
async fn damaged_requests() {
    let messages = [
        "GET /1 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
        "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
        "PUT /4 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"b\"\r\na\r\n0\r\n\r\n",
        "GET /5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ];
    let mut random = fastrand::Rng::with_seed(9112);
    let mut differ = 0;
    for _ in 0..3000 {
        let count = random.usize(1..4);
        let mut octets: Vec<u8> = (0..count)
            .flat_map(|_| messages[random.usize(..messages.len())].bytes())
            .collect();
        for _ in 0..random.usize(..3) {
            let piece = PIECES[random.usize(..PIECES.len())].bytes();
            let at = random.usize(..octets.len());
            match random.u8(..3) {
                0 => drop(octets.splice(at..at, piece)),
                1 => drop(octets.remove(at)),
                _ => drop(octets.splice(at..=at, piece)),
            }
        }
        differ += usize::from(compare(&octets).await.is_some());
    }
    assert!(differ > 100, "the damage shows: {differ}");
}
