//! What is refused, alone and behind a good request: with its status, `Connection: close`, and nothing behind it read.

mod wire;

use http::{Request, Response};
use http_server::{Body, Limits, Server};
use wire::{connect, echo, say};

const GOOD: &str = "GET /good HTTP/1.1\r\nhost: a\r\n\r\n";
const GOOD_ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nGET /good ";

/// Head (and content) that is refused, and the status it is refused with.
const TABLE: &[(&str, u16)] = &[
    // The request line (RFC 9112 section 3).
    ("GET  / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\nhost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\nhost: a\r\n\r\n", 400),
    ("G\rT / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    ("GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\nhost: a\r\n\r\n", 505),
    ("GET / HTTP/1.x\r\nhost: a\r\n\r\n", 400),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("GET * HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    ("GET a:80 HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    // A target that `http::Uri` has no room for, its content there as a whole, in part, and not at all.
    (
        "POST aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa://a/ HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
        400,
    ),
    (
        "POST aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa://a/ HTTP/1.1\r\nhost: a\r\ncontent-length: 3000\r\n\r\nabc",
        400,
    ),
    (
        "POST aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa://a/ HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n",
        400,
    ),
    // Host (RFC 9112 section 3.2).
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nhost: a b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nhost: user@a\r\n\r\n", 400),
    // Field lines (RFC 9112 section 5).
    ("GET / HTTP/1.1\r\nhost: a\r\nname : value\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nhost: a\r\n: value\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nhost: a\r\nname: a\r\n b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nhost: a\r\nname: a\x01b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nhost: a\r\nname\r\n\r\n", 400),
    // Framing (RFC 9112 section 6.3).
    (
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +3\r\n\r\nabc",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3,3\r\n\r\nabc",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: \r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: identity\r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        501,
    ),
    (
        "POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    // Expectations (RFC 9110 section 10.1.1).
    (
        "POST / HTTP/1.1\r\nhost: a\r\nexpect: a-miracle\r\ncontent-length: 3\r\n\r\nabc",
        417,
    ),
    // Chunked content (RFC 9112 section 7.1); the handler reads it.
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nx\r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\nA\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nAB\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\nA\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nA\r\n0\r\nname : value\r\n\r\n",
        400,
    ),
];

fn refused(status: u16) -> String {
    let status = http::StatusCode::from_u16(status).expect("a status");
    let text = format!("{status}\n");
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}

#[tokio::test(start_paused = true)]
async fn an_offence_is_refused_and_ends_the_connection() {
    let server = Server::new();
    for (octets, status) in TABLE {
        // What follows the offence must not be read as a request.
        let alone = format!("{octets}{GOOD}");
        let behind = format!("{GOOD}{octets}{GOOD}");
        for step in [usize::MAX, 1] {
            let answer = say(connect(&server, echo), alone.as_bytes(), step).await;
            assert_eq!(answer, refused(*status), "{octets:?} in steps of {step}");
            let answer = say(connect(&server, echo), behind.as_bytes(), step).await;
            assert_eq!(
                answer,
                GOOD_ANSWER.to_owned() + &refused(*status),
                "{octets:?} in steps of {step}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn heads_beyond_their_limits_are_refused() {
    let server = Server::new();
    let long_target = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(16 * 1024));
    let long_value = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nname: {}\r\n\r\n",
        "a".repeat(64 * 1024)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nhost: a\r\n{}\r\n",
        "n: v\r\n".repeat(100)
    );
    let long_method = format!("{} / HTTP/1.1\r\nhost: a\r\n\r\n", "A".repeat(33));
    for (octets, status) in [
        (&long_target, 414),
        (&long_value, 431),
        (&many, 431),
        (&long_method, 400),
    ] {
        for step in [usize::MAX, 7] {
            let answer = say(connect(&server, echo), octets.as_bytes(), step).await;
            assert_eq!(answer, refused(status), "{:?}...", &octets[..40]);
        }
    }
}

/// The handler answers without reading; the broken content is found in skipping it.
#[tokio::test(start_paused = true)]
async fn broken_content_that_nobody_reads_is_refused() {
    let service = |_request| async { http::Response::new(http_server::Body::from("fine")) };
    let octets =
        format!("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nx\r\n{GOOD}");
    for step in [usize::MAX, 1] {
        let answer = say(connect(&Server::new(), service), octets.as_bytes(), step).await;
        assert_eq!(answer, refused(400));
    }
}

/// A handler's own error stands.
#[tokio::test(start_paused = true)]
async fn a_handlers_own_error_stands_over_a_fault() {
    let service = |request: http::Request<http_server::Body>| async {
        let failed = request.into_body().collect_bytes(10).await.is_err();
        let mut response = http::Response::new(http_server::Body::from("teapot"));
        *response.status_mut() = if failed {
            http::StatusCode::IM_A_TEAPOT
        } else {
            http::StatusCode::OK
        };
        response
    };
    let octets =
        format!("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nx\r\n{GOOD}");
    let answer = say(connect(&Server::new(), service), octets.as_bytes(), 1).await;
    assert_eq!(
        answer,
        "HTTP/1.1 418 I'm a teapot\r\ncontent-length: 6\r\nconnection: close\r\n\r\nteapot"
    );
}

/// Announced as a whole, the service is not called; announced by its chunks, its reader hears of it first, and is overruled.
#[tokio::test(start_paused = true)]
async fn content_beyond_its_limit_is_refused() {
    let server = Server::builder()
        .limits(Limits::request().with_content(4))
        .build();
    let ignores = |request: Request<Body>| async {
        let _ = request.into_body().collect_bytes(usize::MAX).await;
        Response::new(Body::from("well"))
    };
    for framed in [
        "content-length: 5\r\n\r\nhello",
        "transfer-encoding: chunked\r\n\r\n4\r\nhell\r\n1\r\no\r\n0\r\n\r\n",
    ] {
        let octets = format!("POST / HTTP/1.1\r\nhost: a\r\n{framed}{GOOD}");
        for step in [1, octets.len()] {
            assert_eq!(
                say(connect(&server, ignores), octets.as_bytes(), step).await,
                refused(413)
            );
        }
    }
    let octets =
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhell\r\n0\r\n\r\n";
    let answer = say(connect(&server, ignores), octets.as_bytes(), 1).await;
    assert!(answer.ends_with("well"), "{answer}");
}
