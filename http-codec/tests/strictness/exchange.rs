//! What a response must know of its request: persistence, expectation, upgrade, method.

use bytes::BytesMut;
use http_codec::{
    Exchange, Expectation, Leniency, Limits, MethodClass, Persistence, RequestHead,
    RequestHeadDecoder,
};

fn exchange(version: &str, lines: &str) -> Exchange {
    let octets = format!("POST / HTTP/{version}\r\nHost: a\r\n{lines}\r\n\r\n");
    let mut head = RequestHead::default();
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut src = BytesMut::from(octets.as_str());
    assert!(decoder.decode(&mut src, &mut head).unwrap());
    head.exchange()
}

/// RFC 9112 section 9.3: `close` wins; HTTP/1.0 persists only where asked to.
#[test]
fn persistence() {
    use Persistence::{Close, KeepAlive};
    for (version, lines, expected) in [
        ("1.1", "X: y", KeepAlive),
        ("1.1", "Connection: close", Close),
        ("1.1", "Connection: CLOSE", Close),
        ("1.1", "Connection: keep-alive, close", Close),
        ("1.1", "Connection: close, keep-alive", Close),
        ("1.1", "Connection: keep-alive\r\nConnection: close", Close),
        ("1.1", "Connection: x,\tclose ,y", Close),
        ("1.1", "Connection: closed", KeepAlive),
        ("1.1", "Connection: not close", KeepAlive),
        ("1.1", "Connection:", KeepAlive),
        ("1.0", "X: y", Close),
        ("1.0", "Connection: keep-alive", KeepAlive),
        ("1.0", "Connection: Keep-Alive, x", KeepAlive),
        ("1.0", "Connection: x\r\nConnection: keep-alive", KeepAlive),
        ("1.0", "Connection: keep-alive, close", Close),
    ] {
        assert_eq!(
            exchange(version, lines).persistence,
            expected,
            "{version} {lines}"
        );
    }
}

/// RFC 9110 section 10.1.1: only in HTTP/1.1, `100-continue` only with content.
#[test]
fn expectation() {
    for (version, lines, expected) in [
        ("1.1", "X: y", Expectation::None),
        (
            "1.1",
            "Expect: 100-continue\r\nContent-Length: 5",
            Expectation::Continue,
        ),
        (
            "1.1",
            "Expect: 100-Continue\r\nTransfer-Encoding: chunked",
            Expectation::Continue,
        ),
        ("1.1", "Expect: 100-continue", Expectation::None),
        ("1.1", "Expect:\r\nContent-Length: 5", Expectation::None),
        (
            "1.1",
            "Expect: , 100-continue,\r\nContent-Length: 5",
            Expectation::Continue,
        ),
        (
            "1.1",
            "Expect: x\r\nExpect:\r\nContent-Length: 5",
            Expectation::Unknown,
        ),
        (
            "1.1",
            "Expect: 100-continue\r\nContent-Length: 0",
            Expectation::None,
        ),
        (
            "1.1",
            "Expect: 200-maybe\r\nContent-Length: 5",
            Expectation::Unknown,
        ),
        (
            "1.1",
            "Expect: 100-continue, x\r\nContent-Length: 5",
            Expectation::Unknown,
        ),
        (
            "1.1",
            "Expect: x\r\nExpect: 100-continue\r\nContent-Length: 5",
            Expectation::Unknown,
        ),
        (
            "1.1",
            "Expect: 100-continuee\r\nContent-Length: 5",
            Expectation::Unknown,
        ),
        (
            "1.0",
            "Expect: 100-continue\r\nContent-Length: 5",
            Expectation::None,
        ),
        (
            "1.0",
            "Expect: x\r\nContent-Length: 5",
            Expectation::Unknown,
        ),
        ("1.0", "Expect: x", Expectation::Unknown),
    ] {
        assert_eq!(
            exchange(version, lines).expectation,
            expected,
            "{version} {lines}"
        );
    }
}

/// RFC 9110 section 7.8: an upgrade needs `Connection: upgrade`, HTTP/1.1 and no content.
#[test]
fn upgrade() {
    for (version, lines, expected) in [
        ("1.1", "Connection: upgrade\r\nUpgrade: websocket", true),
        (
            "1.1",
            "Upgrade: websocket\r\nConnection: keep-alive, Upgrade",
            true,
        ),
        (
            "1.1",
            "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 0",
            true,
        ),
        ("1.1", "Upgrade: websocket", false),
        ("1.1", "Connection: upgrade", false),
        ("1.1", "Connection: upgrade\r\nUpgrade:", false),
        ("1.0", "Connection: upgrade\r\nUpgrade: websocket", false),
        (
            "1.1",
            "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1",
            false,
        ),
        (
            "1.1",
            "Connection: upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked",
            false,
        ),
    ] {
        assert_eq!(
            exchange(version, lines).upgrade,
            expected,
            "{version} {lines}"
        );
    }
}

/// RFC 9110 section 9.1: methods are case-sensitive.
#[test]
fn method_class() {
    for (method, expected) in [
        (&b"HEAD"[..], MethodClass::Head),
        (b"CONNECT", MethodClass::Connect),
        (b"head", MethodClass::Other),
        (b"HEADER", MethodClass::Other),
        (b"GET", MethodClass::Other),
    ] {
        assert_eq!(MethodClass::of(method), expected);
        assert_eq!(
            MethodClass::from(&http::Method::from_bytes(method).unwrap()),
            expected
        );
    }
}
