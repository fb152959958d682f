//! Requests and responses of one connection, as octets.

mod wire;

use http::{Request, Response};
use http_server::{Body, Server};
use wire::{connect, echo, say};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

fn ok(content: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{content}",
        content.len()
    )
}

/// What the server answers, whole and split at every octet; both must be the same.
async fn answers(octets: &str) -> String {
    let server = Server::new();
    let whole = say(connect(&server, echo), octets.as_bytes(), octets.len()).await;
    let split = say(connect(&server, echo), octets.as_bytes(), 1).await;
    assert_eq!(whole, split, "packet boundaries decided");
    whole
}

#[tokio::test(start_paused = true)]
async fn a_request_is_answered() {
    assert_eq!(answers(GET).await, ok("GET / "));
}

#[tokio::test(start_paused = true)]
async fn content_arrives_with_its_request() {
    let known = "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello";
    assert_eq!(answers(known).await, ok("POST /a hello"));
    let chunked = "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    assert_eq!(answers(chunked).await, ok("POST /a hello"));
}

#[tokio::test(start_paused = true)]
async fn pipelined_requests_are_answered_in_order() {
    let octets = "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nPOST /2 HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\nhost: a\r\n\r\n";
    assert_eq!(
        answers(octets).await,
        ok("GET /1 ") + &ok("POST /2 hi") + &ok("GET /3 ")
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_a_request_that_closes() {
    let octets = format!("GET /1 HTTP/1.1\r\nhost: a\r\nconnection: foo, Close\r\n\r\n{GET}");
    assert_eq!(
        answers(&octets).await,
        "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nGET /1 "
    );
}

#[tokio::test(start_paused = true)]
async fn http_1_0_closes_unless_it_asks_not_to() {
    assert_eq!(
        answers("GET / HTTP/1.0\r\n\r\n").await,
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nGET / "
    );
    assert_eq!(
        answers("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n").await,
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: keep-alive\r\n\r\nGET / \
         HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nGET /2 "
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_request_is_answered_without_content() {
    let octets = format!("HEAD /1 HTTP/1.1\r\nhost: a\r\n\r\n{GET}");
    assert_eq!(
        answers(&octets).await,
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{}",
            ok("GET / ")
        )
    );
}

#[tokio::test(start_paused = true)]
async fn statuses_without_content_have_none() {
    for (status, head) in [
        (204, "HTTP/1.1 204 No Content\r\n\r\n"),
        (304, "HTTP/1.1 304 Not Modified\r\n\r\n"),
        (
            205,
            "HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n",
        ),
    ] {
        let service = move |_: Request<Body>| async move {
            let mut response = Response::new(Body::from("hi"));
            *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
            response
        };
        let octets = format!("{GET}{GET}");
        let answer = say(
            connect(&Server::new(), service),
            octets.as_bytes(),
            octets.len(),
        )
        .await;
        assert_eq!(answer, format!("{head}{head}"));
    }
}
