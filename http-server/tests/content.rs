//! Content in both directions: expectations, unread and early-answered content, trailers, lengths that do not fit.

mod wire;

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use http_server::{Body, Server, handle, service_fn, testing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use wire::{connect, echo, say, until, until_closed};

const GOOD: &str = "GET /good HTTP/1.1\r\nhost: a\r\n\r\n";
const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

/// Ends all content at once, unread.
async fn unread(request: Request<Body>) -> Response<Body> {
    drop(request);
    Response::new(Body::from("unread"))
}

#[tokio::test(start_paused = true)]
async fn continue_is_said_when_the_content_is_first_asked_for() {
    for framing in [
        "content-length: 5\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n",
    ] {
        let mut client = connect(&Server::new(), echo);
        let head = format!("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-Continue\r\n{framing}");
        client.write_all(head.as_bytes()).await.expect("a pipe");
        assert_eq!(until(&mut client, "\r\n\r\n").await, CONTINUE);
        let content: &[u8] = if framing.starts_with('c') {
            b"hello"
        } else {
            b"5\r\nhello\r\n0\r\n\r\n"
        };
        client.write_all(content).await.expect("a pipe");
        assert_eq!(
            until(&mut client, "hello").await,
            "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nPOST / hello"
        );
        // And the connection lives on.
        client.write_all(GOOD.as_bytes()).await.expect("a pipe");
        until(&mut client, "GET /good ").await;
    }
}

#[tokio::test(start_paused = true)]
async fn content_that_has_come_needs_no_continue() {
    let octets =
        "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\nhello";
    let answer = say(connect(&Server::new(), echo), octets.as_bytes(), usize::MAX).await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nPOST / hello"
    );
}

#[tokio::test(start_paused = true)]
async fn an_expectation_without_content_or_in_http_1_0_has_no_meaning() {
    for head in [
        "HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        "HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 0\r\n\r\n",
    ] {
        let answer = say(
            connect(&Server::new(), echo),
            format!("POST / {head}").as_bytes(),
            1,
        )
        .await;
        assert_eq!(
            answer,
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nPOST / "
        );
    }
}

/// Whether content follows is the client's secret then, so nothing behind the head can be trusted.
#[tokio::test(start_paused = true)]
async fn an_expectation_that_nobody_asks_for_closes() {
    let mut client = connect(&Server::new(), unread);
    client
        .write_all(
            b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n",
        )
        .await
        .expect("a pipe");
    let start = tokio::time::Instant::now();
    let answer = until(&mut client, "unread").await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nunread"
    );
    assert_eq!(start.elapsed(), Duration::ZERO, "nothing is waited for");
    client
        .write_all(format!("hello{GOOD}").as_bytes())
        .await
        .expect("lingering");
    assert_eq!(until_closed(&mut client).await, "");
}

#[tokio::test(start_paused = true)]
async fn unread_content_that_has_come_is_skipped() {
    for framing in [
        "content-length: 5\r\n\r\nhello",
        "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ] {
        let octets = format!("POST / HTTP/1.1\r\nhost: a\r\n{framing}{GOOD}");
        let one = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nunread";
        for step in [usize::MAX, 1] {
            assert_eq!(
                say(connect(&Server::new(), unread), octets.as_bytes(), step).await,
                format!("{one}{one}")
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn unread_content_that_comes_soon_is_waited_for() {
    let mut client = connect(&Server::new(), unread);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\n")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_millis(40)).await;
    client
        .write_all(&vec![b'x'; 200_000])
        .await
        .expect("a pipe");
    assert!(!until(&mut client, "unread").await.contains("close"));
    client.write_all(GOOD.as_bytes()).await.expect("a pipe");
    until(&mut client, "unread").await;
}

#[tokio::test(start_paused = true)]
async fn unread_content_that_does_not_come_soon_closes() {
    let mut client = connect(&Server::new(), unread);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 200\r\n\r\nxx")
        .await
        .expect("a pipe");
    let start = tokio::time::Instant::now();
    assert!(
        until(&mut client, "unread")
            .await
            .contains("\r\nconnection: close\r\n")
    );
    assert!((50..=60).contains(&start.elapsed().as_millis()));
}

#[tokio::test(start_paused = true)]
async fn unread_content_that_is_known_to_be_large_is_not_waited_for() {
    let mut client = connect(&Server::new(), unread);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 300000\r\n\r\nxx")
        .await
        .expect("a pipe");
    let start = tokio::time::Instant::now();
    assert!(
        until(&mut client, "unread")
            .await
            .contains("\r\nconnection: close\r\n")
    );
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn unread_chunks_are_skipped_up_to_the_bound() {
    let mut client = connect(&Server::new(), unread);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .await
        .expect("a pipe");
    let chunk = [b"10000\r\n", &[b'x'; 0x10000][..], b"\r\n"].concat();
    let (mut reader, mut writer) = tokio::io::split(client);
    let writing = tokio::spawn(async move { while writer.write_all(&chunk).await.is_ok() {} });
    let mut answer = vec![0; 200];
    let read = reader.read(&mut answer).await.expect("a pipe");
    assert!(String::from_utf8_lossy(&answer[..read]).contains("connection: close\r\n"));
    writing.abort();
}

#[tokio::test(start_paused = true)]
async fn truncated_content_is_a_400() {
    for framing in [
        "content-length: 5\r\n\r\nhe",
        "transfer-encoding: chunked\r\n\r\n5\r\nhe",
    ] {
        let mut client = connect(&Server::new(), echo);
        client
            .write_all(format!("POST / HTTP/1.1\r\nhost: a\r\n{framing}").as_bytes())
            .await
            .expect("a pipe");
        client.shutdown().await.expect("a pipe");
        assert!(
            until_closed(&mut client)
                .await
                .starts_with("HTTP/1.1 400 Bad Request\r\n")
        );
    }
}

/// Full duplex: the response streams the request's content back while it comes.
#[tokio::test(start_paused = true)]
async fn content_flows_both_ways_at_once() {
    let service = |request: Request<Body>| async { Response::new(request.into_body()) };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .await
        .expect("a pipe");
    assert_eq!(
        until(&mut client, "\r\n\r\n").await,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    for word in ["one", "three"] {
        client
            .write_all(format!("{:x}\r\n{word}\r\n", word.len()).as_bytes())
            .await
            .expect("a pipe");
        assert_eq!(
            until(&mut client, "\r\n").await,
            format!("{:x}\r\n{word}\r\n", word.len())
        );
    }
    client
        .write_all(format!("0\r\n\r\n{GOOD}").as_bytes())
        .await
        .expect("a pipe");
    assert!(
        until(&mut client, "\r\ncontent-length: 0\r\n\r\n")
            .await
            .starts_with("0\r\n\r\nHTTP/1.1 200 OK\r\n")
    );
}

/// It comes home with the response's content, which is given up once nothing more of it is sent.
#[tokio::test(start_paused = true)]
async fn content_that_the_response_holds_is_skipped_like_any_other() {
    let post =
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    for status in [204, 205, 304] {
        let service = move |request: Request<Body>| async move {
            let mut response = Response::new(request.into_body());
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
            response
        };
        let answer = say(
            connect(&Server::new(), service),
            post.repeat(2).as_bytes(),
            1000,
        )
        .await;
        let line = format!("HTTP/1.1 {status} ");
        assert_eq!(answer.matches(&line).count(), 2, "{answer}");
        assert!(!answer.contains("close"), "{answer}");
    }
    let holding = service_fn(|request: Request<Body>| async {
        let data = futures::stream::iter(["x"]).map(move |data| {
            let _ = &request;
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(data.as_bytes())))
        });
        Ok::<_, Infallible>(Response::new(StreamBody::new(data)))
    });
    let answer = say(testing::pipe(holding), post.repeat(2).as_bytes(), 1000).await;
    assert_eq!(answer.matches("1\r\nx\r\n0\r\n\r\n").count(), 2, "{answer}");
}

/// The head is out when the content breaks: the response is cut, nothing behind the content is read.
#[tokio::test(start_paused = true)]
async fn content_that_breaks_while_it_is_echoed_cuts_the_response() {
    let service = |request: Request<Body>| async { Response::new(request.into_body()) };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .await
        .expect("a pipe");
    until(&mut client, "\r\n\r\n").await;
    client
        .write_all(format!("1\r\nAB\r\n0\r\n\r\n{GOOD}").as_bytes())
        .await
        .expect("a pipe");
    assert_eq!(until_closed(&mut client).await, "1\r\nA\r\n");
}

/// An early answer; the upload goes on in a task, and the connection with it.
#[tokio::test(start_paused = true)]
async fn a_response_may_be_sent_before_the_content_is_read() {
    let service = |request: Request<Body>| async {
        tokio::spawn(async move { request.into_body().collect_bytes(1 << 20).await });
        Response::new(Body::from("early"))
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n")
        .await
        .expect("a pipe");
    assert!(!until(&mut client, "early").await.contains("close"));
    client
        .write_all(&vec![b'x'; 100_000])
        .await
        .expect("a pipe");
    client.write_all(GOOD.as_bytes()).await.expect("a pipe");
    until(&mut client, "early").await;
}

/// A deadline for the response is none for an upload that goes on once the response is sent.
#[tokio::test(start_paused = true)]
async fn content_may_take_longer_than_the_response_that_is_sent() {
    let (told, mut read) = tokio::sync::mpsc::unbounded_channel();
    let service = move |request: Request<Body>| {
        let told = told.clone();
        async move {
            handle(request.body())
                .expect("ours")
                .set_response_deadline(Some(Instant::now() + Duration::from_secs(3)))
                .expect("before the response");
            tokio::spawn(async move { told.send(request.into_body().collect_bytes(10).await) });
            Response::new(Body::from("early"))
        }
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n")
        .await
        .expect("a pipe");
    until(&mut client, "early").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    client.write_all(b"hello").await.expect("a pipe");
    let read = read.recv().await.expect("told").expect("in time");
    assert_eq!(read, "hello");
}

#[tokio::test(start_paused = true)]
async fn a_half_closed_client_is_answered() {
    let service = |request: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        echo(request).await
    };
    let mut client = connect(&Server::new(), service);
    client.write_all(GOOD.as_bytes()).await.expect("a pipe");
    client.shutdown().await.expect("a pipe");
    assert_eq!(
        until_closed(&mut client).await,
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\nGET /good "
    );
}

#[tokio::test(start_paused = true)]
async fn all_pipelined_requests_of_a_half_closed_client_are_answered() {
    let mut client = connect(&Server::new(), echo);
    client
        .write_all(GOOD.repeat(3).as_bytes())
        .await
        .expect("a pipe");
    client.shutdown().await.expect("a pipe");
    assert_eq!(
        until_closed(&mut client)
            .await
            .matches("GET /good ")
            .count(),
        3
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_cut_off_by_a_fin_is_a_400_and_nothing_gets_nothing() {
    let mut client = connect(&Server::new(), echo);
    client.write_all(b"GET / HT").await.expect("a pipe");
    client.shutdown().await.expect("a pipe");
    assert!(until_closed(&mut client).await.starts_with("HTTP/1.1 400 "));
    let mut client = connect(&Server::new(), echo);
    client.shutdown().await.expect("a pipe");
    assert_eq!(until_closed(&mut client).await, "");
}
