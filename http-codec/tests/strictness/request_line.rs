//! RFC 9112 sections 2 and 3: the start line of a request.

use http::StatusCode;
use http_codec::DecodeErrorKind as Kind;

use crate::drive::{refused, request, taken};

/// RFC 9112 section 3: `method SP request-target SP HTTP-version`.
#[test]
fn the_parts_are_found() {
    let head = request(b"GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nX-Y:  z \r\n\r\n")
        .unwrap()
        .unwrap();
    assert_eq!(
        head.start,
        [
            "GET",
            "/a?b=c",
            "HTTP/1.1",
            "Origin",
            "Some(\"example.com\")"
        ]
    );
    assert_eq!(head.fields[1], ("X-Y".to_owned(), b"z".to_vec()));
    assert_eq!(head.rest, b"");
}

/// RFC 9112 section 3: single spaces, and nothing else, part the request line.
#[test]
fn single_spaces_part_the_line() {
    refused(&["GET  / HTTP/1.1\r\nHost: a\r\n\r\n"], Kind::Target);
    refused(
        &[
            "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
            " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\tGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET\r\nHost: a\r\n\r\n",
        ],
        Kind::Method,
    );
    refused(
        &[
            "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
            "GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
        ],
        Kind::Version,
    );
    refused(
        &[
            "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n",
            "GET \t/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /\x0bHTTP/1.1\r\nHost: a\r\n\r\n",
            "GET \r\nHost: a\r\n\r\n",
        ],
        Kind::Target,
    );
}

/// RFC 9112 section 2.2: a bare CR or LF is not a line end.
#[test]
fn bare_line_ends_are_refused() {
    refused(
        &[
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
            "GET / HTTP/1.1\n\n",
            "GET / HTTP/1.1\r\n\nHost: a\r\n\r\n",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX:\n\r\n",
        ],
        Kind::BareLf,
    );
    refused(
        &[
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
            "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ],
        Kind::BareCr,
    );
}

/// RFC 9112 section 2.2: one empty line before the request line is skipped, and only one.
#[test]
fn one_empty_line_before_the_request_line_is_skipped() {
    taken(&["\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"]);
    refused(
        &["\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\n\r\n"],
        Kind::EmptyLine,
    );
}

/// RFC 9110 section 9.1: the method is a token.
#[test]
fn the_method_is_a_token() {
    taken(&[
        "get / HTTP/1.1\r\nHost: a\r\n\r\n",
        "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n",
        "!#$%&'*+-.^_`|~ / HTTP/1.1\r\nHost: a\r\n\r\n",
    ]);
    refused(
        &[
            "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
            "G\u{e9}T / HTTP/1.1\r\nHost: a\r\n\r\n",
            "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n",
            "(GET) / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET: / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
        ],
        Kind::Method,
    );
}

/// RFC 9110 section 2.5: a higher minor version is 1.1, another major version is refused with 505.
#[test]
fn versions() {
    for (version, seen) in [
        ("1.0", "HTTP/1.0"),
        ("1.1", "HTTP/1.1"),
        ("1.2", "HTTP/1.1"),
        ("1.9", "HTTP/1.1"),
    ] {
        let head = format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n");
        assert_eq!(request(head.as_bytes()).unwrap().unwrap().start[2], seen);
    }
    refused(
        &[
            "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            "GET / HTTP/0.9\r\nHost: a\r\n\r\n",
            "GET / HTTP/3.1\r\nHost: a\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ],
        Kind::UnsupportedVersion,
    );
    refused(
        &[
            "GET /\r\n\r\n",
            "GET / \r\nHost: a\r\n\r\n",
            "GET / HTTP/1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.10\r\nHost: a\r\n\r\n",
            "GET / HTTP/01.1\r\nHost: a\r\n\r\n",
            "GET / http/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.x\r\nHost: a\r\n\r\n",
            "GET / HTTP /1.1\r\nHost: a\r\n\r\n",
            "GET / HTTPS/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1,1\r\nHost: a\r\n\r\n",
        ],
        Kind::Version,
    );
}

/// A refusal knows its place and its answer.
#[test]
fn an_error_has_kind_place_and_status() {
    use bytes::BytesMut;
    use http_codec::{Leniency, Limits, RequestHead, RequestHeadDecoder};

    let cases: [(&str, u64, StatusCode); 6] = [
        ("G@T / HTTP/1.1\r\n\r\n", 1, StatusCode::BAD_REQUEST),
        ("GET /# HTTP/1.1\r\n\r\n", 5, StatusCode::BAD_REQUEST),
        (
            "GET / HTTP/2.0\r\n\r\n",
            6,
            StatusCode::HTTP_VERSION_NOT_SUPPORTED,
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\nb\r\n\r\n",
            23,
            StatusCode::BAD_REQUEST,
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
            28,
            StatusCode::BAD_REQUEST,
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            61,
            StatusCode::NOT_IMPLEMENTED,
        ),
    ];
    for (octets, position, status) in cases {
        let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
        let error = decoder
            .decode(&mut BytesMut::from(octets), &mut RequestHead::default())
            .unwrap_err();
        assert_eq!(
            (error.position(), error.status()),
            (position, status),
            "{octets:?} {error}"
        );
        let text = error.to_string();
        assert!(
            text.starts_with(|first: char| first.is_lowercase()),
            "{text}"
        );
    }
}

/// Nothing of a head has started while only the skippable empty line is there.
#[test]
fn an_empty_line_is_not_a_start() {
    use bytes::BytesMut;
    use http_codec::{Leniency, Limits, RequestHeadDecoder};

    let decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    for (octets, started) in [
        ("", false),
        ("\r", false),
        ("\r\n", false),
        ("G", true),
        ("\r\nG", true),
    ] {
        assert_eq!(
            decoder.started(&BytesMut::from(octets)),
            started,
            "{octets:?}"
        );
    }
}
