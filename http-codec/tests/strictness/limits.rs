//! Nothing unbounded: each limit reached, told by its kind and its status.

use http::StatusCode;
use http_codec::{BodyLength, DecodeErrorKind as Kind, Leniency, Limits, MethodClass};

use crate::drive::{content_with, request_with, response_with};

const STRICT: Leniency = Leniency::strict();

/// A head at the limit is taken, one octet over it is refused, complete or not.
#[test]
fn head() {
    let limits = Limits::request().with_head(64);
    let head = |filler: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "x".repeat(filler)
        )
    };
    let fits = 64 - head(0).len();
    assert!(
        request_with(head(fits).as_bytes(), limits, STRICT)
            .unwrap()
            .is_some()
    );
    let over = Err(Kind::HeadTooLarge(64));
    assert_eq!(
        request_with(head(fits + 1).as_bytes(), limits, STRICT),
        over
    );
    assert_eq!(
        request_with(&head(200).as_bytes()[..100], limits, STRICT),
        over
    );
}

/// The target and the method have limits of their own, and show before their line ends.
#[test]
fn target_and_method() {
    let limits = Limits::request().with_target(10).with_method(5);
    let line = |method: usize, target: usize| {
        format!(
            "{} /{} HTTP/1.1\r\nHost: a\r\n\r\n",
            "M".repeat(method),
            "t".repeat(target - 1)
        )
    };
    assert!(
        request_with(line(5, 10).as_bytes(), limits, STRICT)
            .unwrap()
            .is_some()
    );
    assert_eq!(
        request_with(line(5, 11).as_bytes(), limits, STRICT),
        Err(Kind::TargetTooLong(10))
    );
    assert_eq!(
        request_with(line(6, 11).as_bytes(), limits, STRICT),
        Err(Kind::MethodTooLong(5))
    );
    assert_eq!(
        request_with(&line(5, 90).as_bytes()[..80], limits, STRICT),
        Err(Kind::TargetTooLong(10))
    );
    assert_eq!(
        request_with(&line(90, 90).as_bytes()[..80], limits, STRICT),
        Err(Kind::MethodTooLong(5))
    );
}

/// Field lines are counted, those beyond what the fast way has room for as well.
#[test]
fn fields() {
    let head = |lines: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "X: y\r\n".repeat(lines - 1)
        )
    };
    for most in [1, 2, 16, 17, 100, 150] {
        let limits = Limits::request().with_fields(most);
        let taken = request_with(head(most).as_bytes(), limits, STRICT)
            .unwrap()
            .unwrap();
        assert_eq!(taken.fields.len(), most);
        let over = request_with(head(most + 1).as_bytes(), limits, STRICT);
        assert_eq!(over, Err(Kind::TooManyFields(most)));
    }
}

/// A single line has a limit.
#[test]
fn line() {
    let limits = Limits::request().with_line(20);
    let head = |value: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "x".repeat(value)
        )
    };
    assert!(
        request_with(head(17).as_bytes(), limits, STRICT)
            .unwrap()
            .is_some()
    );
    assert_eq!(
        request_with(head(18).as_bytes(), limits, STRICT),
        Err(Kind::LineTooLong(20))
    );
    assert_eq!(
        request_with(&head(99).as_bytes()[..80], limits, STRICT),
        Err(Kind::LineTooLong(20))
    );
}

/// The same holds for responses.
#[test]
fn response_limits() {
    let limits = Limits::response()
        .with_head(60)
        .with_fields(2)
        .with_line(30);
    let get = |octets: &str| response_with(octets.as_bytes(), MethodClass::Other, limits, STRICT);
    assert!(
        get("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n")
            .unwrap()
            .is_some()
    );
    assert_eq!(
        get("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\nE: f\r\n\r\n"),
        Err(Kind::TooManyFields(2))
    );
    let long = format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(29));
    assert_eq!(get(&long), Err(Kind::LineTooLong(30)));
    let wide = format!(
        "HTTP/1.1 200 OK\r\nA: {0}\r\nB: {0}\r\n\r\n",
        "x".repeat(24)
    );
    assert_eq!(get(&wide), Err(Kind::HeadTooLarge(60)));
}

/// Chunk-size lines and extensions are bounded, one by one and together.
#[test]
fn chunk_overhead() {
    let limits = Limits::request()
        .with_chunk_line(20)
        .with_chunk_extensions(30);
    let get = |octets: &str| content_with(octets.as_bytes(), BodyLength::Chunked, limits, STRICT);
    let line = format!("1;{}\r\na\r\n", "x".repeat(8));
    assert!(
        get(&format!("{line}{line}{line}0\r\n\r\n"))
            .unwrap()
            .is_some()
    );
    assert_eq!(
        get(&format!("{line}{line}{line}{line}")),
        Err(Kind::ChunkExtensionsTooLarge(30))
    );
    assert_eq!(
        get(&format!("1;{}", "x".repeat(19))),
        Err(Kind::ChunkLineTooLong(20))
    );
    // The line end does not count.
    let line = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(18));
    assert!(get(&line).unwrap().is_some());
}

/// Content is counted without its framing, and refused before more of it than the limit is handed on.
#[test]
fn content() {
    let limits = Limits::request().with_content(8);
    let get = |octets: &str, length| content_with(octets.as_bytes(), length, limits, STRICT);
    let over = Err(Kind::ContentTooLarge(8));
    let chunks = "5;x=y\r\n12345\r\n3\r\n678\r\n0\r\n\r\n";
    for (fits, length) in [
        ("12345678", BodyLength::Known(8)),
        (chunks, BodyLength::Chunked),
    ] {
        let content = get(fits, length).unwrap().unwrap();
        assert_eq!(content.data, b"12345678");
    }
    assert_eq!(get("12345678", BodyLength::UntilClose), Ok(None));
    assert_eq!(get("123456789", BodyLength::UntilClose), over);
    assert_eq!(get("5\r\n12345\r\n4\r\n", BodyLength::Chunked), over);
    assert_eq!(get("ffffffffffffffff\r\n", BodyLength::Chunked), over);
    assert_eq!(get("1", BodyLength::Known(9)), over);
}

/// Where no trailers are allowed, content still ends.
#[test]
fn the_empty_trailer_section_always_fits() {
    for octets in [0, 1, 2] {
        let limits = Limits::request().with_trailer(octets);
        let get = |octets| content_with(octets, BodyLength::Chunked, limits, STRICT);
        assert_eq!(get(b"1\r\na\r\n0\r\n\r\n").unwrap().unwrap().data, b"a");
        assert_eq!(get(b"0\r\nX:\r\n\r\n"), Err(Kind::TrailerTooLarge(2)));
    }
}

/// A trailer section is bounded in octets and in lines.
#[test]
fn trailers() {
    let limits = Limits::request().with_trailer(40).with_trailer_fields(3);
    let get = |octets: &str| content_with(octets.as_bytes(), BodyLength::Chunked, limits, STRICT);
    assert!(get("0\r\nA: b\r\nC: d\r\nE: f\r\n\r\n").unwrap().is_some());
    assert_eq!(
        get("0\r\nA: b\r\nC: d\r\nE: f\r\nG: h\r\n\r\n"),
        Err(Kind::TooManyTrailerFields(3))
    );
    assert_eq!(
        get(&format!("0\r\nA: {}", "x".repeat(60))),
        Err(Kind::TrailerTooLarge(40))
    );
    assert_eq!(
        get(&format!("0\r\nA: {}\r\n\r\n", "x".repeat(60))),
        Err(Kind::TrailerTooLarge(40))
    );
}

/// Which limit was reached decides the status.
#[test]
fn a_limit_maps_to_its_status() {
    for (octets, limits, status) in [
        (
            format!("GET /{} HTTP/1.1\r\n", "x".repeat(20_000)),
            Limits::request(),
            StatusCode::URI_TOO_LONG,
        ),
        (
            format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(70_000)),
            Limits::request(),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ),
        (
            format!("GET / HTTP/1.1\r\n{}", "X: y\r\n".repeat(102)),
            Limits::request(),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ),
        (
            format!("{} / HTTP/1.1\r\n", "X".repeat(40)),
            Limits::request(),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let mut decoder = http_codec::RequestHeadDecoder::new(limits, STRICT);
        let mut src = bytes::BytesMut::from(octets.as_str());
        let error = decoder
            .decode(&mut src, &mut http_codec::RequestHead::default())
            .unwrap_err();
        assert_eq!(error.status(), status, "{error}");
    }
}
