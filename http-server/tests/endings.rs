//! How connections end, over real sockets: what the peer has been sent arrives, and nobody waits for nothing.

mod wire;

use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode, header};
use http_server::{Body, Server, testing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::{connect, dateless, echo, infallible, say, until, until_closed};

const CLOSING: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// Waits until no connection is open, and says how long that took.
async fn until_empty(server: &Server) -> Duration {
    let start = Instant::now();
    while server.stats().open() > 0 {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "a connection stays"
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    start.elapsed()
}

/// A linger of an hour: were the peer's FIN not seen, the connection would be there for that long.
fn lingering() -> Server {
    Server::builder()
        .deadlines(|deadlines| deadlines.linger = Duration::from_secs(3600))
        .build()
}

#[tokio::test]
async fn lingering_ends_with_the_fin_of_the_peer() {
    let served = testing::serve_on(lingering(), infallible(echo))
        .await
        .expect("a port");
    for early in [false, true] {
        let mut client = TcpStream::connect(served.addr()).await.expect("listening");
        client
            .write_all(CLOSING.as_bytes())
            .await
            .expect("connected");
        if early {
            client.shutdown().await.expect("connected");
        }
        let mut answer = Vec::new();
        client
            .read_to_end(&mut answer)
            .await
            .expect("a FIN, not a reset");
        assert!(dateless(&answer).ends_with("\r\n\r\nGET / "));
        drop(client);
        until_empty(served.server()).await;
    }
}

#[tokio::test]
async fn a_refusal_reaches_a_peer_that_is_still_sending() {
    let served = testing::serve(infallible(echo)).await.expect("a port");
    let mut client = TcpStream::connect(served.addr()).await.expect("listening");
    let head = "POST / HTTP/1.1\r\nhost: a\r\nexpect: nothing\r\ncontent-length: 1000000\r\n\r\n";
    client.write_all(head.as_bytes()).await.expect("connected");
    for _ in 0..10 {
        client
            .write_all(&[b'x'; 20_000])
            .await
            .expect("read and thrown away");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    client.shutdown().await.expect("connected");
    let mut answer = Vec::new();
    client
        .read_to_end(&mut answer)
        .await
        .expect("a FIN, not a reset");
    assert!(answer.starts_with(b"HTTP/1.1 417 "));
    until_empty(served.server()).await;
}

#[tokio::test]
async fn a_reset_in_the_middle_of_anything_ends_the_connection() {
    let many = |_: Request<Body>| async { Response::new(Body::from(vec![b'x'; 8 << 20])) };
    let served = testing::serve_on(lingering(), infallible(many))
        .await
        .expect("a port");
    for octets in [
        "",
        "GET / HT",
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nab",
        CLOSING,
    ] {
        let mut client = TcpStream::connect(served.addr()).await.expect("listening");
        client
            .write_all(octets.as_bytes())
            .await
            .expect("connected");
        tokio::time::sleep(Duration::from_millis(20)).await;
        // With unread input in it, or this option, a socket is closed by a reset.
        socket2::SockRef::from(&client)
            .set_linger(Some(Duration::ZERO))
            .expect("a socket");
        drop(client);
        until_empty(served.server()).await;
    }
}

/// What stands behind a CONNECT that is not granted may have been meant for the tunnel.
#[tokio::test(start_paused = true)]
async fn nothing_is_read_behind_a_connect_that_is_refused() {
    let refuse = |_: Request<Body>| async {
        let mut response = Response::new(Body::from("no"));
        *response.status_mut() = StatusCode::FORBIDDEN;
        response
    };
    let octets =
        "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    let answer = say(connect(&Server::new(), refuse), octets.as_bytes(), 9999).await;
    assert_eq!(
        answer,
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"
    );
}

/// Content that says it is four octets long: it goes on, ends, or keeps silent.
#[tokio::test(start_paused = true)]
async fn content_that_goes_on_beyond_its_length_ends_the_connection() {
    for (rest, answers) in [(Some("more"), 1), (None, 2)] {
        let service = move |_: Request<Body>| async move {
            let (mut sender, body) = Body::channel(1);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let _ = sender.data("four").await;
                tokio::time::sleep(Duration::from_millis(10)).await;
                let _ = match rest {
                    Some(rest) => sender.data(rest).await,
                    None => sender.finish().await,
                };
            });
            let mut response = Response::new(body);
            let fields = response.headers_mut();
            fields.insert(header::CONTENT_LENGTH, 4.into());
            response
        };
        let octets = "GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(2);
        let answer = say(connect(&Server::new(), service), octets.as_bytes(), 9999).await;
        assert_eq!(answer.matches("\r\n\r\nfour").count(), answers, "{answer}");
        assert!(!answer.contains("more"), "{answer}");
    }
}

/// Whatever a handle of an earlier request orders, the next one is served as if it had not.
#[tokio::test(start_paused = true)]
async fn orders_that_come_late_are_nobodys() {
    let (give, mut take) = tokio::sync::mpsc::unbounded_channel();
    let service = move |request: Request<Body>| {
        give.send(http_server::handle(request.body()).expect("ours"))
            .expect("awaited");
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Response::new(Body::from("done"))
        }
    };
    let mut client = connect(&Server::new(), service);
    let octets = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    client.write_all(octets).await.expect("a pipe");
    let first = take.recv().await.expect("a request");
    until(&mut client, "done").await;
    client.write_all(octets).await.expect("a pipe");
    let _second = take.recv().await.expect("a request");
    first.close_after().expect_err("over");
    first
        .send_interim(StatusCode::EARLY_HINTS, http::HeaderMap::new())
        .expect_err("over");
    first
        .set_response_deadline(Some(tokio::time::Instant::now()))
        .expect_err("over");
    first.upgrade().expect_err("over");
    let answer = until(&mut client, "done").await;
    assert_eq!(answer, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
    client.shutdown().await.expect("a pipe");
    assert_eq!(until_closed(&mut client).await, "");
}
