//! What a hostile peer or an odd handler tries, and what it may not reach.

mod wire;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use http_server::{Body, MinimumRate, Server, service_fn, testing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::{connect, echo, until, until_closed};

#[tokio::test(start_paused = true)]
async fn a_complete_head_behind_a_slow_reader_is_not_late() {
    let mut client = connect(&Server::new(), |_| async {
        Response::new(Body::from(vec![b'x'; 300_000]))
    });
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    client.write_all(&request.repeat(2)).await.expect("a pipe");
    let mut piece = vec![0; 1000];
    let mut all = Vec::new();
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        client.read_exact(&mut piece).await.expect("a pipe");
        all.extend_from_slice(&piece);
    }
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .expect("a pipe");
    all.extend_from_slice(until_closed(&mut client).await.as_bytes());
    let text = String::from_utf8_lossy(&all);
    assert_eq!(
        text.matches("HTTP/1.1 200 OK").count(),
        3,
        "{}",
        text.replace('x', "")
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_head_request_has_its_content() {
    let octets = "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nGET bad HTTP/1.1\r\nhost: a\r\n\r\n";
    let answer = wire::say(connect(&Server::new(), echo), octets.as_bytes(), 9999).await;
    assert!(answer.contains("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n400 Bad Request\n"), "{answer}");
}

#[derive(Clone)]
struct NeverReady;
impl tower_service::Service<Request<Body>> for NeverReady {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Infallible>>;
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }
    fn call(&mut self, _: Request<Body>) -> Self::Future {
        std::future::ready(Ok(Response::default()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_request_to_a_service_that_is_not_ready_has_no_content() {
    let client = testing::pipe(NeverReady);
    let answer = wire::say(client, b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n", 9999).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

/// A body of one piece and a failure.
struct Failing(bool);
impl http_body::Body for Failing {
    type Data = Bytes;
    type Error = std::io::Error;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(Some(Err(std::io::Error::other("no more"))));
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"piece")))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_body_does_not_keep_a_broken_connection_open() {
    let mut client = connect(&Server::new(), |request| async {
        std::mem::forget(request);
        Response::new(Body::new(Failing(false)))
    });
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc")
        .await
        .expect("a pipe");
    until_closed(&mut client).await;
    assert!(client.write_all(b"more").await.is_err());
}

/// On a real clock: one that stands still lets the moment of reckoning equal the deadline.
#[tokio::test]
async fn content_that_drips_for_ever_is_given_up() {
    let rate = MinimumRate::new(240, Duration::from_millis(100));
    let server = Server::builder().minimum_rate(rate).build();
    let client = connect(&server, echo);
    let (mut read, mut write) = tokio::io::split(client);
    let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n";
    write.write_all(head).await.expect("a pipe");
    let drip = async {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut answer = Vec::new();
    let answered = tokio::time::timeout(Duration::from_secs(30), async {
        tokio::join!(drip, read.read_to_end(&mut answer)).1
    });
    answered.await.expect("a bound").expect("a pipe");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_stored_body_fails_once_its_connection_has_ended() {
    let (give, mut take) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::new();
    let mut client = connect(&server, move |request: Request<Body>| {
        let give = give.clone();
        async move {
            give.send(request.into_body()).expect("a test");
            Response::new(Body::new(Failing(false)))
        }
    });
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc")
        .await
        .expect("a pipe");
    let body = take.recv().await.expect("a body");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let read = tokio::time::timeout(Duration::from_secs(100), body.collect_bytes(100)).await;
    assert!(read.expect("it fails").is_err());
}

#[tokio::test(start_paused = true)]
async fn deadlines_may_be_as_long_as_a_duration_can_be() {
    let server = Server::builder()
        .deadlines(|d| {
            let longest = Some(Duration::MAX);
            d.handshake = longest;
            d.first_octet = longest;
            d.head = longest;
            d.idle = longest;
            d.content = longest;
            d.response = longest;
            d.write = longest;
            d.ready = longest;
            d.half_closed = longest;
            d.forgotten = longest;
            d.age = longest;
            d.linger = Duration::MAX;
        })
        .bounds(|b| b.drain_time = Duration::MAX)
        .minimum_rate(MinimumRate::new(1, Duration::MAX))
        .build();
    let mut client = connect(&server, |request: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if request.uri().path() == "/echo" {
            return echo(request).await;
        }
        Response::new(Body::from(vec![b'x'; 200_000]))
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    client
        .write_all(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(5)).await;
    client.write_all(b"cde").await.expect("a pipe");
    until(&mut client, "abcde").await;
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(5)).await;
    client.write_all(b"\r\n").await.expect("a pipe");
    tokio::time::sleep(Duration::from_secs(5)).await;
    until(&mut client, "xxxxxx").await;
    client
        .write_all(
            b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nconnection: close\r\n\r\nab",
        )
        .await
        .expect("a pipe");
    client.shutdown().await.expect("a pipe");
    assert!(until_closed(&mut client).await.contains("HTTP/1.1 400"));
}

/// A body that panics where it is asked about itself.
struct Panicking(&'static str);
impl http_body::Body for Panicking {
    type Data = Bytes;
    type Error = Infallible;
    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
    fn is_end_stream(&self) -> bool {
        assert!(self.0 != "is_end_stream", "is_end_stream");
        false
    }
    fn size_hint(&self) -> SizeHint {
        assert!(self.0 != "size_hint", "size_hint");
        SizeHint::default()
    }
}
impl Drop for Panicking {
    fn drop(&mut self) {
        assert!(self.0 != "drop", "drop");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_body_that_panics_anywhere_is_answered_for() {
    for place in ["is_end_stream", "size_hint", "drop"] {
        let service = service_fn(move |request: Request<Body>| async move {
            Ok::<_, Infallible>(Response::new(Panicking(if request.uri().path() == "/" {
                place
            } else {
                ""
            })))
        });
        let client = testing::pipe(service);
        let octets = b"GET /good HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n";
        let answer = wire::say(client, octets, 9999).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n"),
            "{place}: {answer}"
        );
        let last = if place == "drop" { "200" } else { "500" };
        assert!(
            answer.matches("HTTP/1.1 ").count() == 2 && answer.contains(last),
            "{place}: {answer}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_ends_no_connection() {
    let server = Server::builder()
        .on_state(|_, state| panic!("{state:?}"))
        .build();
    let answer = wire::say(
        connect(&server, echo),
        b"GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        9999,
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    tokio::task::yield_now().await;
    assert_eq!(server.stats().open(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_empty_line_is_refused_however_late_it_comes() {
    let mut client = connect(&Server::new(), echo);
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("a pipe");
    until(&mut client, "GET / ").await;
    for _ in 0..2 {
        client.write_all(b"\r\n").await.expect("a pipe");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .ok();
    assert!(until_closed(&mut client).await.starts_with("HTTP/1.1 400 "));
}
