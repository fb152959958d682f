//! RFC 9112 section 5 and RFC 9110 section 5: field lines.

use http_codec::DecodeErrorKind as Kind;

use crate::drive::{refused, request};

fn with(line: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\nY: z\r\n\r\n")
}

/// RFC 9112 section 5.1: no whitespace before the colon, no empty name, no name that is not a token.
#[test]
fn a_name_is_a_token_followed_by_its_colon() {
    for line in [
        "X : y",
        "X\t: y",
        ": y",
        "X",
        "X y: z",
        "X\u{e9}: y",
        "X(: y",
        "\"X\": y",
        "X\0: y",
        "X@: y",
        "X/y: z",
        "{x}: y",
        "=",
        "[x]: y",
    ] {
        refused(&[&with(line)], Kind::FieldName);
    }
    // A whole other message in place of a line.
    refused(&[&with("GET / HTTP/1.1")], Kind::FieldName);
}

/// RFC 9112 section 5.2: a folded line is refused, wherever it stands.
#[test]
fn a_folded_line_is_refused() {
    for line in [
        "X: y\r\n z",
        "X: y\r\n\tz",
        " X: y",
        "\tX: y",
        "X: y\r\n  ",
        "X:\r\n y",
        " ",
    ] {
        refused(&[&with(line)], Kind::ObsFold);
    }
    refused(&["GET / HTTP/1.1\r\n Host: a\r\n\r\n"], Kind::ObsFold);
    refused(&["GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n"], Kind::ObsFold);
}

/// RFC 9110 section 5.5: no control octet but HTAB in a value; obs-text is let through.
#[test]
fn a_value_holds_no_control_octet() {
    for octet in (0..=255u8).filter(|octet| !matches!(octet, b'\r' | b'\n')) {
        let head = [
            b"GET / HTTP/1.1\r\nHost: a\r\nX: a",
            &[octet][..],
            b"b\r\n\r\n",
        ]
        .concat();
        let good = octet == b'\t' || (octet >= b' ' && octet != 0x7f);
        match request(&head) {
            Ok(Some(_)) => assert!(good, "{octet:#x}"),
            Err(Kind::FieldValue) => assert!(!good, "{octet:#x}"),
            other => panic!("{octet:#x}: {other:?}"),
        }
    }
}

/// RFC 9112 section 5: the whitespace around a value is not part of it; that within is.
#[test]
fn whitespace_around_a_value_is_no_part_of_it() {
    for (line, value) in [
        ("X:y", "y"),
        ("X: y", "y"),
        ("X: \t y \t ", "y"),
        ("X:", ""),
        ("X: ", ""),
        ("X:\t", ""),
        ("X: a  b", "a  b"),
        ("X: a: b", "a: b"),
        ("X: \u{e9}", "\u{e9}"),
    ] {
        let head = request(with(line).as_bytes()).unwrap().unwrap();
        assert_eq!(
            head.fields[1],
            ("X".to_owned(), value.as_bytes().to_vec()),
            "{line:?}"
        );
    }
}

/// Field lines keep their order and spelling.
#[test]
fn order_and_spelling_stay() {
    let head = request(b"GET / HTTP/1.1\r\nhOsT: a\r\nB: 1\r\na: 2\r\nB: 3\r\n\r\n")
        .unwrap()
        .unwrap();
    let names: Vec<_> = head.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["hOsT", "B", "a", "B"]);
}

/// More fields than a head keeps in place.
#[test]
fn many_fields() {
    let mut text = String::from("GET / HTTP/1.1\r\nHost: a\r\n");
    for number in 0..99 {
        text.push_str(&format!("X-{number}: {number}\r\n"));
    }
    text.push_str("\r\n");
    let head = request(text.as_bytes()).unwrap().unwrap();
    assert_eq!(head.fields.len(), 100);
    assert_eq!(head.fields[99], ("X-98".to_owned(), b"98".to_vec()));
}
