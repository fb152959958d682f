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

/// A client that pipelines without reading is served no further than the bound, and to the end once it reads.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_not_served_ahead() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let called = Arc::new(AtomicUsize::new(0));
    let calls = Arc::clone(&called);
    let service = move |_: Request<Body>| {
        calls.fetch_add(1, Ordering::Relaxed);
        async { Response::new(Body::from(vec![b'x'; 4000])) }
    };
    let client = connect(&Server::new(), service);
    let (mut reader, mut writer) = tokio::io::split(client);
    let writing = tokio::spawn(async move {
        for _ in 0..1000 {
            writer.write_all(GET.as_bytes()).await.expect("served");
        }
        writer
    });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    // 64 KiB in the pipe, 64 KiB and one answer more unwritten.
    let ahead = called.load(Ordering::Relaxed);
    assert!((16..=36).contains(&ahead), "{ahead} served ahead");
    let mut answers = vec![0; 4000 * 1000];
    reader
        .read_exact(&mut answers)
        .await
        .expect("served to the end");
    writing.await.expect("no panic");
    assert!(called.load(Ordering::Relaxed) >= 950);
}

/// One connection has all of its requests at hand and never waits for its socket; others on its thread are served meanwhile.
#[tokio::test]
async fn a_busy_connection_yields_to_its_neighbours() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let server = Server::new();
    let mut busy = connect(&server, echo);
    let mut neighbour = connect(&server, echo);
    busy.write_all("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1000).as_bytes())
        .await
        .expect("a pipe");
    neighbour.write_all(GET.as_bytes()).await.expect("a pipe");
    neighbour.read_exact(&mut [0; 15]).await.expect("an answer");
    let requests = server.stats().requests;
    assert!(
        requests < 1000,
        "all {requests} were served before the neighbour's"
    );
}
