//! Responses to one `GET`: what both take, and what only one does.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Empty};
use http_codec::{ClientCodec, CodecError, DecodeErrorKind as Kind, Leniency, Limits, Message};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::codec::{Decoder as _, Encoder as _};

use crate::{Seen, allowed, stricter};

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
