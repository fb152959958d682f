//! RFC 9112 sections 4 and 6.3: the heads of responses.

use http_codec::{BodyLength, DecodeErrorKind as Kind, MethodClass};

use crate::drive::response;

fn get(octets: &str) -> crate::drive::Outcome {
    response(octets.as_bytes(), MethodClass::Other)
}

#[track_caller]
fn refused(cases: &[&str], kind: Kind) {
    for case in cases {
        assert_eq!(get(case), Err(kind), "{case:?}");
    }
}

/// RFC 9112 section 4: `HTTP-version SP status-code SP [ reason-phrase ]`.
#[test]
fn the_status_line() {
    for (line, start) in [
        ("HTTP/1.1 200 OK", ["200", "OK", "HTTP/1.1"]),
        ("HTTP/1.0 404 Not Found", ["404", "Not Found", "HTTP/1.0"]),
        ("HTTP/1.1 200 ", ["200", "", "HTTP/1.1"]),
        ("HTTP/1.1 200", ["200", "", "HTTP/1.1"]),
        (
            "HTTP/1.7 299  two  spaces ",
            ["299", " two  spaces ", "HTTP/1.1"],
        ),
        ("HTTP/1.1 999 a\tb", ["999", "a\\tb", "HTTP/1.1"]),
        ("HTTP/1.1 200 \u{e9}", ["200", "\\xc3\\xa9", "HTTP/1.1"]),
    ] {
        let head = get(&format!("{line}\r\nX: y\r\n\r\n")).unwrap().unwrap();
        assert_eq!(head.start, start, "{line:?}");
        assert_eq!(
            get(&format!("{line}\r\n\r\n")).unwrap().unwrap().start,
            start,
            "{line:?}"
        );
    }
}

/// RFC 9112 section 4: a bad status line is an error.
#[test]
fn a_bad_status_line_is_refused() {
    refused(
        &[
            "http/1.1 200 OK\r\n\r\n",
            "HTTP 200 OK\r\n\r\n",
            "HTTP/1 200 OK\r\n\r\n",
            "HTTP/11 200 OK\r\n\r\n",
            "\r\nHTTP/1.1 200 OK\r\n\r\n",
            " HTTP/1.1 200 OK\r\n\r\n",
            "ICY 200 OK\r\n\r\n",
            "<html>\r\n\r\n",
            "HTTP/1.1\t200 OK\r\n\r\n",
            "HTTP/1.1\r\n\r\n",
        ],
        Kind::Version,
    );
    refused(
        &["HTTP/2.0 200 OK\r\n\r\n", "HTTP/0.9 200 OK\r\n\r\n"],
        Kind::UnsupportedVersion,
    );
    refused(
        &[
            "HTTP/1.1  200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 200OK\r\n\r\n",
            "HTTP/1.1 200\tOK\r\n\r\n",
            "HTTP/1.1 \r\n\r\n",
            "HTTP/1.1 000 OK\r\n\r\n",
        ],
        Kind::Status,
    );
    refused(
        &["HTTP/1.1 200 O\0K\r\n\r\n", "HTTP/1.1 200 \x7f\r\n\r\n"],
        Kind::Reason,
    );
    refused(
        &[
            "HTTP/1.1 200 OK\n\n",
            "HTTP/1.1 200 OK\r\nX: y\n\r\n",
            "HTTP/1.1 200 OK\r\n\n",
        ],
        Kind::BareLf,
    );
    refused(
        &[
            "HTTP/1.1 200 O\rK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: y\r\r\n\r\n",
        ],
        Kind::BareCr,
    );
}

/// RFC 9112 section 5, as in requests.
#[test]
fn bad_field_lines_are_refused() {
    refused(
        &[
            "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX\r\n\r\n",
            "HTTP/1.1 200 OK\r\n: y\r\n\r\n",
        ],
        Kind::FieldName,
    );
    refused(
        &[
            "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
            "HTTP/1.1 200 OK\r\n X: y\r\n\r\n",
        ],
        Kind::ObsFold,
    );
    refused(&["HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"], Kind::FieldValue);
}

/// RFC 9112 section 6.3: the table for responses.
#[test]
fn the_length_of_a_response() {
    use BodyLength::{Chunked, Known, Tunnel, UntilClose};
    use MethodClass::{Connect, Head, Other};
    let five = "Content-Length: 5";
    let coded = "Transfer-Encoding: chunked";
    for (method, status, lines, expected) in [
        (Other, 200, five, Known(5)),
        (Other, 200, coded, Chunked),
        (Other, 200, "X: y", UntilClose),
        (
            Other,
            200,
            "Content-Length: 5\r\nContent-Length: 5",
            Known(5),
        ),
        (Other, 404, five, Known(5)),
        (Other, 100, "X: y", Known(0)),
        (Other, 103, five, Known(0)),
        (Other, 101, "X: y", Tunnel),
        (Head, 101, "X: y", Tunnel),
        (Other, 204, five, Known(0)),
        (Other, 204, coded, Known(0)),
        (Other, 304, five, Known(0)),
        (Other, 304, coded, Known(0)),
        (Other, 205, "Content-Length: 0", Known(0)),
        (Head, 200, five, Known(0)),
        (Head, 200, coded, Known(0)),
        (Head, 500, "X: y", Known(0)),
        (Connect, 200, "X: y", Tunnel),
        (Connect, 299, five, Tunnel),
        (Connect, 204, coded, Tunnel),
        (Connect, 407, five, Known(5)),
        (Connect, 100, "X: y", Known(0)),
        (Connect, 302, "X: y", UntilClose),
    ] {
        let octets = format!("HTTP/1.1 {status} X\r\n{lines}\r\n\r\n");
        let head = response(octets.as_bytes(), method).unwrap().unwrap();
        assert_eq!(head.length, expected, "{method:?} {status} {lines}");
    }
}

/// RFC 9110 section 9.3.6, RFC 9112 section 6.3, rule 2: behind a 2xx to CONNECT there is the tunnel, whatever the fields say.
#[test]
fn framing_fields_of_a_tunnel_are_ignored() {
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked\r\nTrailer: content-length",
    ] {
        for version in ["1.1", "1.0"] {
            let octets = |status| format!("HTTP/{version} {status} X\r\n{lines}\r\n\r\n");
            let head = response(octets(200).as_bytes(), MethodClass::Connect);
            assert_eq!(head.unwrap().unwrap().length, BodyLength::Tunnel, "{lines}");
            assert!(response(octets(200).as_bytes(), MethodClass::Other).is_err());
            assert!(response(octets(407).as_bytes(), MethodClass::Connect).is_err());
        }
    }
}

/// RFC 9112 section 6.3, rules 3 and 5: framing that two readers may see differently.
#[test]
fn ambiguous_framing_is_refused() {
    let with = |lines: &str| format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
    refused(
        &[
            &with("Content-Length: 5\r\nTransfer-Encoding: chunked"),
            "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        ],
        Kind::LengthAndCoding,
    );
    refused(
        &[
            &with("Content-Length: 5\r\nContent-Length: 6"),
            "HTTP/1.1 304 X\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        ],
        Kind::ContentLengthRepeated,
    );
    refused(
        &[
            &with("Content-Length: +5"),
            &with("Content-Length: 5, 5"),
            &with("Content-Length:"),
        ],
        Kind::ContentLength,
    );
    refused(
        &[
            &with("Transfer-Encoding: gzip"),
            &with("Transfer-Encoding: chunked, chunked"),
            &with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            &with("Transfer-Encoding: identity"),
        ],
        Kind::TransferCoding,
    );
    refused(
        &[&with("Transfer-Encoding: gzip, chunked")],
        Kind::UnsupportedCoding,
    );
    refused(
        &["HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
        Kind::CodingInOldVersion,
    );
}

/// RFC 9112 section 9.3.
#[test]
fn persistence() {
    for (octets, facts) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "KeepAlive false",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "Close false",
        ),
        ("HTTP/1.1 200 OK\r\n\r\n", "Close false"),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            "Close false",
        ),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
            "KeepAlive false",
        ),
        (
            "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n",
            "KeepAlive true",
        ),
        ("HTTP/1.1 101 X\r\nUpgrade: a\r\n\r\n", "KeepAlive false"),
    ] {
        assert_eq!(get(octets).unwrap().unwrap().facts, facts, "{octets:?}");
    }
}
