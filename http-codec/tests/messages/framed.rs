//! Whole connections through `ServerCodec` and `ClientCodec`.

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response};
use http_codec::{
    ClientCodec, CodecError, DecodeErrorKind, EncodeErrorKind, Leniency, Limits, Message,
    ServerCodec,
};
use tokio_util::codec::{Decoder, Encoder};

pub(crate) fn server() -> ServerCodec {
    ServerCodec::new(Limits::request(), Leniency::strict())
}

pub(crate) fn client() -> ClientCodec {
    ClientCodec::new(Limits::response(), Leniency::strict())
}

/// What is in `src`, a word a frame, until the decoder wants more.
pub(crate) fn drain<D, H>(
    codec: &mut D,
    src: &mut BytesMut,
    name: impl Fn(&H) -> String,
) -> Result<Vec<String>, CodecError>
where
    D: Decoder<Item = Message<H>, Error = CodecError>,
{
    let mut seen = Vec::new();
    while let Some(frame) = codec.decode(src)? {
        seen.push(match frame {
            Message::Head(head) => name(&head),
            Message::Data(data) => String::from_utf8(data.to_vec()).unwrap(),
            Message::Trailers(trailers) => format!("{} trailers", trailers.len()),
            Message::End => "end".to_owned(),
        });
    }
    Ok(seen)
}

pub(crate) fn requests(codec: &mut ServerCodec, octets: &str) -> Result<Vec<String>, CodecError> {
    let mut src = BytesMut::from(octets);
    drain(codec, &mut src, |head: &http_codec::RequestHead| {
        format!("{} {}", head.method(), head.target())
    })
}

pub(crate) fn responses(codec: &mut ClientCodec, octets: &str) -> Result<Vec<String>, CodecError> {
    let mut src = BytesMut::from(octets);
    drain(codec, &mut src, |head: &http_codec::ResponseHead| {
        head.status().to_string()
    })
}

pub(crate) fn respond(
    codec: &mut ServerCodec,
    response: Response<()>,
    pieces: &[&'static str],
) -> Result<String, EncodeErrorKind> {
    let mut out = BytesMut::new();
    let frames = std::iter::once(Message::Head(response))
        .chain(
            pieces
                .iter()
                .map(|piece| Message::Data(Bytes::from_static(piece.as_bytes()))),
        )
        .chain([Message::End]);
    for frame in frames {
        match codec.encode(frame, &mut out) {
            Ok(()) => {}
            Err(CodecError::Encode(error)) => return Err(error.kind()),
            Err(error) => panic!("{error}"),
        }
    }
    Ok(String::from_utf8(out.to_vec()).unwrap())
}

pub(crate) fn status(status: u16) -> Response<()> {
    Response::builder().status(status).body(()).unwrap()
}

pub(crate) fn send(codec: &mut ClientCodec, request: Request<()>) -> String {
    let mut out = BytesMut::new();
    codec.encode(Message::Head(request), &mut out).unwrap();
    codec.encode(Message::<Request<()>>::End, &mut out).unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

/// Pipelined requests are answered in order, each framed for itself (RFC 9112 section 9.3.2).
#[test]
fn pipelined_requests() {
    let mut codec = server();
    let seen = requests(
        &mut codec,
        "HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n\
         POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n\
         GET /3 HTTP/1.0\r\n\r\nGET /4 HTTP/1.1\r\n\r\n",
    );
    assert_eq!(
        seen.unwrap(),
        [
            "HEAD /1",
            "end",
            "POST /2",
            "abc",
            "1 trailers",
            "end",
            "GET /3",
            "end"
        ]
    );
    assert_eq!(codec.owed(), 3);
    let mut sized = status(200);
    sized
        .headers_mut()
        .insert("content-length", HeaderValue::from_static("5"));
    assert_eq!(
        respond(&mut codec, sized, &[]).unwrap(),
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    );
    assert_eq!(
        respond(&mut codec, status(200), &["ab", "c"]).unwrap(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    );
    assert!(!codec.is_last());
    assert_eq!(
        respond(&mut codec, status(200), &["ab"]).unwrap(),
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nab"
    );
    assert!(codec.is_last());
    assert_eq!(
        respond(&mut codec, status(200), &[]),
        Err(EncodeErrorKind::Order)
    );
}

/// Interim responses do not answer; HTTP/1.0 never sees one (RFC 9110 section 15.2).
#[test]
fn interim_responses() {
    let mut codec = server();
    requests(
        &mut codec,
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    )
    .unwrap();
    let mut out = BytesMut::new();
    codec.encode(Message::Head(status(103)), &mut out).unwrap();
    assert_eq!(out, "HTTP/1.1 103 Early Hints\r\n\r\n");
    let mut sized = status(200);
    sized
        .headers_mut()
        .insert("content-length", HeaderValue::from_static("1"));
    assert!(
        respond(&mut codec, sized.clone(), &["a"])
            .unwrap()
            .ends_with("\r\n\r\na")
    );
    out.clear();
    codec.encode(Message::Head(status(103)), &mut out).unwrap();
    assert_eq!(out, "");
    let last = respond(&mut codec, sized, &["a"]).unwrap();
    assert_eq!(
        last,
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\na"
    );
}

/// After an error the codec gives nothing more of that connection.
#[test]
fn an_error_stands() {
    let mut codec = server();
    for _ in 0..2 {
        let error = requests(
            &mut codec,
            "GET / HTTP/1.1\r\nHost : a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        )
        .unwrap_err();
        let CodecError::Decode(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error.kind(), DecodeErrorKind::FieldName);
    }
}

/// RFC 9112 section 9.6: the answer to a request whose content is broken is the last, and says so; those before it do not.
#[test]
fn an_answer_behind_broken_content_closes() {
    let first = "POST /1 HTTP/1.1\r\nHost: a\r\n\r\n";
    let broken = "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;\r\n";
    let mut codec = server();
    requests(&mut codec, &format!("{first}{broken}")).unwrap_err();
    let answered = respond(&mut codec, status(204), &[]).unwrap();
    assert_eq!(answered, "HTTP/1.1 204 No Content\r\n\r\n");
    assert!(!codec.is_last());
    let answered = respond(&mut codec, status(204), &[]).unwrap();
    assert!(answered.contains("\r\nconnection: close\r\n"), "{answered}");
    assert!(codec.is_last());

    let mut codec = server();
    let cut = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
    requests(&mut codec, cut).unwrap();
    codec.decode_eof(&mut BytesMut::new()).unwrap_err();
    let answered = respond(&mut codec, status(204), &[]).unwrap();
    assert!(answered.contains("\r\nconnection: close\r\n"), "{answered}");
}

/// Requests that run ahead of their answers are bounded.
#[test]
fn owed_requests_are_bounded() {
    let mut codec = ServerCodec::new(Limits::request().with_owed(2), Leniency::strict());
    let error = requests(&mut codec, &"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3)).unwrap_err();
    let CodecError::Decode(error) = error else {
        panic!("{error}")
    };
    assert_eq!(error.kind(), DecodeErrorKind::TooManyOwed(2));
}

/// RFC 9110 section 9.3.6: what follows a CONNECT waits for its answer.
#[test]
fn connect_becomes_a_tunnel_or_closes() {
    let octets = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
    let mut codec = server();
    assert_eq!(
        requests(&mut codec, &format!("{octets}raw")).unwrap(),
        ["CONNECT a:1", "end"]
    );
    assert_eq!(
        respond(&mut codec, status(200), &["back"]).unwrap(),
        "HTTP/1.1 200 OK\r\n\r\nback"
    );
    assert!(codec.is_tunnel());
    assert_eq!(requests(&mut codec, "raw").unwrap(), ["raw"]);
    let mut codec = server();
    requests(&mut codec, octets).unwrap();
    let mut sized = status(403);
    sized
        .headers_mut()
        .insert("content-length", HeaderValue::from_static("0"));
    let refused = respond(&mut codec, sized, &[]).unwrap();
    assert_eq!(
        refused,
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    assert!(
        requests(&mut codec, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap()
            .is_empty()
    );
}

/// What a client sent behind its CONNECT before it closed its side is the tunnel's, whenever the answer comes.
#[test]
fn a_tunnel_begins_with_what_came_before_the_end() {
    let mut codec = server();
    let mut src = BytesMut::from("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nraw");
    let mut frames = 0;
    while codec.decode_eof(&mut src).unwrap().is_some() {
        frames += 1;
    }
    assert_eq!((frames, &src[..]), (2, &b"raw"[..]));
    respond(&mut codec, status(200), &[]).unwrap();
    let first = codec.decode_eof(&mut src).unwrap();
    assert!(matches!(first, Some(Message::Data(data)) if data == "raw"));
}

/// RFC 9110 section 7.8: 101 only where it was offered.
#[test]
fn switching_protocols() {
    let offer = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let mut codec = server();
    requests(&mut codec, offer).unwrap();
    let mut switch = status(101);
    switch
        .headers_mut()
        .insert("connection", HeaderValue::from_static("upgrade"));
    let head = respond(&mut codec, switch, &["new"]).unwrap();
    assert_eq!(
        head,
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\r\nnew"
    );
    assert_eq!(requests(&mut codec, "GET").unwrap(), ["GET"]);
    let mut codec = server();
    requests(&mut codec, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert_eq!(
        respond(&mut codec, status(101), &[]),
        Err(EncodeErrorKind::Order)
    );
}

/// RFC 9112 section 8: the close is the end of one kind of message, and cuts all others short.
#[test]
fn the_end_of_the_connection() {
    let mut codec = server();
    let mut src = BytesMut::from("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc");
    let mut frames = 0;
    let error = loop {
        match codec.decode_eof(&mut src) {
            Ok(frame) => frames += usize::from(frame.is_some()),
            Err(CodecError::Decode(error)) => break error,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!((frames, error.kind()), (2, DecodeErrorKind::Truncated(2)));
    for (octets, truncated) in [("", false), ("\r\n", false), ("GET", true)] {
        assert_eq!(
            server().decode_eof(&mut BytesMut::from(octets)).is_err(),
            truncated,
            "{octets:?}"
        );
    }
    let mut codec = client();
    send(&mut codec, Request::get("http://a/").body(()).unwrap());
    let mut src = BytesMut::from("HTTP/1.1 200 OK\r\n\r\nabc");
    let mut ends = 0;
    while let Some(frame) = codec.decode_eof(&mut src).unwrap() {
        ends += usize::from(matches!(frame, Message::End));
    }
    assert_eq!(ends, 1);
    let mut codec = client();
    send(&mut codec, Request::get("http://a/").body(()).unwrap());
    assert!(
        codec.decode_eof(&mut BytesMut::new()).is_err(),
        "a request without its answer"
    );
}
