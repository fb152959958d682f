//! RFC 9112 section 7.1: the chunked coding, and content of other lengths.

use http_codec::{BodyLength, DecodeErrorKind as Kind, Leniency, Limits};

use crate::drive::{chunked, content_with};

#[track_caller]
fn refused(cases: &[&str], kind: Kind) {
    for case in cases {
        assert_eq!(chunked(case.as_bytes()), Err(kind), "{case:?}");
    }
}

/// RFC 9112 section 7.1: chunks, the last chunk, the empty trailer section.
#[test]
fn chunks_are_joined() {
    for (octets, data) in [
        ("0\r\n\r\n", ""),
        ("3\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("a\r\n0123456789\r\n000\r\n\r\n", "0123456789"),
        ("0000000000000003\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r"),
    ] {
        let content = chunked(octets.as_bytes()).unwrap().unwrap();
        assert_eq!(
            (content.data.as_slice(), content.rest.as_slice()),
            (data.as_bytes(), &b""[..])
        );
    }
}

/// RFC 9112 section 7.1: `1*HEXDIG`, at most 16.
#[test]
fn a_size_is_hex_digits_only() {
    refused(
        &[
            "\r\n\r\n",
            " 3\r\nabc\r\n",
            "\t3\r\nabc\r\n",
            "+3\r\nabc\r\n",
            "-3\r\nabc\r\n",
            "0x3\r\nabc\r\n",
            "3_0\r\nabc\r\n",
            "3g\r\nabc\r\n",
            ";a=b\r\n",
            "g\r\n",
            "3 \r\nabc\r\n",
            "3\t\r\nabc\r\n",
            "3 x\r\nabc\r\n",
            "\u{b3}\r\n",
            "3,\r\n",
            "3\0\r\n",
            "0 \r\n\r\n",
        ],
        Kind::ChunkSize,
    );
    refused(
        &["00000000000000003\r\nabc\r\n", "fffffffffffffffff\r\n"],
        Kind::ChunkSizeTooLong,
    );
    assert_eq!(chunked(b"ffffffffffffffff\r\nabc"), Ok(None));
}

/// RFC 9112 section 7.1.1: extensions by their grammar.
#[test]
fn extensions_are_read_and_dropped() {
    for extension in [
        ";a",
        ";a=b",
        "; a = b",
        " ;a",
        "\t;\ta\t=\tb",
        ";a;b;c=d",
        ";a=\"b c\"",
        ";a=\"b\\\"c\\\\\"",
        ";a=\"\"",
        ";a=\"b\" ;c",
        ";a ;b",
        ";a=b ;c",
        ";a=\"\u{e9}\t;\"",
    ] {
        let octets = format!("3{extension}\r\nabc\r\n0{extension}\r\n\r\n");
        let content = chunked(octets.as_bytes()).unwrap().unwrap();
        assert_eq!(content.data, b"abc", "{extension:?}");
    }
    for extension in [
        ";",
        "; ",
        ";;a",
        ";a;",
        ";=b",
        ";a=",
        ";a= ",
        ";a=b=c",
        ";a=b c",
        ";a b",
        ";a=\"b",
        ";a=\"b\"c",
        ";a=\"\\",
        ";a\0",
        ";a=\0",
        ";a=\"\x01\"",
        ";a=\"\\\x7f\"",
        ";\u{e9}",
        ";a=\u{e9}",
        ";a,b",
        ";a ",
        ";a=b ",
        ";a=\"b\" ",
        ";a = b ",
    ] {
        refused(&[&format!("3{extension}\r\nabc\r\n")], Kind::ChunkExtension);
    }
}

/// RFC 9112 section 2.2: CRLF only, everywhere; a lone LF is an error when it is seen.
#[test]
fn bare_line_ends_are_refused() {
    refused(
        &["3\n", "3\nabc\r\n", "3;a\n", "3\r\nabc\n", "0\n", "3;a=b\n"],
        Kind::BareLf,
    );
    refused(&["0\r\n\n", "0\r\nX: y\n"], Kind::BareLf);
    refused(
        &[
            "3\rabc\r\n",
            "3\r\r\n",
            "0\r\n\r\r",
            "0\r\nX: \ry\r\n\r\n",
            "3;a\rb\r\n",
        ],
        Kind::BareCr,
    );
}

/// RFC 9112 section 7.1: chunk data is followed by CRLF.
#[test]
fn data_is_followed_by_its_line_end() {
    refused(
        &[
            "3\r\nabcd\r\n0\r\n\r\n",
            "3\r\nabc0\r\n\r\n",
            "3\r\nabc\rx",
            "3\r\nabc \r\n",
            "3\r\nabc\r\r\n",
        ],
        Kind::ChunkEnd,
    );
}

/// RFC 9112 section 8: content that is cut short is never a short success.
#[test]
fn truncated_content_is_an_error() {
    use bytes::BytesMut;
    use http_codec::BodyDecoder;

    let whole = b"3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n";
    for end in 0..whole.len() {
        assert_eq!(chunked(&whole[..end]), Ok(None), "{end}");
    }
    assert!(chunked(whole).unwrap().is_some());
    let mut known = BodyDecoder::new(BodyLength::Known(5), Limits::request(), Leniency::strict());
    known.decode(&mut BytesMut::from(&b"abc"[..])).unwrap();
    let error = known.finish().unwrap_err();
    assert_eq!((error.kind(), error.position()), (Kind::Truncated(2), 3));
    assert!(error.is_truncated() && known.finish().is_err());
}

/// RFC 9112 section 6.3: content of a known length, and content that the close ends.
#[test]
fn other_lengths() {
    let strict = Leniency::strict();
    let limits = Limits::response();
    let known = content_with(b"abcde", BodyLength::Known(3), limits, strict)
        .unwrap()
        .unwrap();
    assert_eq!((known.data, known.rest), (b"abc".to_vec(), b"de".to_vec()));
    for length in [BodyLength::Known(0), BodyLength::Tunnel] {
        let none = content_with(b"abc", length, limits, strict)
            .unwrap()
            .unwrap();
        assert_eq!((none.data, none.rest), (vec![], b"abc".to_vec()));
    }
    assert_eq!(
        content_with(b"abc", BodyLength::UntilClose, limits, strict),
        Ok(None)
    );
}

/// The decoder knows what is left of a known length, and of no other.
#[test]
fn what_remains() {
    use bytes::BytesMut;
    use http_codec::BodyDecoder;

    let mut known = BodyDecoder::new(BodyLength::Known(5), Limits::request(), Leniency::strict());
    assert_eq!(
        (known.remaining(), known.length()),
        (Some(5), BodyLength::Known(5))
    );
    known.decode(&mut BytesMut::from(&b"abc"[..])).unwrap();
    assert_eq!((known.remaining(), known.is_end()), (Some(2), false));
    known.decode(&mut BytesMut::from(&b"de"[..])).unwrap();
    assert_eq!((known.remaining(), known.is_end()), (Some(0), true));
    let chunked = BodyDecoder::new(BodyLength::Chunked, Limits::request(), Leniency::strict());
    assert_eq!(chunked.remaining(), None);
}
