//! Whole connections, read by our codec and by hyper. Where the two differ, the difference is one of those listed here, each
//! with the section of the RFC that decides it.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::{BodyExt as _, Empty};
use http_codec::fields::trailer;
use http_codec::{
    ClientCodec, CodecError, DecodeErrorKind as Kind, Leniency, Limits, Message, ServerCodec,
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::codec::{Decoder as _, Encoder as _};

/// A message that was read to its end: its start, its content, and how many trailer fields there were.
type Seen = (String, Vec<u8>, usize);

/// What our codec refuses and hyper takes.
fn stricter(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::BareLf | Kind::BareCr => "RFC 9112 section 2.2: a line ends with CRLF",
        Kind::EmptyLine => {
            "RFC 9112 section 2.2: at least one empty line is ignored, and at most one here"
        }
        Kind::Target => {
            "RFC 9112 section 3.2: octets that no URI has; RFC 9110 section 9.3.6: CONNECT needs a port"
        }
        Kind::TargetForm => "RFC 9112 section 3.2: each form only for its method",
        Kind::HostMissing | Kind::HostRepeated | Kind::Host => {
            "RFC 9112 section 3.2: exactly one valid Host"
        }
        Kind::ContentLengthRepeated => {
            "RFC 9112 section 6.3, rule 5: a repeat may be refused, equal or not"
        }
        Kind::LengthAndCoding => {
            "RFC 9112 section 6.3, rule 3: both fields ought to be handled as an error"
        }
        Kind::TransferCoding | Kind::UnsupportedCoding => {
            "RFC 9112 section 6.1: one `chunked`, and no other coding is undone"
        }
        Kind::CodingInOldVersion => "RFC 9112 section 6.1: faulty framing",
        Kind::ChunkSize | Kind::ChunkExtension => {
            "RFC 9112 section 7.1.1: extensions by their grammar"
        }
        Kind::Unsolicited => "RFC 9112 section 9.2: octets that no request asked for",
        Kind::Upgrade => "RFC 9110 section 15.2.2: a 101 names what it switches to, on an offer",
        _ => return None,
    })
}

/// What our codec takes and hyper refuses: HTTP/1.x with x above 1, which is one of 1.1 (RFC 9110 section 2.5).
fn is_wider(octets: &[u8]) -> bool {
    let later =
        |version: &[u8]| version.starts_with(b"HTTP/1.") && matches!(version[7], b'2'..=b'9');
    octets.windows(8).any(later)
}

/// The trailer fields that ours does not drop (RFC 9110 section 6.5.1): hyper hands all of them on.
fn allowed(trailers: &HeaderMap) -> usize {
    let allowed = |(name, _): &(&http::HeaderName, _)| trailer::is_allowed(name);
    trailers.iter().filter(allowed).count()
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

/// Our reading of the answer to one `GET`.
fn our_answer(octets: &[u8]) -> Result<Seen, Kind> {
    let mut codec = ClientCodec::new(Limits::response(), Leniency::strict());
    let request = http::Request::get("http://a/").body(()).unwrap();
    let mut out = BytesMut::new();
    codec.encode(Message::Head(request), &mut out).unwrap();
    codec
        .encode(Message::<http::Request<()>>::End, &mut out)
        .unwrap();
    let (mut src, mut open) = (BytesMut::from(octets), None);
    loop {
        match codec.decode_eof(&mut src) {
            Ok(Some(Message::Head(head))) => {
                open = Some((head.status().to_string(), Vec::new(), 0))
            }
            Ok(Some(Message::Data(data))) => {
                let seen: &mut Seen = open.as_mut().unwrap();
                seen.1.extend_from_slice(&data);
            }
            Ok(Some(Message::Trailers(trailers))) => open.as_mut().unwrap().2 = trailers.len(),
            Ok(Some(Message::End)) => return Ok(open.take().unwrap()),
            Ok(None) => unreachable!("an answer or an error"),
            Err(CodecError::Decode(error)) => return Err(error.kind()),
            Err(error) => panic!("{error}"),
        }
    }
}

/// hyper's.
async fn hypers_answer(octets: &[u8]) -> Result<Seen, hyper::Error> {
    let (client, mut server) = tokio::io::duplex(1 << 20);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(client)).await?;
    let connection = tokio::spawn(connection);
    let octets = octets.to_vec();
    let answering = tokio::spawn(async move {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            server.read_buf(&mut asked).await.unwrap();
        }
        server.write_all(&octets).await.unwrap();
    });
    let request = hyper::Request::get("/").header("host", "a");
    let answer = sender
        .send_request(request.body(Empty::<Bytes>::new()).unwrap())
        .await;
    let seen = match answer {
        Err(error) => Err(error),
        Ok(response) => {
            let status = response.status().to_string();
            response.into_body().collect().await.map(|content| {
                let trailers = content.trailers().map_or(0, allowed);
                (status, content.to_bytes().to_vec(), trailers)
            })
        }
    };
    answering.await.unwrap();
    drop(sender);
    connection.abort();
    seen
}

/// Answers: the same, or one of the differences that are listed.
#[tokio::test]
async fn responses() {
    let ok = |lines: &str, content: &str| format!("HTTP/1.1 200 OK\r\n{lines}\r\n{content}");
    let chunked = |content: &str| ok("Transfer-Encoding: chunked\r\n", content);
    let cases = [
        (ok("Content-Length: 3\r\n", "abc"), None),
        (ok("", "abc"), None),
        (chunked("3\r\nabc\r\n0\r\nX: y\r\n\r\n"), None),
        (
            "HTTP/1.1 100 Continue\r\n\r\n".to_owned() + &ok("Content-Length: 0\r\n", ""),
            None,
        ),
        (
            "HTTP/1.1 204 X\r\nContent-Length: 3\r\n\r\n".to_owned(),
            None,
        ),
        (
            ok("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
            None,
        ),
        (
            ok("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"),
            None,
        ),
        (ok("Content-Length: 5\r\n", "abc"), None),
        (chunked("3\r\nabc\r\n"), None),
        (chunked("3\nabc\r\n0\r\n\r\n"), None),
        ("HTTP/1.1 20 OK\r\n\r\n".to_owned(), None),
        ("HTTP/2.0 200 OK\r\n\r\n".to_owned(), None),
        (ok("X : y\r\n", ""), None),
        (
            "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc".to_owned(),
            Some(Kind::BareLf),
        ),
        (
            ok(
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                "3\r\nabc\r\n0\r\n\r\n",
            ),
            Some(Kind::LengthAndCoding),
        ),
        (
            ok("Transfer-Encoding: gzip\r\n", "abc"),
            Some(Kind::TransferCoding),
        ),
        (chunked("3 \r\nabc\r\n0\r\n\r\n"), Some(Kind::ChunkSize)),
        (
            "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Some(Kind::Version),
        ),
    ];
    for (octets, difference) in cases {
        let (ours, hypers) = (
            our_answer(octets.as_bytes()),
            hypers_answer(octets.as_bytes()).await,
        );
        match (ours, hypers) {
            (Ok(ours), Ok(hypers)) => assert_eq!((ours, difference), (hypers, None), "{octets:?}"),
            (Err(_), Err(_)) => assert_eq!(difference, None, "{octets:?}"),
            (Err(kind), Ok(_)) => assert_eq!(Some(kind), difference, "{octets:?}"),
            (Ok(ours), Err(hypers)) => panic!("we are wider: {octets:?} {ours:?} {hypers}"),
        }
        if let Some(kind) = difference.filter(|kind| *kind != Kind::Version) {
            assert!(stricter(kind).is_some());
        }
    }
}
