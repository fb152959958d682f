//! What may be relaxed is refused by default and taken where it is asked for, one point at a time.

use http_codec::{BodyLength, DecodeErrorKind as Kind, Leniency, Limits, MethodClass};

use crate::drive::{content_with, request, request_with, response_with};

fn taken(octets: &str, leniency: Leniency) -> Vec<(String, Vec<u8>)> {
    assert!(
        request(octets.as_bytes()).is_err(),
        "strict is the default: {octets:?}"
    );
    let head = request_with(octets.as_bytes(), Limits::request(), leniency)
        .unwrap()
        .unwrap();
    assert_eq!(head.rest, b"");
    head.fields
}

/// RFC 9112 section 2.2.
#[test]
fn bare_lf() {
    let leniency = Leniency::strict().with_bare_lf(true);
    let fields = taken("GET / HTTP/1.1\nHost: a\nX: y\r\nZ:\n\n", leniency);
    assert_eq!(fields[1], ("X".to_owned(), b"y".to_vec()));
    assert_eq!(fields[2], ("Z".to_owned(), vec![]));
    assert_eq!(
        request_with(
            b"GET / HTTP/1.1\nHost: a\rb\n\n",
            Limits::request(),
            leniency
        ),
        Err(Kind::BareCr)
    );
    let response = b"HTTP/1.1 200 OK\nContent-Length: 5\n\n";
    let head = response_with(response, MethodClass::Other, Limits::response(), leniency);
    assert_eq!(head.unwrap().unwrap().length, BodyLength::Known(5));
    let content = content_with(
        b"1\na\n0\nX: y\n\n",
        BodyLength::Chunked,
        Limits::request(),
        leniency,
    );
    assert_eq!(content.unwrap().unwrap().data, b"a");
}

/// RFC 9112 section 5.2: the line end becomes spaces.
#[test]
fn obs_fold() {
    let leniency = Leniency::strict().with_obs_fold(true);
    let fields = taken(
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc \r\nY:\r\n d\r\n \r\n\r\n",
        leniency,
    );
    let joined = String::from_utf8(fields[1].1.clone()).unwrap();
    assert_eq!(joined.split_whitespace().collect::<Vec<_>>(), ["b", "c"]);
    assert!(!joined.contains(['\r', '\n']));
    assert_eq!(fields[2], ("Y".to_owned(), b"d".to_vec()));
    let first = request_with(
        b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        Limits::request(),
        leniency,
    );
    assert_eq!(first, Err(Kind::ObsFold));
    let trailers = content_with(
        b"0\r\nX: a\r\n b\r\n\r\n",
        BodyLength::Chunked,
        Limits::request(),
        leniency,
    );
    let value = trailers.unwrap().unwrap().trailers[0].1.clone();
    assert_eq!(value, b"a   b");
}

/// A framing value that only the fold completes is still held to its grammar.
#[test]
fn a_folded_framing_field_is_not_repaired() {
    let leniency = Leniency::strict().with_obs_fold(true);
    let split = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n 0\r\n\r\n";
    assert_eq!(
        request_with(split, Limits::request(), leniency),
        Err(Kind::ContentLength)
    );
    let chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chun\r\n ked\r\n\r\n";
    assert_eq!(
        request_with(chunked, Limits::request(), leniency),
        Err(Kind::TransferCoding)
    );
}

/// RFC 9112 section 5.2: what a recipient interprets is the value without its line ends.
#[test]
fn a_folded_list_is_one_list() {
    let leniency = Leniency::strict().with_obs_fold(true);
    let facts = |lines: &str| {
        let octets = format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n");
        let head = request_with(octets.as_bytes(), Limits::request(), leniency);
        head.unwrap().unwrap().facts
    };
    for (folded, plain) in [
        ("Connection: x,\r\n close", "Connection: x, close"),
        ("Connection: close\r\n ,x", "Connection: close ,x"),
        (
            "Connection: x,\r\n\tupgrade\r\nUpgrade: y",
            "Connection: x, upgrade\r\nUpgrade: y",
        ),
        ("Expect: 100-continue,\r\n x", "Expect: 100-continue, x"),
    ] {
        assert_eq!(facts(folded), facts(plain), "{folded:?}");
    }
    let octets = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x,\r\n close\r\n\r\n";
    let head = response_with(octets, MethodClass::Other, Limits::response(), leniency);
    assert_eq!(head.unwrap().unwrap().facts, "Close false");
}

/// RFC 9112 section 7.1.
#[test]
fn chunk_size_whitespace() {
    let leniency = Leniency::strict().with_chunk_size_whitespace(true);
    let get =
        |octets, leniency| content_with(octets, BodyLength::Chunked, Limits::request(), leniency);
    for octets in [&b"1 \r\na\r\n0 \t \r\n\r\n"[..], b"\t 1\r\na\r\n 0\r\n\r\n"] {
        assert_eq!(get(octets, Leniency::strict()), Err(Kind::ChunkSize));
        assert_eq!(get(octets, leniency).unwrap().unwrap().data, b"a");
    }
    for inner in [&b" \r\n"[..], b"1 0\r\n"] {
        assert_eq!(get(inner, leniency), Err(Kind::ChunkSize), "{inner:?}");
    }
}

/// RFC 9112 section 6.3, rule 5.
#[test]
fn repeated_content_length() {
    let leniency = Leniency::strict().with_repeated_content_length(true);
    taken(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        leniency,
    );
    let differ = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n";
    assert_eq!(
        request_with(differ, Limits::request(), leniency),
        Err(Kind::ContentLengthRepeated)
    );
}

/// RFC 9112 section 2.2.
#[test]
fn empty_lines() {
    let leniency = Leniency::strict().with_empty_lines(true);
    taken("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", leniency);
}

/// RFC 9112 section 2.2: empty lines are part of what the head limit bounds.
#[test]
fn empty_lines_are_bounded() {
    let leniency = Leniency::strict().with_empty_lines(true);
    let limits = Limits::request().with_head(60);
    let head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let get = |lines: usize| {
        let octets = format!("{}{head}", "\r\n".repeat(lines));
        request_with(octets.as_bytes(), limits, leniency)
    };
    assert!(get(30).unwrap().is_some());
    assert_eq!(get(31), Err(Kind::HeadTooLarge(60)));
}
