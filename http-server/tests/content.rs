//! Content in both directions: expectations, unread and early-answered content, trailers, lengths that do not fit.

mod wire;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body::Frame;
use http_body_util::StreamBody;
use http_server::{Body, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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

fn frames(frames: Vec<Result<Frame<Bytes>, std::io::Error>>) -> Body {
    Body::new(StreamBody::new(futures::stream::iter(frames)))
}

fn data(octets: &'static str) -> Result<Frame<Bytes>, std::io::Error> {
    Ok(Frame::data(Bytes::from_static(octets.as_bytes())))
}

fn declaring(length: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from_static(length));
    response
}

#[tokio::test(start_paused = true)]
async fn content_of_unknown_size_is_chunked_or_ends_with_the_connection() {
    let service =
        |_: Request<Body>| async { Response::new(frames(vec![data("hello "), data("world")])) };
    assert_eq!(
        say(connect(&Server::new(), service), GOOD.as_bytes(), 1).await,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"
    );
    assert_eq!(
        say(
            connect(&Server::new(), service),
            b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
            1
        )
        .await,
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello world"
    );
}

#[tokio::test(start_paused = true)]
async fn trailers_are_sent_where_they_were_declared() {
    let service = |_: Request<Body>| async {
        let mut trailers = HeaderMap::new();
        trailers.insert("checksum", HeaderValue::from_static("1"));
        trailers.insert("undeclared", HeaderValue::from_static("2"));
        let mut response = Response::new(Body::from("hello").with_trailers(trailers));
        response
            .headers_mut()
            .insert(header::TRAILER, HeaderValue::from_static("checksum"));
        response
    };
    assert_eq!(
        say(connect(&Server::new(), service), GOOD.as_bytes(), 1).await,
        "HTTP/1.1 200 OK\r\ntrailer: checksum\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nchecksum: 1\r\n\r\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_declared_length_is_kept_honest() {
    let two = format!("{GOOD}{GOOD}");
    // Unknown size: the declaration counts. Too long is cut, too short is seen to be; both close.
    let long =
        |_: Request<Body>| async { declaring("3", frames(vec![data("hello "), data("world")])) };
    let answer = say(connect(&Server::new(), long), two.as_bytes(), 1000).await;
    assert_eq!(answer, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhel");
    let short =
        |_: Request<Body>| async { declaring("30", frames(vec![data("hello "), data("world")])) };
    let answer = say(connect(&Server::new(), short), two.as_bytes(), 1000).await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\nhello world"
    );
    let right =
        |_: Request<Body>| async { declaring("11", frames(vec![data("hello "), data("world")])) };
    let answer = say(connect(&Server::new(), right), two.as_bytes(), 1000).await;
    assert_eq!(answer.matches("hello world").count(), 2);
    // Known size: it overrules.
    let known = |_: Request<Body>| async { declaring("3", Body::from("hello")) };
    let answer = say(connect(&Server::new(), known), GOOD.as_bytes(), 1000).await;
    assert_eq!(answer, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    // No content to send: it passes through.
    let answer = say(
        connect(&Server::new(), |_| async { declaring("3", Body::empty()) }),
        b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n",
        1000,
    )
    .await;
    assert_eq!(answer, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_transfer_encoding_of_a_handler_is_dropped() {
    let service = |_: Request<Body>| async {
        let mut response = Response::new(Body::from("hello"));
        response
            .headers_mut()
            .insert(header::TRANSFER_ENCODING, HeaderValue::from_static("gzip"));
        response
    };
    let answer = say(connect(&Server::new(), service), GOOD.as_bytes(), 1000).await;
    assert_eq!(answer, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
}

#[tokio::test(start_paused = true)]
async fn response_content_that_fails_is_a_500_before_the_head_and_a_cut_after_it() {
    let failure = || Err(std::io::Error::other("broken"));
    let service = move |_: Request<Body>| async move { Response::new(frames(vec![failure()])) };
    let answer = say(connect(&Server::new(), service), GOOD.as_bytes(), 1000).await;
    assert!(
        answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
        "{answer}"
    );
    let service = move |_: Request<Body>| async move {
        Response::new(frames(vec![data("hello"), failure()]))
    };
    let answer = say(connect(&Server::new(), service), GOOD.as_bytes(), 1000).await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
    );
}

/// Server-sent events: each leaves as it is made.
#[tokio::test(start_paused = true)]
async fn content_leaves_before_its_source_waits() {
    let service = |_: Request<Body>| async {
        let ticks = futures::stream::unfold(0, |count| async move {
            if count > 0 {
                tokio::time::sleep(Duration::from_secs(20)).await;
            }
            (count < 5).then(|| {
                (
                    Ok::<_, std::io::Error>(Bytes::from_static(b"tick")),
                    count + 1,
                )
            })
        });
        Response::new(Body::from_stream(ticks))
    };
    let mut client = connect(&Server::new(), service);
    let start = tokio::time::Instant::now();
    client.write_all(GOOD.as_bytes()).await.expect("a pipe");
    for count in 0..5 {
        until(&mut client, "4\r\ntick\r\n").await;
        assert_eq!(start.elapsed().as_secs(), 20 * count);
    }
    assert_eq!(until(&mut client, "\r\n\r\n").await, "0\r\n\r\n");
}

#[tokio::test(start_paused = true)]
async fn much_content_arrives_whole() {
    let service = |_: Request<Body>| async { Response::new(Body::from(vec![b'x'; 5 << 20])) };
    let answer = say(connect(&Server::new(), service), GOOD.as_bytes(), 1000).await;
    assert!(answer.ends_with(&"x".repeat(5 << 20)));
    let mut client = connect(&Server::new(), echo);
    let content = vec![b'y'; 1 << 20];
    let head = format!(
        "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        content.len()
    );
    client.write_all(head.as_bytes()).await.expect("a pipe");
    client.write_all(&content).await.expect("a pipe");
    assert!(
        until_closed(&mut client)
            .await
            .ends_with(&"y".repeat(1 << 20))
    );
}
