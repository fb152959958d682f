//! RFC 9112 section 7.1.2 and RFC 9110 section 6.5: the trailer section.

use http_codec::DecodeErrorKind as Kind;

use crate::drive::chunked;

fn with(lines: &str) -> String {
    format!("1\r\na\r\n0\r\n{lines}\r\n")
}

/// RFC 9110 section 6.5: trailer fields come apart from the head.
#[test]
fn trailer_fields_are_given() {
    let content = chunked(with("X-Sum: 1\r\nETag:\t\"a\" \r\nX-Sum: 2\r\n").as_bytes())
        .unwrap()
        .unwrap();
    let field = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
    assert_eq!(
        content.trailers,
        [
            field("x-sum", b"1"),
            field("x-sum", b"2"),
            field("etag", b"\"a\"")
        ]
    );
}

/// RFC 9110 section 6.5.1: framing, routing, authentication and content fields are dropped.
#[test]
fn forbidden_fields_are_dropped() {
    for name in [
        "Content-Length",
        "Transfer-Encoding",
        "Host",
        "Authorization",
        "Connection",
        "Content-Type",
        "Content-Encoding",
        "Content-Range",
        "Set-Cookie",
        "Cookie",
        "Trailer",
        "TE",
        "Upgrade",
        "Expect",
        "Cache-Control",
        "Proxy-Authorization",
        "Location",
        "Keep-Alive",
        "Proxy-Connection",
        "If-Match",
        "Range",
        "Max-Forwards",
    ] {
        let content = chunked(with(&format!("X: y\r\n{name}: 5\r\n")).as_bytes())
            .unwrap()
            .unwrap();
        assert_eq!(
            content.trailers,
            [("x".to_owned(), b"y".to_vec())],
            "{name}"
        );
    }
}

/// RFC 9112 section 5: the grammar of field lines holds here as well, for dropped ones too.
#[test]
fn a_malformed_trailer_field_is_refused() {
    for (lines, kind) in [
        ("X : y\r\n", Kind::FieldName),
        (": y\r\n", Kind::FieldName),
        ("X\r\n", Kind::FieldName),
        ("GET / HTTP/1.1\r\n", Kind::FieldName),
        ("X: \0\r\n", Kind::FieldValue),
        ("Host: \x01\r\n", Kind::FieldValue),
        (" X: y\r\n", Kind::ObsFold),
        ("X: y\r\n z\r\n", Kind::ObsFold),
    ] {
        assert_eq!(chunked(with(lines).as_bytes()), Err(kind), "{lines:?}");
    }
}
