//! A client's whole connections through `ClientCodec`, and heads whose order and spelling stay.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request};
use http_codec::{
    BodyLength, ClientCodec, CodecError, DecodeErrorKind, EncodeErrorKind, Leniency, Limits,
    Message, RawFields, RawRequest, RawResponse,
};
use tokio_util::codec::{Decoder, Encoder};

use crate::framed::{client, responses, send, server};

/// A client frames each answer for its request.
#[test]
fn answers_in_order() {
    let mut codec = client();
    assert_eq!(
        send(
            &mut codec,
            Request::head("/x").header("host", "a").body(()).unwrap()
        ),
        "HEAD /x HTTP/1.1\r\nhost: a\r\n\r\n"
    );
    send(
        &mut codec,
        Request::get("/y").header("host", "a").body(()).unwrap(),
    );
    assert_eq!(codec.awaited(), 2);
    let seen = responses(
        &mut codec,
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    );
    assert_eq!(
        seen.unwrap(),
        ["200 OK", "end", "103 Early Hints", "200 OK", "abc", "end"]
    );
    let error = responses(&mut codec, "HTTP/1.1 200 OK\r\n\r\n").unwrap_err();
    let CodecError::Decode(error) = error else {
        panic!("{error}")
    };
    assert_eq!(error.kind(), DecodeErrorKind::Unsolicited);
}

/// Interim responses without end are not waited out.
#[test]
fn interim_responses_are_bounded() {
    let mut codec = ClientCodec::new(Limits::response().with_interim(2), Leniency::strict());
    send(
        &mut codec,
        Request::get("/y").header("host", "a").body(()).unwrap(),
    );
    let error = responses(&mut codec, &"HTTP/1.1 103 X\r\n\r\n".repeat(3)).unwrap_err();
    let CodecError::Decode(error) = error else {
        panic!("{error}")
    };
    assert_eq!(error.kind(), DecodeErrorKind::TooManyInterim(2));
}

/// A request's content is framed by what its head declares.
#[test]
fn request_content() {
    let mut codec = client();
    let mut out = BytesMut::new();
    let head = Request::post("/")
        .header("host", "a")
        .header("transfer-encoding", "chunked")
        .header("trailer", "x");
    codec
        .encode(Message::Head(head.body(()).unwrap()), &mut out)
        .unwrap();
    codec
        .encode(
            Message::<Request<()>>::Data(Bytes::from_static(b"abc")),
            &mut out,
        )
        .unwrap();
    let early = codec
        .encode(Message::Head(Request::new(())), &mut out)
        .unwrap_err();
    assert!(matches!(early, CodecError::Encode(error) if error.kind() == EncodeErrorKind::Order));
    let mut trailers = HeaderMap::new();
    trailers.insert("x", HeaderValue::from_static("y"));
    codec
        .encode(Message::<Request<()>>::Trailers(trailers), &mut out)
        .unwrap();
    codec.encode(Message::<Request<()>>::End, &mut out).unwrap();
    assert_eq!(
        out,
        "POST / HTTP/1.1\r\nhost: a\r\ntrailer: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n"
    );
}

/// Raw heads keep order and spelling through both codecs.
#[test]
fn raw_heads() {
    let mut fields = RawFields::new();
    fields.push("X-Z", "1").unwrap();
    fields.push("aCCept", "*/*").unwrap();
    let mut out = BytesMut::new();
    let mut codec = client();
    let request = RawRequest {
        method: http::Method::GET,
        target: "/".to_owned(),
        host: b"h".to_vec(),
        fields: fields.clone(),
    };
    codec.encode(Message::Head(request), &mut out).unwrap();
    codec.encode(Message::<RawRequest>::End, &mut out).unwrap();
    assert_eq!(
        out,
        "GET / HTTP/1.1\r\nhost: h\r\nX-Z: 1\r\naCCept: */*\r\n\r\n"
    );
    let mut codec = server();
    let mut names = Vec::new();
    while let Some(frame) = codec.decode(&mut out).unwrap() {
        if let Message::Head(head) = frame {
            assert_eq!(head.length(), BodyLength::Known(0));
            names.extend(head.fields().map(|field| field.name.to_owned()));
        }
    }
    assert_eq!(names, ["host", "X-Z", "aCCept"]);
    let response = RawResponse {
        status: http::StatusCode::OK,
        reason: None,
        fields,
    };
    codec.encode(Message::Head(response), &mut out).unwrap();
    codec.encode(Message::<RawResponse>::End, &mut out).unwrap();
    assert_eq!(
        out,
        "HTTP/1.1 200 OK\r\nX-Z: 1\r\naCCept: */*\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    );
}

/// Raw heads keep the places of the framing fields too, where they are asked to, in both directions.
#[test]
fn raw_heads_with_framing_in_place() {
    let mut fields = RawFields::new().with_framing_in_place();
    fields.push("X-Z", "1").unwrap();
    fields.push("HOST", "other").unwrap();
    fields.push("Content-length", "0").unwrap();
    fields.push("Accept", "*/*").unwrap();
    let mut out = BytesMut::new();
    let request = RawRequest {
        method: http::Method::POST,
        target: "/".to_owned(),
        host: b"h".to_vec(),
        fields,
    };
    let mut codec = client();
    codec.encode(Message::Head(request), &mut out).unwrap();
    codec.encode(Message::<RawRequest>::End, &mut out).unwrap();
    assert_eq!(
        out,
        "POST / HTTP/1.1\r\nX-Z: 1\r\nHOST: h\r\nContent-length: 0\r\nAccept: */*\r\n\r\n"
    );
    let mut codec = server();
    while codec.decode(&mut out).unwrap().is_some() {}
    let mut fields = RawFields::new().with_framing_in_place();
    fields.push("Transfer-ENCODING", "chunked").unwrap();
    fields.push("X-Z", "1").unwrap();
    let response = RawResponse {
        status: http::StatusCode::OK,
        reason: None,
        fields,
    };
    codec.encode(Message::Head(response), &mut out).unwrap();
    codec.encode(Message::<RawResponse>::End, &mut out).unwrap();
    assert_eq!(
        out,
        "HTTP/1.1 200 OK\r\nTransfer-ENCODING: chunked\r\nX-Z: 1\r\n\r\n0\r\n\r\n"
    );
}

/// RFC 9110 sections 7.8 and 15.2.2: a 101 needs an offer, and names what it switches to.
#[test]
fn a_switch_that_was_not_offered_is_refused() {
    let get = || Request::get("http://a/");
    let offer = || get().header("connection", "upgrade").header("upgrade", "x");
    let named = "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let cases = [
        (offer(), named, true),
        (get(), named, false),
        (get().header("upgrade", "x"), named, false),
        (get().header("connection", "upgrade"), named, false),
        (offer(), "HTTP/1.1 101 X\r\n\r\n", false),
        (offer(), "HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", false),
    ];
    for (request, octets, taken) in cases {
        let mut codec = client();
        send(&mut codec, request.body(()).unwrap());
        match responses(&mut codec, octets) {
            Ok(_) => assert!(taken && codec.is_tunnel(), "{octets:?}"),
            Err(CodecError::Decode(error)) => {
                assert!(!taken, "{octets:?}");
                assert_eq!(error.kind(), DecodeErrorKind::Upgrade);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// RFC 9110 sections 7.8 and 9.3.6: what follows may not be HTTP, so nothing follows before the answer.
#[test]
fn no_request_behind_one_that_may_end_http() {
    let connect = Request::connect("a:1").body(()).unwrap();
    let upgrade = Request::get("http://a/")
        .header("connection", "upgrade")
        .header("upgrade", "x");
    for first in [connect, upgrade.body(()).unwrap()] {
        let mut codec = client();
        send(&mut codec, first);
        let second = || Message::Head(Request::get("http://a/").body(()).unwrap());
        let mut out = BytesMut::new();
        match codec.encode(second(), &mut out) {
            Err(CodecError::Encode(error)) => assert_eq!(error.kind(), EncodeErrorKind::Order),
            other => panic!("{other:?}"),
        }
        responses(&mut codec, "HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n").unwrap();
        codec.encode(second(), &mut out).unwrap();
    }
}
