//! Content on its way out: as long as announced, never longer, never silently shorter.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_codec::{BodyEncoder, BodyLength, EncodeErrorKind, TrailerNames};

fn encode(length: BodyLength, pieces: &[&'static str]) -> (String, Result<(), EncodeErrorKind>) {
    let mut out = Vec::new();
    let mut encoder = BodyEncoder::new(length);
    let mut result = Ok(());
    for piece in pieces {
        result = result.and(encoder.data(Bytes::from_static(piece.as_bytes()), &mut out));
    }
    result = result.and_then(|()| encoder.end(&mut out));
    assert!(encoder.is_end());
    (
        String::from_utf8(out).unwrap(),
        result.map_err(|error| error.kind()),
    )
}

/// RFC 9112 section 7.1.
#[test]
fn chunks() {
    for (pieces, octets) in [
        (&[][..], "0\r\n\r\n"),
        (&["abc"], "3\r\nabc\r\n0\r\n\r\n"),
        (&["", "a", ""], "1\r\na\r\n0\r\n\r\n"),
        (&["0123456789abcdef"], "10\r\n0123456789abcdef\r\n0\r\n\r\n"),
    ] {
        assert_eq!(
            encode(BodyLength::Chunked, pieces),
            (octets.to_owned(), Ok(()))
        );
    }
    for size in [1usize, 9, 10, 15, 16, 255, 256, 4095, 65_536, 1_000_000] {
        let mut out = Vec::new();
        let mut encoder = BodyEncoder::new(BodyLength::Chunked);
        encoder
            .data(Bytes::from(vec![b'x'; size]), &mut out)
            .unwrap();
        assert!(out.starts_with(format!("{size:x}\r\nx").as_bytes()));
        assert_eq!(encoder.remaining(), None);
    }
}

/// What is longer than announced is cut, what is shorter is an error.
#[test]
fn a_known_length_is_held() {
    use EncodeErrorKind::{Excess, Missing};
    let known = BodyLength::Known(5);
    for (pieces, octets, result) in [
        (&["abcde"][..], "abcde", Ok(())),
        (&["ab", "cde"], "abcde", Ok(())),
        (&["abcdef"], "abcde", Err(Excess(1))),
        (&["abc", "defgh"], "abcde", Err(Excess(3))),
        (&["abcde", "f"], "abcde", Err(Excess(1))),
        (&["abc"], "abc", Err(Missing(2))),
        (&[], "", Err(Missing(5))),
    ] {
        assert_eq!(
            encode(known, pieces),
            (octets.to_owned(), result),
            "{pieces:?}"
        );
    }
    for empty in [BodyLength::Known(0), BodyLength::Tunnel] {
        assert_eq!(encode(empty, &[]), (String::new(), Ok(())));
        assert_eq!(encode(empty, &["a"]), (String::new(), Err(Excess(1))));
    }
    assert_eq!(
        encode(BodyLength::UntilClose, &["a", "b"]),
        ("ab".to_owned(), Ok(()))
    );
}

/// RFC 9110 section 6.5: trailers only where the content is chunked, declared, and of an allowed name.
#[test]
fn trailers() {
    let mut trailers = HeaderMap::new();
    for (name, value) in [
        ("x-sum", "1"),
        ("x-other", "2"),
        ("content-length", "3"),
        ("host", "a"),
    ] {
        trailers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    let mut declaring = HeaderMap::new();
    declaring.append("trailer", HeaderValue::from_static("X-Sum, content-length"));
    let send = |length, names: &TrailerNames| {
        let mut out = Vec::new();
        let mut encoder = BodyEncoder::new(length);
        encoder.trailers(&trailers, names, &mut out).unwrap();
        encoder.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let chunked = BodyLength::Chunked;
    assert_eq!(
        send(chunked, &TrailerNames::declared(&declaring)),
        "0\r\nx-sum: 1\r\n\r\n"
    );
    assert_eq!(
        send(chunked, &TrailerNames::any()),
        "0\r\nx-sum: 1\r\nx-other: 2\r\n\r\n"
    );
    assert_eq!(send(chunked, &TrailerNames::none()), "0\r\n\r\n");
    assert_eq!(
        send(chunked, &TrailerNames::declared(&HeaderMap::new())),
        "0\r\n\r\n"
    );
    assert_eq!(send(BodyLength::UntilClose, &TrailerNames::any()), "");
    assert!(TrailerNames::declared(&HeaderMap::new()).is_none());
}
