//! Heads on their way out: RFC 9112 sections 3 and 4, RFC 9110 section 8.6.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use http_codec::framing::{self, LengthField};
use http_codec::head::write;
use http_codec::{
    ConnectionField, EncodeErrorKind, FieldLines, Framing, MethodClass, RawFields, ReasonPhrase,
    RequestLine, StatusLine, WriteBuf,
};

fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(*name, HeaderValue::from_static(value));
    }
    map
}

const DATE: &[u8; write::IMF_FIXDATE] = b"Sun, 06 Nov 1994 08:49:37 GMT";

fn response(
    status: u16,
    fields: &impl FieldLines,
    framing: Framing,
    date: Option<&[u8; write::IMF_FIXDATE]>,
) -> String {
    let (mut out, mut queue) = (Vec::new(), WriteBuf::new());
    let line = StatusLine::new(StatusCode::from_u16(status).unwrap());
    write::response_head(&mut out, line, fields, framing, date);
    write::response_head(&mut queue, line, fields, framing, date);
    assert_eq!(queue.front(), Some(&out[..]));
    String::from_utf8(out).unwrap()
}

fn request(
    method: Method,
    target: &str,
    host: &str,
    fields: &HeaderMap,
) -> Result<String, EncodeErrorKind> {
    let (mut out, mut queue) = (Vec::new(), WriteBuf::new());
    let line = RequestLine {
        method: &method,
        target,
    };
    let framing = Framing::new(LengthField::None);
    let written = write::request_head(&mut out, line, host.as_bytes(), fields, framing);
    let queued = write::request_head(&mut queue, line, host.as_bytes(), fields, framing);
    assert_eq!((&queued, queue.front()), (&written, Some(&out[..])));
    match written {
        Ok(()) => Ok(String::from_utf8(out).unwrap()),
        Err(error) => {
            assert!(out.is_empty(), "a refused head leaves nothing behind");
            Err(error.kind())
        }
    }
}

/// RFC 9112 section 4.
#[test]
fn a_response_head() {
    let fields = map(&[("content-type", "text/plain"), ("x-a", "1"), ("x-a", "2")]);
    let framing = Framing::new(LengthField::ContentLength(12_345_678_901));
    assert_eq!(
        response(200, &fields, framing, Some(DATE)),
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-a: 1\r\nx-a: 2\r\n\
         content-length: 12345678901\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
    );
    for (length, line) in [
        (LengthField::None, ""),
        (LengthField::ContentLength(0), "content-length: 0\r\n"),
        (LengthField::ContentLength(908), "content-length: 908\r\n"),
        (
            LengthField::ContentLength(9_999),
            "content-length: 9999\r\n",
        ),
        (
            LengthField::ContentLength(10_000),
            "content-length: 10000\r\n",
        ),
        (
            LengthField::ContentLength(u64::MAX),
            "content-length: 18446744073709551615\r\n",
        ),
        (LengthField::Chunked, "transfer-encoding: chunked\r\n"),
    ] {
        let head = response(204, &HeaderMap::new(), Framing::new(length), None);
        assert_eq!(head, format!("HTTP/1.1 204 No Content\r\n{line}\r\n"));
    }
}

/// A status without a usual phrase keeps its space (RFC 9112 section 4); a given phrase is kept.
#[test]
fn reason_phrases() {
    let plain = Framing::new(LengthField::None);
    assert_eq!(
        response(299, &HeaderMap::new(), plain, None),
        "HTTP/1.1 299 \r\n\r\n"
    );
    let reason = ReasonPhrase::new(&b"Tr\xe8s bien"[..]).unwrap();
    let mut out = Vec::new();
    let line = StatusLine {
        status: StatusCode::OK,
        reason: Some(&reason),
    };
    write::response_head(&mut out, line, &HeaderMap::new(), plain, None);
    assert_eq!(out, b"HTTP/1.1 200 Tr\xe8s bien\r\n\r\n");
    for bad in ["a\r\nb", "a\nb", "a\0", "\x7f"] {
        let error = ReasonPhrase::new(Bytes::from_static(bad.as_bytes())).unwrap_err();
        assert_eq!(error.kind(), EncodeErrorKind::Reason);
    }
}

/// The framing fields are ours alone; an application's Date stands.
#[test]
fn framing_fields_of_an_application_are_left_out() {
    let fields = map(&[
        ("content-length", "7"),
        ("transfer-encoding", "gzip"),
        ("connection", "close"),
        ("date", "yesterday"),
        ("x", "y"),
    ]);
    let framing = Framing::new(LengthField::ContentLength(1));
    let head = response(200, &fields, framing, Some(DATE));
    assert_eq!(
        head,
        "HTTP/1.1 200 OK\r\ndate: yesterday\r\nx: y\r\ncontent-length: 1\r\n\r\n"
    );
}

/// RFC 9112 section 9.3: `Connection` carries our word, and the application's other options.
#[test]
fn connection_is_merged() {
    for (ours, theirs, line) in [
        (ConnectionField::Close, None, "connection: close\r\n"),
        (
            ConnectionField::KeepAlive,
            None,
            "connection: keep-alive\r\n",
        ),
        (
            ConnectionField::None,
            Some("upgrade"),
            "connection: upgrade\r\n",
        ),
        (
            ConnectionField::None,
            Some("keep-alive, x, close"),
            "connection: x\r\n",
        ),
        (
            ConnectionField::Close,
            Some("upgrade ,keep-alive,"),
            "connection: close, upgrade\r\n",
        ),
        (ConnectionField::None, Some("close"), ""),
    ] {
        let fields = theirs
            .map(|value| map(&[("connection", value)]))
            .unwrap_or_default();
        let framing = Framing::new(LengthField::None).with_connection(ours);
        let head = response(200, &fields, framing, None);
        assert_eq!(head, format!("HTTP/1.1 200 OK\r\n{line}\r\n"));
    }
}

/// Order and spelling can be kept.
#[test]
fn raw_fields_keep_order_and_spelling() {
    let mut fields = RawFields::new();
    fields.push("X-B", "2").unwrap();
    fields.push("x-A", "1").unwrap();
    fields.push("X-B", b"\xff").unwrap();
    fields.push("Content-LENGTH", "9").unwrap();
    assert_eq!((fields.len(), fields.is_empty()), (4, false));
    let mut out = Vec::new();
    let framing = Framing::new(LengthField::ContentLength(3));
    write::response_head(
        &mut out,
        StatusLine::new(StatusCode::OK),
        &fields,
        framing,
        None,
    );
    assert_eq!(
        out,
        b"HTTP/1.1 200 OK\r\nX-B: 2\r\nx-A: 1\r\nX-B: \xff\r\ncontent-length: 3\r\n\r\n"
    );
    for (name, value, kind) in [
        ("", "v", EncodeErrorKind::FieldName),
        ("a b", "v", EncodeErrorKind::FieldName),
        ("a:", "v", EncodeErrorKind::FieldName),
        ("a\r\nb", "v", EncodeErrorKind::FieldName),
        ("a", "v\r\nb: c", EncodeErrorKind::FieldValue),
        ("a", "v\n", EncodeErrorKind::FieldValue),
        ("a", "\0", EncodeErrorKind::FieldValue),
    ] {
        assert_eq!(
            fields.push(name, value).unwrap_err().kind(),
            kind,
            "{name:?} {value:?}"
        );
    }
}

fn raw(lines: &[(&str, &str)]) -> RawFields {
    let mut raw = RawFields::new().with_framing_in_place();
    for (name, value) in lines {
        raw.push(name, value).unwrap();
    }
    raw
}

/// The fields that are ours stand where raw lines name them, as spelled there, with our values; once each.
#[test]
fn framing_fields_keep_their_place_and_spelling() {
    let lines = raw(&[
        ("CONNECTION", "close, X-Hop"),
        ("Transfer-encoding", "gzip"),
        ("X-A", "1"),
        ("Content-LENGTH", "9"),
        ("Date", "then"),
        ("content-length", "9, 9"),
        ("connection", "keep-alive, x-b"),
        ("X-B", "2"),
    ]);
    let connection = |field| Framing::new(LengthField::None).with_connection(field);
    let known = |field| Framing::new(LengthField::ContentLength(3)).with_connection(field);
    let chunked = Framing::new(LengthField::Chunked);
    for (framing, before, between) in [
        (
            connection(ConnectionField::None),
            "CONNECTION: X-Hop, x-b\r\n",
            "",
        ),
        (
            known(ConnectionField::KeepAlive),
            "CONNECTION: keep-alive, X-Hop, x-b\r\n",
            "Content-LENGTH: 3\r\n",
        ),
        (
            chunked,
            "CONNECTION: X-Hop, x-b\r\nTransfer-encoding: chunked\r\n",
            "",
        ),
    ] {
        let head = response(200, &lines, framing, Some(DATE));
        let rest = "Date: then\r\nX-B: 2\r\n\r\n";
        assert_eq!(
            head,
            format!("HTTP/1.1 200 OK\r\n{before}X-A: 1\r\n{between}{rest}")
        );
    }
}

/// What raw lines do not name comes where it always does; what a message does not have is left out.
#[test]
fn framing_fields_without_a_place() {
    let lines = raw(&[
        ("Connection", "close"),
        ("Content-Length", "9"),
        ("Host", "x"),
    ]);
    for (framing, expected) in [
        (Framing::new(LengthField::None), "Host: x\r\n"),
        (
            Framing::new(LengthField::Chunked),
            "Host: x\r\ntransfer-encoding: chunked\r\n",
        ),
    ] {
        // `Host` is a field like others in a response.
        let head = response(200, &lines, framing, None);
        assert_eq!(head, format!("HTTP/1.1 200 OK\r\n{expected}\r\n"));
    }
    let close = Framing::new(LengthField::ContentLength(1)).with_connection(ConnectionField::Close);
    assert_eq!(
        response(200, &raw(&[("X-A", "1")]), close, Some(DATE)),
        "HTTP/1.1 200 OK\r\nX-A: 1\r\ncontent-length: 1\r\nconnection: close\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
    );
}

/// RFC 9112 section 3.2: one `Host`, ours, first or where raw lines name it.
#[test]
fn host_keeps_its_place_and_spelling() {
    for (lines, expected) in [
        (&[("X-A", "1")][..], "host: a:1\r\nX-A: 1\r\n"),
        (
            &[
                ("X-A", "1"),
                ("HOST", "b"),
                ("Accept", "*/*"),
                ("host", "c"),
            ],
            "X-A: 1\r\nHOST: a:1\r\nAccept: */*\r\n",
        ),
    ] {
        let mut out = Vec::new();
        let line = RequestLine {
            method: &Method::GET,
            target: "/",
        };
        let framing = Framing::new(LengthField::None);
        write::request_head(&mut out, line, b"a:1", &raw(lines), framing).unwrap();
        let head = String::from_utf8(out).unwrap();
        assert_eq!(head, format!("GET / HTTP/1.1\r\n{expected}\r\n"));
    }
}

/// RFC 9112 section 3.
#[test]
fn a_request_head() {
    let fields = map(&[("accept", "*/*"), ("host", "ignored")]);
    assert_eq!(
        request(Method::GET, "/a?b", "example.com:81", &fields).unwrap(),
        "GET /a?b HTTP/1.1\r\nhost: example.com:81\r\naccept: */*\r\n\r\n"
    );
    assert_eq!(
        request(Method::OPTIONS, "*", "", &HeaderMap::new()).unwrap(),
        "OPTIONS * HTTP/1.1\r\nhost: \r\n\r\n"
    );
}

/// Nothing that is handed in can split a request.
#[test]
fn a_target_or_host_that_would_split_is_refused() {
    for target in [
        "",
        "/ HTTP/1.1\r\nX: y",
        "/a b",
        "/a\r",
        "/a\n",
        "/a\0",
        "/\u{e9}",
        "/a#b",
        "/\x7f",
    ] {
        assert_eq!(
            request(Method::GET, target, "a", &HeaderMap::new()),
            Err(EncodeErrorKind::Target),
            "{target:?}"
        );
    }
    for host in ["a\r\nX: y", "a b", "user@a", "a/b", "a\0", "a,b"] {
        assert_eq!(
            request(Method::GET, "/", host, &HeaderMap::new()),
            Err(EncodeErrorKind::Host),
            "{host:?}"
        );
    }
}

/// RFC 9110 section 8.6, RFC 9112 section 6: how our responses are framed.
#[test]
fn how_responses_are_framed() {
    use LengthField::{Chunked, ContentLength, None as Nothing};
    use MethodClass::{Connect, Head, Other};
    let modern = Version::HTTP_11;
    for (method, version, status, size, declared, field, body) in [
        (
            Other,
            modern,
            200,
            Some(5),
            None,
            ContentLength(5),
            "Known(5)",
        ),
        (
            Other,
            modern,
            200,
            Some(0),
            None,
            ContentLength(0),
            "Known(0)",
        ),
        (
            Other,
            modern,
            200,
            Some(5),
            Some(7),
            ContentLength(5),
            "Known(5)",
        ),
        (
            Other,
            modern,
            200,
            None,
            Some(7),
            ContentLength(7),
            "Known(7)",
        ),
        (Other, modern, 200, None, None, Chunked, "Chunked"),
        (
            Other,
            Version::HTTP_10,
            200,
            None,
            None,
            Nothing,
            "UntilClose",
        ),
        (
            Other,
            Version::HTTP_10,
            200,
            Some(5),
            None,
            ContentLength(5),
            "Known(5)",
        ),
        (Other, modern, 204, Some(5), Some(5), Nothing, "Known(0)"),
        (Other, modern, 103, Some(5), None, Nothing, "Known(0)"),
        (Other, modern, 101, None, None, Nothing, "Tunnel"),
        (
            Other,
            modern,
            304,
            None,
            Some(7),
            ContentLength(7),
            "Known(0)",
        ),
        (Other, modern, 304, Some(0), None, Nothing, "Known(0)"),
        (
            Head,
            modern,
            200,
            Some(5),
            None,
            ContentLength(5),
            "Known(0)",
        ),
        (
            Head,
            modern,
            200,
            Some(0),
            Some(7),
            ContentLength(7),
            "Known(0)",
        ),
        (Head, modern, 200, Some(0), None, Nothing, "Known(0)"),
        (Head, modern, 200, None, None, Nothing, "Known(0)"),
        (Connect, modern, 200, Some(0), Some(0), Nothing, "Tunnel"),
        (
            Connect,
            modern,
            403,
            Some(0),
            None,
            ContentLength(0),
            "Known(0)",
        ),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let outgoing = framing::outgoing_response(method, version, status, size, declared);
        assert_eq!(
            (outgoing.field, format!("{:?}", outgoing.body)),
            (field, body.to_owned()),
            "{method:?} {status}"
        );
    }
}

/// RFC 9110 section 8.6: how our requests are framed.
#[test]
fn how_requests_are_framed() {
    for (method, size, field) in [
        (Method::GET, Some(0), LengthField::None),
        (Method::DELETE, Some(0), LengthField::None),
        (Method::POST, Some(0), LengthField::ContentLength(0)),
        (Method::PUT, Some(0), LengthField::ContentLength(0)),
        (Method::PATCH, Some(0), LengthField::ContentLength(0)),
        (Method::GET, Some(3), LengthField::ContentLength(3)),
        (Method::POST, None, LengthField::Chunked),
    ] {
        assert_eq!(
            framing::outgoing_request(&method, size).field,
            field,
            "{method} {size:?}"
        );
    }
}
