//! RFC 9112 section 3.2: the request-target.

use http_codec::DecodeErrorKind as Kind;

use crate::drive::{refused, request, taken};

fn line(method: &str, target: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: example.com\r\n\r\n")
}

/// RFC 9112 section 3.2: target octets are the URI's own.
#[test]
fn no_foreign_octet_in_a_target() {
    for octet in (0..=255u8).filter(|octet| !matches!(octet, b' ' | b'\r' | b'\n')) {
        let head = [b"GET /a", &[octet][..], b"b HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
        let good = octet.is_ascii_graphic() && !b"#\\\"<>".contains(&octet);
        match request(&head) {
            Ok(Some(_)) => assert!(good, "{octet:#x}"),
            Err(Kind::Target) => assert!(!good, "{octet:#x}"),
            other => panic!("{octet:#x}: {other:?}"),
        }
    }
}

/// RFC 9112 section 3.2: four forms.
#[test]
fn each_form_is_known() {
    let cases = [
        ("GET", "/", "Origin", "example.com"),
        ("GET", "//a//b?c?d/e", "Origin", "example.com"),
        ("GET", "http://other.org/x", "Absolute", "other.org"),
        (
            "GET",
            "http://other.org:8080?q",
            "Absolute",
            "other.org:8080",
        ),
        ("GET", "HTTP://[::1]:80/", "Absolute", "[::1]:80"),
        ("GET", "coap+tcp://h", "Absolute", "h"),
        ("CONNECT", "other.org:443", "Authority", "other.org:443"),
        (
            "CONNECT",
            "[2001:db8::1]:443",
            "Authority",
            "[2001:db8::1]:443",
        ),
        ("OPTIONS", "*", "Asterisk", "example.com"),
        ("OPTIONS", "/x", "Origin", "example.com"),
    ];
    for (method, target, form, host) in cases {
        let head = request(line(method, target).as_bytes()).unwrap().unwrap();
        assert_eq!(head.start[3], form, "{target}");
        assert_eq!(head.start[4], format!("Some({host:?})"), "{target}");
    }
}

/// RFC 9112 section 3.2: each form only where it belongs.
#[test]
fn a_form_where_it_does_not_belong_is_refused() {
    for (method, target) in [
        ("GET", "*"),
        ("options", "*"),
        ("GET", "example.com:80"),
        ("CONNECT", "/"),
        ("CONNECT", "*"),
        ("CONNECT", "http://example.com:80/"),
    ] {
        refused(&[&line(method, target)], Kind::TargetForm);
    }
    for (method, target) in [
        ("GET", "example.com"),
        ("GET", "?q"),
        ("GET", "**"),
        ("GET", "http:/example.com/"),
        ("GET", "1http://a/"),
        ("GET", "://a/"),
        ("GET", "a@b"),
        ("CONNECT", "example.com"),
        ("CONNECT", "example.com:"),
        ("CONNECT", "example.com:0"),
        ("CONNECT", "example.com:65536"),
        ("CONNECT", "user@example.com:80"),
        ("CONNECT", ":80"),
    ] {
        refused(&[&line(method, target)], Kind::Target);
    }
    for target in [
        "http:///x",
        "http://",
        "http://user@example.com/",
        "http://user:pw@example.com/",
        "http://a,b/",
        "http://a:b/",
        "http://[::1/",
    ] {
        refused(&[&line("GET", target)], Kind::Host);
    }
}

/// RFC 9112 section 3.2.2: the authority of the target wins, and Host must be there all the same.
#[test]
fn the_target_authority_wins_over_host() {
    let head = request(b"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!(head.unwrap().unwrap().start[4], "Some(\"a\")");
    refused(&["GET http://a/ HTTP/1.1\r\n\r\n"], Kind::HostMissing);
    refused(&["CONNECT a:1 HTTP/1.1\r\n\r\n"], Kind::HostMissing);
    taken(&[
        "GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n",
        "CONNECT a:1 HTTP/1.0\r\n\r\n",
    ]);
}
