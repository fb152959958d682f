//! RFC 9112 section 3.2 and RFC 9110 section 7.2: Host.

use http_codec::DecodeErrorKind as Kind;

use crate::drive::{refused, request, taken};

/// RFC 9112 section 3.2: exactly one, even if two are equal.
#[test]
fn exactly_one_host() {
    refused(
        &["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nX: y\r\n\r\n"],
        Kind::HostMissing,
    );
    refused(
        &[
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhOST: b\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
        ],
        Kind::HostRepeated,
    );
    taken(&[
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
    ]);
}

/// RFC 9110 section 7.2: `uri-host [ ":" port ]`.
#[test]
fn the_grammar_of_host() {
    for value in [
        "a",
        "example.com",
        "example.com:80",
        "example.com:",
        "1.2.3.4",
        "[::1]",
        "[::1]:8080",
        "[v1.fe80::a+en1]",
        "a-b_c~d!$&'()*+;=",
        "xn--bcher-kva.example",
        "%41.example",
        "a.",
    ] {
        taken(&[&format!("GET / HTTP/1.1\r\nHost: {value}\r\n\r\n")]);
    }
    for value in [
        "",
        ":80",
        "a:b",
        "a:8 0",
        "a:80:90",
        "a:-1",
        "a:65536",
        "a:99999999999999999999",
        "user@a",
        "a/b",
        "a,b",
        "a, b",
        "a b",
        "a\tb",
        "[::1",
        "::1",
        "[::1]x",
        "[]",
        "[::g]",
        "[::1%25eth0]",
        "[v.a]",
        "[v1.]",
        "a?b",
        "a#b",
        "a\\b",
        "%4",
        "%zz",
        "\u{fc}.example",
        "a\"",
        "<a>",
        "http://a",
    ] {
        refused(
            &[&format!("GET / HTTP/1.1\r\nHost: {value}\r\n\r\n")],
            Kind::Host,
        );
    }
}

/// A twin that is not spelled `Host` is another field.
#[test]
fn a_twin_is_not_host() {
    refused(
        &[
            "GET / HTTP/1.1\r\nX-Host: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHosts: a\r\n\r\n",
        ],
        Kind::HostMissing,
    );
    let head = request(b"GET / HTTP/1.1\r\nhosT:\t a \t\r\n\r\n")
        .unwrap()
        .unwrap();
    assert_eq!(head.start[4], "Some(\"a\")");
}
