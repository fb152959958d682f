//! Field lines from whatever holds them, and what fields say of themselves.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_codec::fields::host::HostValue;
use http_codec::fields::{connection, content_length};
use http_codec::head::write;
use http_codec::{
    BodyEncoder, BodyLength, ConnectionOptions, FieldLines, Framing, LengthField, Leniency, Limits,
    MethodClass, Output, Persistence, RawFields, RequestHead, RequestHeadDecoder, RequestLine,
    ResponseHead, ResponseHeadDecoder, StatusLine, TrailerNames, WriteBuf,
};

fn written(fields: &impl FieldLines) -> String {
    let mut out = BytesMut::new();
    let line = StatusLine::new(StatusCode::IM_A_TEAPOT);
    write::response_head(
        &mut out,
        line,
        fields,
        Framing::new(LengthField::None),
        None,
    );
    let text = String::from_utf8(out.to_vec()).unwrap();
    let lines = text.strip_prefix("HTTP/1.1 418 I'm a teapot\r\n").unwrap();
    lines.to_owned()
}

/// Every holder of lines gives the same ones.
#[test]
fn holders_of_field_lines() {
    let pair = || {
        let name = |name| HeaderName::from_static(name);
        [
            (name("x-a"), HeaderValue::from_static("1")),
            (name("x-b"), HeaderValue::from_static("2")),
        ]
    };
    let (octets, mut raw) = ("X-A: 1\r\nX-B: 2\r\n\r\n", RawFields::new());
    for (name, value) in pair() {
        raw.append(&name, &value);
    }
    assert_eq!(written(&()), "\r\n");
    for text in [
        written(&pair()),
        written(&Vec::from(pair())),
        written(&raw),
        written(&HeaderMap::from_iter(pair())),
    ] {
        assert_eq!(text, octets.to_lowercase());
    }
    let mut response = ResponseHead::default();
    let mut decoder = ResponseHeadDecoder::new(Limits::response(), Leniency::strict());
    let mut src = BytesMut::from(format!("HTTP/1.1 200 OK\r\n{octets}").as_str());
    assert!(
        decoder
            .decode(&mut src, MethodClass::Other, &mut response)
            .unwrap()
    );
    assert_eq!(response.field("x-b"), Some(&b"2"[..]));
    assert_eq!(written(&response), octets);
    let mut request = RequestHead::default();
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut src = BytesMut::from(format!("GET / HTTP/1.0\r\n{octets}").as_str());
    assert!(decoder.decode(&mut src, &mut request).unwrap());
    assert_eq!(written(&request), octets);
}

/// RFC 9110 section 7.6.1.
#[test]
fn connection_options_and_hop_by_hop_fields() {
    let mut map = HeaderMap::new();
    map.append("connection", HeaderValue::from_static("x, Upgrade"));
    map.append("connection", HeaderValue::from_static("keep-alive"));
    let options = ConnectionOptions::of(&map);
    assert!(options.upgrade && options.keep_alive && !options.close);
    for (name, hop) in [
        ("Connection", true),
        ("TE", true),
        ("Trailer", false),
        ("Host", false),
    ] {
        assert_eq!(connection::is_hop_by_hop(name.as_bytes()), hop, "{name}");
    }
    let (open, close) = (Persistence::KeepAlive, Persistence::Close);
    assert_eq!(
        (open.and(open), open.and(close), close.and(open)),
        (open, close, close)
    );
}

/// RFC 9110 section 8.6: what an application declares counts where it says one thing.
#[test]
fn declared_lengths() {
    for (values, length) in [
        (&["5"][..], Some(5)),
        (&["5", "5"], Some(5)),
        (&["5", "6"], None),
        (&["x"], None),
        (&[], None),
    ] {
        let mut map = HeaderMap::new();
        for value in values {
            map.append("content-length", HeaderValue::from_static(value));
        }
        assert_eq!(content_length::declared(&map), length, "{values:?}");
    }
}

/// RFC 9110 section 7.2: a `Host` that is checked once.
#[test]
fn a_checked_host() {
    assert_eq!(
        (HostValue::new(b"a b"), HostValue::new(b"a\r\n")),
        (None, None)
    );
    let host = HostValue::new(b"a:1").unwrap();
    for (target, good) in [("/", true), ("/ x", false), ("", false)] {
        let mut out = Vec::new();
        let line = RequestLine {
            method: &Method::GET,
            target,
        };
        let framing = Framing::new(LengthField::None);
        let result = write::request_head_to(&mut out, line, &host, &(), framing);
        let expected: &[u8] = if good {
            b"GET / HTTP/1.1\r\nhost: a:1\r\n\r\n"
        } else {
            b""
        };
        assert_eq!((result.is_ok(), &out[..]), (good, expected), "{target:?}");
    }
}

/// RFC 9110 section 6.6.2: trailer names, line by line.
#[test]
fn declared_trailer_names() {
    let mut names = TrailerNames::none();
    for value in [&b"X-A"[..], b"x-b, Host", b"x-c\n"] {
        names.declare(value);
    }
    let contains = |name: &'static str| names.contains(&HeaderName::from_static(name));
    assert_eq!(
        ["x-a", "x-b", "host", "x-c"].map(contains),
        [true, true, false, false]
    );
    let mut any = TrailerNames::any();
    any.declare(b"x-a");
    assert!(any.contains(&HeaderName::from_static("x-z")) && !any.is_none());
}

/// Large content is queued by reference between what is copied, chunked or not, and can be let go.
#[test]
fn chunks_by_reference() {
    let large = Bytes::from(vec![b'x'; WriteBuf::BY_REFERENCE]);
    let mut out = WriteBuf::new();
    let mut encoder = BodyEncoder::new(BodyLength::Chunked);
    encoder.data(large.clone(), &mut out).unwrap();
    encoder.end(&mut out).unwrap();
    assert!(out.front().is_none() && !out.is_empty());
    out.put(b"next");
    let mut slices = [std::io::IoSlice::new(&[]); 8];
    let filled = out.slices(&mut slices);
    assert!(
        slices[..filled]
            .iter()
            .any(|slice| slice.as_ptr() == large.as_ptr())
    );
    let length = out.len();
    assert_eq!(length, b"2000\r\n\r\n0\r\n\r\nnext".len() + large.len());
    out.advance(length);
    assert!(out.is_empty() && out.front() == Some(&[][..]));
    out.release();
    let mut plain = BytesMut::new();
    plain.put_content(large.clone());
    assert_eq!(plain, large);
}
