//! RFC 9112 section 6: how the content of a request is framed.

use http_codec::{BodyLength, DecodeErrorKind as Kind};

use crate::drive::{refused, request};

fn with(lines: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")
}

fn old(lines: &str) -> String {
    format!("POST / HTTP/1.0\r\nHost: a\r\n{lines}\r\n\r\n")
}

fn length(octets: &str) -> BodyLength {
    request(octets.as_bytes()).unwrap().unwrap().length
}

/// RFC 9112 section 6.3, rules 4, 6 and 7.
#[test]
fn the_length_of_a_request() {
    for (lines, expected) in [
        ("X: y", BodyLength::Known(0)),
        ("Content-Length: 0", BodyLength::Known(0)),
        ("Content-Length: 5", BodyLength::Known(5)),
        ("content-LENGTH:\t5 ", BodyLength::Known(5)),
        ("Content-Length: 005", BodyLength::Known(5)),
        (
            "Content-Length: 9223372036854775807",
            BodyLength::Known(i64::MAX as u64),
        ),
        ("Transfer-Encoding: chunked", BodyLength::Chunked),
        ("transfer-encoding:CHUNKED", BodyLength::Chunked),
    ] {
        assert_eq!(length(&with(lines)), expected, "{lines}");
    }
}

/// RFC 9112 section 6.3, rule 3: both fields in one message, in any order, version and spelling.
#[test]
fn both_fields_together_are_refused() {
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "tRANSFER-eNCODING: Chunked\r\ncONTENT-lENGTH: 0",
        "Transfer-Encoding: gzip, chunked\r\nContent-Length: 5",
    ] {
        refused(&[&with(lines), &old(lines)], Kind::LengthAndCoding);
    }
}

/// RFC 9112 section 6.1: a coding in HTTP/1.0 is faulty framing.
#[test]
fn a_coding_in_an_old_version_is_refused() {
    refused(
        &[&old("Transfer-Encoding: chunked")],
        Kind::CodingInOldVersion,
    );
}

/// RFC 9112 section 6.1: one line, one `chunked`, at the end, nothing empty.
#[test]
fn a_coding_list_that_is_not_plain_is_refused() {
    for lines in [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked, gzip, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:",
        "Transfer-Encoding: ,",
        "Transfer-Encoding: , chunked",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding: gzip,, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx",
        "Transfer-Encoding: chun ked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: 'chunked'",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: chunked;",
        "Transfer-Encoding: chunked; chunked",
        "Transfer-Encoding: chunked foo",
        "Transfer-Encoding: foo chunked",
        "Transfer-Encoding: gzip;, chunked",
        "Transfer-Encoding: gzip;=, chunked",
        "Transfer-Encoding: chunked;a=b, chunked",
        "Transfer-Encoding: \u{212a}hunked",
        "Transfer-Encoding: chunke\u{131}",
    ] {
        refused(&[&with(lines)], Kind::TransferCoding);
    }
}

/// RFC 9112 section 6.1: a coding that is not undone here, properly ended by `chunked`, is 501.
#[test]
fn a_foreign_coding_is_unsupported() {
    for lines in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip ,\tchunked",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: foo;a=b;c=\"d e\", chunked",
        "Transfer-Encoding: a, b, c, chunked",
    ] {
        refused(&[&with(lines)], Kind::UnsupportedCoding);
    }
}

/// RFC 9110 section 8.6: `1*DIGIT`, within 63 bits.
#[test]
fn a_length_is_digits_only() {
    for value in [
        "",
        "+5",
        "-5",
        "5,6",
        "5, 5",
        "0x5",
        "5 5",
        "5.0",
        "5a",
        "a",
        "\u{b2}",
        "5;",
        "1e3",
        "5_0",
        "9223372036854775808",
        "18446744073709551621",
        "99999999999999999999999999",
    ] {
        refused(
            &[&with(&format!("Content-Length: {value}"))],
            Kind::ContentLength,
        );
    }
}

/// RFC 9112 section 6.3, rule 5: a repeat is refused in a request, equal or not.
#[test]
fn a_repeated_length_is_refused() {
    refused(
        &[
            &with("Content-Length: 5\r\nContent-Length: 5"),
            &with("Content-Length: 5\r\nX: y\r\nContent-length: 6"),
            &with("Content-Length: 0\r\nContent-Length: 5"),
        ],
        Kind::ContentLengthRepeated,
    );
}

/// Twins spelled with an underscore never count.
#[test]
fn a_twin_does_not_frame() {
    for lines in [
        "Content_Length: 5",
        "Transfer_Encoding: chunked",
        "Content-Length-X: 5",
        "X-Content-Length: 5",
        "Content.Length: 5\r\nTransfer.Encoding: chunked",
    ] {
        assert_eq!(length(&with(lines)), BodyLength::Known(0), "{lines}");
    }
    assert_eq!(
        length(&with("Content_Length: 3\r\nContent-Length: 5")),
        BodyLength::Known(5)
    );
}

/// RFC 9110 section 6.5.1: a field that frames messages is not announced as a trailer of chunked content.
#[test]
fn a_framing_field_announced_as_a_trailer_is_refused() {
    for value in [
        "Content-Length",
        "transfer-encoding",
        "Trailer",
        "X-Sum, content-LENGTH",
        "X-Sum\r\nTrailer:\tTrailer ,",
    ] {
        let lines = format!("Transfer-Encoding: chunked\r\nTrailer: {value}");
        refused(&[&with(&lines)], Kind::Trailer);
        let lines = format!("Trailer: {value}\r\nTransfer-Encoding: chunked");
        refused(&[&with(&lines)], Kind::Trailer);
        // Where there is no trailer section it is a field like any other.
        let lines = format!("Trailer: {value}\r\nContent-Length: 5");
        assert_eq!(length(&with(&lines)), BodyLength::Known(5), "{value:?}");
    }
    let lines = "Transfer-Encoding: chunked\r\nTrailer: X-Content-Length, Expires";
    assert_eq!(length(&with(lines)), BodyLength::Chunked);
}
