//! A response's content: as long as announced, chunked, with trailers, failing, late.

mod wire;

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body::Frame;
use http_body_util::StreamBody;
use http_server::{Body, Server, service_fn, testing};
use tokio::io::AsyncWriteExt;
use wire::{connect, echo, say, until, until_closed};

const GOOD: &str = "GET /good HTTP/1.1\r\nhost: a\r\n\r\n";

/// Content of these frames.
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

/// The stream panics when it is polled again after its end, as many do.
#[tokio::test(start_paused = true)]
async fn content_is_not_polled_beyond_its_end() {
    let service = service_fn(|_: Request<Body>| async {
        let nothing = futures::stream::unfold((), |()| {
            std::future::ready(None::<(Result<Frame<Bytes>, Infallible>, ())>)
        });
        let mut response = Response::new(StreamBody::new(nothing));
        response
            .headers_mut()
            .insert(header::TRAILER, HeaderValue::from_static("checksum"));
        Ok::<_, Infallible>(response)
    });
    let server = Server::new();
    let client = testing::pipe_on(server.clone(), service);
    let answer = say(client, GOOD.repeat(2).as_bytes(), 1000).await;
    assert_eq!(answer.matches("\r\n\r\n0\r\n\r\n").count(), 2, "{answer}");
    assert_eq!(server.stats().errors.panic, 0);
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

/// RFC 9110 section 8.6: a length that is not known to be right is not sent.
#[tokio::test(start_paused = true)]
async fn lengths_that_disagree_declare_nothing() {
    const CHUNKED: &str =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for (lengths, expected) in [
        (
            &["5", "5"][..],
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        ),
        (&["5", "6"], CHUNKED),
        (&["6", "5"], CHUNKED),
        (&["3", "5", "5"], CHUNKED),
        (&["x", "5"], CHUNKED),
        (&["5", ""], CHUNKED),
        (&["9223372036854775808"], CHUNKED),
    ] {
        let service = move |_: Request<Body>| async move {
            let mut response = Response::new(frames(vec![data("hello")]));
            for &length in lengths {
                response
                    .headers_mut()
                    .append(header::CONTENT_LENGTH, HeaderValue::from_static(length));
            }
            response
        };
        let answer = say(connect(&Server::new(), service), GOOD.as_bytes(), 1).await;
        assert_eq!(answer, expected, "{lengths:?}");
    }
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
