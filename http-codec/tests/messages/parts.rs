//! From spans to the types of the `http` crate.

use bytes::BytesMut;
use http::{HeaderMap, Method, StatusCode, Version};
use http_codec::{
    BodyDecoder, BodyLength, DecodeErrorKind, Leniency, Limits, MethodClass, ReasonPhrase,
    RequestHead, RequestHeadDecoder, ResponseHead, ResponseHeadDecoder,
};

fn request(octets: &str) -> RequestHead {
    let mut head = RequestHead::default();
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut src = BytesMut::from(octets);
    assert!(decoder.decode(&mut src, &mut head).unwrap());
    head
}

/// Every part arrives, and a recycled map brings nothing of its own.
#[test]
fn request_parts() {
    let head = request(
        "PUT /a?b=c HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: \u{e9}\r\nAccept-Encoding: gzip\r\n\r\n",
    );
    let mut recycled = HeaderMap::new();
    recycled.insert("stale", "1".parse().unwrap());
    let parts = head.to_parts(recycled).unwrap();
    assert_eq!(parts.method, Method::PUT);
    assert_eq!((parts.uri.path(), parts.uri.query()), ("/a", Some("b=c")));
    assert_eq!(parts.version, Version::HTTP_11);
    assert_eq!(parts.headers.len(), 4);
    assert_eq!(parts.headers["host"], "h");
    let both: Vec<_> = parts
        .headers
        .get_all("x-a")
        .iter()
        .map(|value| value.as_bytes().to_vec())
        .collect();
    assert_eq!(both, [b"1".to_vec(), "\u{e9}".as_bytes().to_vec()]);
}

/// RFC 9112 section 3.2.2: a request whose target has an authority is for that, and its `Host` is ignored.
#[test]
fn the_target_authority_stands_in_the_place_of_host() {
    for (head, host) in [
        ("GET /x HTTP/1.1\r\nHost: h\r\n", "h"),
        ("GET http://a:1/x HTTP/1.1\r\nHost: h\r\n", "a:1"),
        ("GET http://a:1/x HTTP/1.1\r\nHost:\r\n", "a:1"),
        ("GET http://a HTTP/1.0\r\n", "a"),
        ("CONNECT a:1 HTTP/1.1\r\nHost: h:2\r\n", "a:1"),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n", "h"),
    ] {
        let parts = request(&format!("{head}\r\n")).to_parts(HeaderMap::new());
        let fields = parts.unwrap().headers;
        let hosts: Vec<_> = fields.get_all("host").iter().collect();
        assert_eq!(hosts, [host], "{head}");
    }
}

/// RFC 9112 section 3.2, RFC 3986 section 3: path and query of each form are those of its URI.
#[test]
fn path_and_query_of_a_target() {
    for (line, path, query) in [
        ("GET /", "/", None),
        ("GET /?", "/", Some("")),
        ("GET /a/b?c=d?e", "/a/b", Some("c=d?e")),
        ("GET //a?b", "//a", Some("b")),
        ("GET http://a", "/", None),
        ("GET http://a?b", "/", Some("b")),
        ("GET http://a:1/b?c", "/b", Some("c")),
        ("CONNECT a:1", "", None),
        ("OPTIONS *", "*", None),
    ] {
        let head = request(&format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!((head.path(), head.query()), (path, query), "{line}");
        let uri = head.to_parts(HeaderMap::new()).unwrap().uri;
        assert_eq!((uri.path(), uri.query()), (path, query), "{line}");
    }
    assert_eq!(RequestHead::default().path(), "");
}

/// RFC 9112 section 3.2: each form of target is a URI.
#[test]
fn targets_become_uris() {
    for (line, uri) in [
        ("GET / HTTP/1.1", "/"),
        ("GET //x//y HTTP/1.1", "//x//y"),
        ("GET /%20?%00&a=b%zz HTTP/1.1", "/%20?%00&a=b%zz"),
        ("GET http://a:1/b?c HTTP/1.1", "http://a:1/b?c"),
        ("CONNECT a:1 HTTP/1.1", "a:1"),
        ("OPTIONS * HTTP/1.1", "*"),
    ] {
        let head = request(&format!("{line}\r\nHost: h\r\n\r\n"));
        assert_eq!(
            head.to_parts(HeaderMap::new()).unwrap().uri.to_string(),
            uri,
            "{line}"
        );
    }
}

/// A target that the type `Uri` is too narrow for is refused here, not changed: its schemes have 64 octets at most.
#[test]
fn a_target_that_is_no_uri_is_refused() {
    let line = |scheme: &str| format!("GET {scheme}://h/ HTTP/1.1\r\nHost: h\r\n\r\n");
    let fits = request(&line(&"a".repeat(64)));
    assert!(fits.to_parts(HeaderMap::new()).is_ok());
    let head = request(&line(&"a".repeat(65)));
    let error = head.to_parts(HeaderMap::new()).unwrap_err();
    assert_eq!(
        (error.kind(), error.position()),
        (DecodeErrorKind::Target, 4)
    );
    let mut filled = http::Request::new("content");
    assert_eq!(head.fill(&mut filled), Err(error));
}

/// A head can be used again; cleared, it is as new.
#[test]
fn a_head_is_used_again() {
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut head = RequestHead::default();
    let mut src =
        BytesMut::from("CONNECT a:1 HTTP/1.0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(decoder.decode(&mut src, &mut head).unwrap());
    assert!(decoder.decode(&mut src, &mut head).unwrap());
    assert_eq!(
        (head.method(), head.fields().len(), head.host()),
        ("GET", 1, Some("h"))
    );
    assert_eq!(
        head.octets().len(),
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n".len()
    );
    assert_eq!(head.field("HOST"), Some(&b"h"[..]));
    head.clear();
    assert_eq!(
        (
            head.method(),
            head.target(),
            head.fields().len(),
            head.host()
        ),
        ("", "", 0, None)
    );
    assert!(head.octets().is_empty());
}

/// A reason phrase other than the usual one is not lost.
#[test]
fn response_parts() {
    let decode = |octets: &str| {
        let mut head = ResponseHead::default();
        let mut decoder = ResponseHeadDecoder::new(Limits::response(), Leniency::strict());
        let mut src = BytesMut::from(octets);
        assert!(
            decoder
                .decode(&mut src, MethodClass::Other, &mut head)
                .unwrap()
        );
        head
    };
    let parts = decode("HTTP/1.1 404 Gone Fishing\r\nX: y\r\n\r\n")
        .to_parts(HeaderMap::new())
        .unwrap();
    assert_eq!(
        (parts.status, &parts.headers["x"]),
        (StatusCode::NOT_FOUND, &"y".parse().unwrap())
    );
    assert_eq!(
        parts.extensions.get::<ReasonPhrase>().unwrap().as_bytes(),
        b"Gone Fishing"
    );
    let mut usual = decode("HTTP/1.1 404 Not Found\r\n\r\n");
    assert!(
        usual
            .to_parts(HeaderMap::new())
            .unwrap()
            .extensions
            .is_empty()
    );
    usual.clear();
    assert_eq!((usual.status(), usual.reason()), (StatusCode::OK, &b""[..]));
}

/// What has come of the next message is not mixed into the head of the last: its places are others, and the octets there hold line ends.
#[test]
fn a_head_is_not_a_mixture_of_two_messages() {
    let first = "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\nZ: 3\r\n\r\n";
    let (limits, leniency) = (Limits::request(), Leniency::strict());
    let mut src = BytesMut::from(first);
    let mut decoder = RequestHeadDecoder::new(limits, leniency);
    let mut head = RequestHead::default();
    assert!(decoder.decode(&mut src, &mut head).unwrap());
    src.extend_from_slice(b"GET /a HTTP/1.1\r\nHost: a.very.long.name\r\n");
    assert!(!decoder.decode(&mut src, &mut head).unwrap());
    assert_eq!((head.fields().next(), head.octets().len()), (None, 0));

    let mut src = BytesMut::from(first.replace("GET /a HTTP/1.1", "HTTP/1.1 200 OK").as_str());
    let mut decoder = ResponseHeadDecoder::new(limits, leniency);
    let mut head = ResponseHead::default();
    let method = MethodClass::Other;
    assert!(decoder.decode(&mut src, method, &mut head).unwrap());
    src.extend_from_slice(b"HTTP/1.1 200 OK\r\nHost: a.very.long.name\r\n");
    assert!(!decoder.decode(&mut src, method, &mut head).unwrap());
    assert_eq!((head.fields().next(), head.octets().len()), (None, 0));
}

/// Lines that were taken from one buffer and are read out of another make no values with line ends in them.
#[test]
fn a_buffer_that_is_another_gives_no_value_with_a_line_end() {
    let (limits, leniency) = (Limits::request(), Leniency::strict());
    let long = "X: 01234567890123456789\r\n";
    let short = "Y: 1\r\nZ: 2\r\nSet-Cookie: x\r\nV: 3\r\n\r\n";
    let value = DecodeErrorKind::FieldValue;

    let start = "GET / HTTP/1.1\r\nHost: a\r\n";
    let (mut decoder, mut head) = (
        RequestHeadDecoder::new(limits, leniency),
        RequestHead::default(),
    );
    for (lines, decoded) in [(long, false), (short, true)] {
        let mut src = BytesMut::from(format!("{start}{lines}").as_str());
        assert_eq!(decoder.decode(&mut src, &mut head), Ok(decoded));
    }
    let refused = head.to_parts(HeaderMap::new()).unwrap_err();
    assert_eq!(refused.kind(), value);

    let start = "HTTP/1.1 200 OK\r\n";
    let (mut decoder, mut head) = (
        ResponseHeadDecoder::new(limits, leniency),
        ResponseHead::default(),
    );
    for (lines, decoded) in [(long, false), (short, true)] {
        let mut src = BytesMut::from(format!("{start}{lines}").as_str());
        let method = MethodClass::Other;
        assert_eq!(decoder.decode(&mut src, method, &mut head), Ok(decoded));
    }
    let refused = head.to_parts(HeaderMap::new()).unwrap_err();
    assert_eq!(refused.kind(), value);

    let mut decoder = BodyDecoder::new(BodyLength::Chunked, limits, leniency);
    let mut src = BytesMut::from(format!("0\r\n{long}").as_str());
    assert!(decoder.decode(&mut src).unwrap().is_none());
    let refused = decoder.decode(&mut BytesMut::from(short));
    assert_eq!(refused.unwrap_err().kind(), value);
}
