//! Interim responses that a handler sends (RFC 9110 section 15.2).

mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_server::{Body, OrderError, Server, handle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use wire::{connect, echo, infallible, until, until_closed};

#[tokio::test(start_paused = true)]
async fn interim_responses_precede_the_response() {
    let service = |request: Request<Body>| async move {
        let handle = handle(request.body()).expect("a request of ours");
        let mut fields = HeaderMap::new();
        fields.insert(header::LINK, HeaderValue::from_static("</a.css>"));
        handle
            .send_interim(StatusCode::EARLY_HINTS, fields)
            .expect("before the response");
        assert_eq!(
            handle.send_interim(StatusCode::OK, HeaderMap::new()),
            Err(OrderError::Status)
        );
        if request.uri() == "/slow" {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        Response::new(Body::from("final"))
    };
    let interim = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n";
    let mut client = connect(&Server::new(), service);
    let start = Instant::now();
    client
        .write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("a pipe");
    assert_eq!(until(&mut client, "\r\n\r\n").await, interim);
    assert_eq!(
        start.elapsed(),
        Duration::ZERO,
        "it leaves as the handler waits"
    );
    until(&mut client, "final").await;
    client
        .write_all(b"GET / HTTP/1.0\r\n\r\n")
        .await
        .expect("a pipe");
    assert!(
        until_closed(&mut client)
            .await
            .starts_with("HTTP/1.1 200 OK\r\n"),
        "none for HTTP/1.0"
    );
}

/// A peer that takes nothing costs no more than what may wait, however much a handler has to tell it.
#[tokio::test(start_paused = true)]
async fn interim_responses_to_a_peer_that_is_behind_are_bounded() {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let service = move |request: Request<Body>| {
        let count = Arc::clone(&count);
        async move {
            let handle = handle(request.body()).expect("a request of ours");
            let mut fields = HeaderMap::new();
            fields.insert(header::LINK, HeaderValue::from_static("</a.css>"));
            while handle
                .send_interim(StatusCode::EARLY_HINTS, fields.clone())
                .is_ok()
            {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            assert_eq!(
                handle.send_interim(StatusCode::EARLY_HINTS, fields),
                Err(OrderError::Full)
            );
            Response::new(Body::from("final"))
        }
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(20)).await;
    let interim = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n";
    // 64 KiB unwritten, 100 that wait, and what the pipe holds.
    let bound = 64 * 1024 / interim.len() + 101;
    let found = sent.load(Ordering::Relaxed);
    assert!((bound..2 * bound).contains(&found), "{found} of {bound}");
    let answer = until(&mut client, "final").await;
    let told = answer.matches(interim).count();
    assert!(told <= found && told > found - 101, "{told} of {found}");
}

/// It takes all that is unwritten at once: nothing is left that would wake the connection but what waits.
#[tokio::test(start_paused = true)]
async fn interim_responses_that_wait_leave_when_the_peer_has_caught_up() {
    let service = |request: Request<Body>| async move {
        let handle = handle(request.body()).expect("a request of ours");
        let mut fields = HeaderMap::new();
        let filler = HeaderValue::from_str(&"x".repeat(4096)).expect("a value");
        fields.insert("filler", filler);
        for count in [60, 30, 1] {
            for _ in 0..count {
                handle
                    .send_interim(StatusCode::EARLY_HINTS, fields.clone())
                    .expect("not full");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::future::pending::<Response<Body>>().await
    };
    let (mut client, peer) = tokio::io::duplex(256 * 1024);
    tokio::spawn(Server::new().serve_connection(peer, infallible(service)));
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    let length = "HTTP/1.1 103 Early Hints\r\nfiller: \r\n\r\n".len() + 4096;
    let mut told = vec![0; 91 * length];
    client.read_exact(&mut told).await.expect("all of them");
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// Asking for the content by hand makes the automatic one unnecessary.
#[tokio::test(start_paused = true)]
async fn an_explicit_continue_is_said_once() {
    let service = |request: Request<Body>| async move {
        handle(request.body())
            .expect("ours")
            .send_interim(StatusCode::CONTINUE, HeaderMap::new())
            .expect("before");
        tokio::time::sleep(Duration::from_secs(1)).await;
        echo(request).await
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(
            b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n",
        )
        .await
        .expect("a pipe");
    assert_eq!(
        until(&mut client, "\r\n\r\n").await,
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.write_all(b"hi").await.expect("a pipe");
    assert_eq!(
        until(&mut client, "hi").await,
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nPOST / hi"
    );
}
