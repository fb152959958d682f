//! Servers that mean harm: the client neither hangs, nor panics, nor believes them, nor uses their connections again.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::HeaderValue;
use http_client::{Body, ErrorKind, Progress, ResponseExt, Transport};
use peer::{OK, Peer, get, head, post, request, transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Nothing here may hang, however loaded the machine is.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work)
        .await
        .expect("the client hangs")
}

/// A server that gives these octets to each request, and leaves its connections open.
async fn saying(octets: Vec<u8>) -> Peer {
    Peer::new(move |_, mut stream| {
        let octets = octets.clone();
        async move {
            while request(&mut stream).await.is_some() {
                let _ = stream.write_all(&octets).await;
            }
        }
    })
    .await
}

/// A server that writes the opening, then the piece again and again, until the client goes.
async fn endless(opening: &'static str, piece: &'static str) -> Peer {
    Peer::new(move |_, mut stream| async move {
        request(&mut stream).await;
        let mut sent = stream.write_all(opening.as_bytes()).await;
        while sent.is_ok() {
            sent = stream.write_all(piece.as_bytes()).await;
        }
    })
    .await
}

fn nothing_is_left(transport: &Transport, what: &str) {
    let stats = transport.stats();
    assert_eq!(
        (stats.idle(), stats.active(), stats.waiting()),
        (0, 0, 0),
        "{what}"
    );
}

/// RFC 9110 section 5.5: CR, LF and NUL in a field are never passed on.
#[tokio::test]
async fn heads_with_octets_that_have_no_place_there() {
    for octets in [
        &b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nx\0y: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\x7fb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\x01b\r\n\r\n",
        b"HTTP/1.1 200 O\0K\r\n\r\n",
        b"HTTP/1.1 200 OK\rX\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: empty\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        b"HTTP/1.1 1000 X\r\n\r\n",
        b"HTTP/1.1 -20 X\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: 0x5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.0\r\n",
    ] {
        let shown = String::from_utf8_lossy(octets).into_owned();
        let peer = saying(octets.to_vec()).await;
        let transport = transport();
        let error = soon(transport.round_trip(get(peer.url("/")))).await.expect_err(&shown);
        assert_eq!(error.kind(), ErrorKind::Malformed, "{shown:?}");
        nothing_is_left(&transport, &shown);
    }
}

/// What never ends is cut off by a limit, not by a deadline.
#[tokio::test]
async fn heads_without_end() {
    for (opening, piece) in [
        ("HTTP/1.1 200 OK\r\n", "x: y\r\n"),
        (
            "HTTP/1.1 200 OK\r\nx: ",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        (
            "HTTP/1.1 200 ",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"),
    ] {
        let peer = endless(opening, piece).await;
        let transport = transport();
        let error = soon(transport.round_trip(get(peer.url("/"))))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{opening:?} {piece:?}");
        nothing_is_left(&transport, piece);
    }
}

/// One limit holds for all heads of a response together.
#[tokio::test]
async fn heads_that_are_too_large_together() {
    let (hint, link) = ("HTTP/1.1 103 Early Hints\r\nlink: ", "x".repeat(140_000));
    let (last, end) = ("HTTP/1.1 200 OK\r\nx: ", "\r\ncontent-length: 0\r\n\r\n");
    let small = format!("{hint}{link}\r\n\r\n{last}x{end}");
    let large = format!("{hint}{link}\r\n\r\n{last}{link}{end}");
    let peer = saying(small.into_bytes()).await;
    soon(transport().round_trip(get(peer.url("/"))))
        .await
        .unwrap();
    let peer = saying(large.into_bytes()).await;
    let transport = transport();
    let error = soon(transport.round_trip(get(peer.url("/"))))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    nothing_is_left(&transport, "heads");
}

#[tokio::test]
async fn content_without_end() {
    for (opening, piece) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "octets octets octets octets"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\n",
            "octets octets",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "6\r\noctets\r\n",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
            "octets",
        ),
    ] {
        let peer = endless(opening, piece).await;
        let transport = transport();
        let response = soon(transport.round_trip(get(peer.url("/"))))
            .await
            .unwrap();
        let error = soon(response.bytes(100_000)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{opening:?}");
        // It is dropped unread, and not drained for long.
        soon(async {
            while transport.stats().active() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
        nothing_is_left(&transport, opening);
    }
}

/// RFC 9112 section 7.1: what is not content is bounded too.
#[tokio::test]
async fn chunks_that_are_mostly_something_else() {
    let extension = "1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n";
    for (opening, piece) in [
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            extension,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
            "x: y\r\n",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: ",
            "yyyyyyyyyyyyyyyyyyyyyyyy",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "00000000",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000000000000000\r\n",
            "x",
        ),
    ] {
        let peer = endless(opening, piece).await;
        let transport = transport();
        let response = soon(transport.round_trip(get(peer.url("/"))))
            .await
            .unwrap();
        let error = soon(response.bytes(1 << 24)).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Malformed | ErrorKind::TooLarge),
            "{opening:?}: {}",
            error.report()
        );
        nothing_is_left(&transport, opening);
    }
}

/// An answer that should have no content, with content: its octets are never the next answer.
#[tokio::test]
async fn content_where_there_is_none_is_not_the_next_answer() {
    const FORGED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";
    for (method, opening) in [
        ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 43\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            "GET",
            "HTTP/1.1 204 No Content\r\ncontent-length: 43\r\n\r\n",
        ),
        (
            "GET",
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 43\r\n\r\n",
        ),
        ("GET", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        (
            "GET",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
    ] {
        let peer = Peer::new(move |number, mut stream| async move {
            while head(&mut stream).await.is_some() {
                let answer = if number == 0 {
                    format!("{opening}{FORGED}")
                } else {
                    OK.into()
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        })
        .await;
        let transport = transport();
        let first = http::Request::builder().method(method).uri(peer.url("/"));
        let first = transport
            .round_trip(first.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(first.bytes(100).await.unwrap(), "", "{opening}");
        let second = transport.round_trip(get(peer.url("/"))).await.unwrap();
        assert_eq!(second.bytes(100).await.unwrap(), "ok", "{method} {opening}");
        assert_eq!(peer.connections(), 2, "{method} {opening}");
    }
}

/// How a connection is lost, and when.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Close,
    Reset,
}

/// Losses before, within and behind the head, on a connection that has served: what has begun to come is never asked for again.
#[tokio::test]
async fn losses_at_every_point() {
    // What comes on the second exchange; whether a GET, and a POST, have an answer in the end.
    for (octets, get_succeeds, post_succeeds) in [
        ("", true, false),
        ("H", false, false),
        ("HTTP/1.1 200 OK\r\ncontent-le", false, false),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
            false,
            false,
        ),
        ("HTTP/1.1 100 Continue\r\n\r\n", false, false),
    ] {
        for loss in [Loss::Close, Loss::Reset] {
            for (request_of, succeeds) in [("GET", get_succeeds), ("POST", post_succeeds)] {
                let peer = Peer::new(move |number, mut stream| async move {
                    request(&mut stream).await;
                    stream.write_all(OK.as_bytes()).await.unwrap();
                    if request(&mut stream).await.is_none() {
                        return;
                    }
                    assert_eq!(number, 0, "only the first connection is used twice");
                    stream.write_all(octets.as_bytes()).await.unwrap();
                    if let Loss::Reset = loss {
                        // What was written must arrive before the reset does.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        let _ = stream.set_zero_linger();
                    }
                })
                .await;
                let transport = transport();
                let first = transport.round_trip(get(peer.url("/"))).await.unwrap();
                first.bytes(9).await.unwrap();
                let second = match request_of {
                    "GET" => get(peer.url("/")),
                    _ => post(peer.url("/"), "x"),
                };
                let outcome =
                    soon(async { transport.round_trip(second).await?.bytes(9).await }).await;
                let what = format!("{request_of} {octets:?} {loss:?}: {outcome:?}");
                assert_eq!(outcome.is_ok(), succeeds, "{what}");
                if let Err(error) = outcome {
                    assert!(
                        matches!(error.kind(), ErrorKind::Closed | ErrorKind::Io),
                        "{what}"
                    );
                    let received = !octets.is_empty();
                    assert_eq!(error.progress() == Progress::Received, received, "{what}");
                    assert!(!error.is_retryable(), "{what}");
                    nothing_is_left(&transport, &what);
                }
                assert_eq!(peer.connections(), 1 + usize::from(succeeds), "{what}");
            }
        }
    }
}

/// The server goes while a large upload is under way.
#[tokio::test]
async fn uploads_that_are_cut_off() {
    for loss in [Loss::Close, Loss::Reset] {
        for taken in [0, 1, 100_000] {
            let peer = Peer::new(move |_, mut stream| async move {
                head(&mut stream).await;
                let mut some = vec![0; taken];
                stream.read_exact(&mut some).await.unwrap();
                if let Loss::Reset = loss {
                    let _ = stream.set_zero_linger();
                }
            })
            .await;
            let transport = transport();
            let upload = post(peer.url("/"), vec![7; 16 << 20]);
            let error = soon(transport.round_trip(upload)).await.unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Closed | ErrorKind::Io),
                "{error:?}"
            );
            assert_eq!(error.progress(), Progress::Started, "{loss:?} {taken}");
            assert_eq!(
                peer.connections(),
                1,
                "a fresh connection is not tried twice"
            );
            nothing_is_left(&transport, "upload");
        }
    }
}

/// RFC 9110 section 7.8: a server switches to what was offered, and says to what.
#[tokio::test]
async fn protocols_that_were_not_offered() {
    for (answer, accepted) in [
        (
            "HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: WebSocket\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: websocket, h2c\r\n\r\n",
            false,
        ),
        ("HTTP/1.1 101 X\r\nconnection: upgrade\r\n\r\n", false),
        ("HTTP/1.1 101 X\r\nupgrade: websocket\r\n\r\n", false),
    ] {
        let peer = saying(answer.into()).await;
        let mut request = get(peer.url("/"));
        for (name, value) in [("connection", "upgrade"), ("upgrade", "websocket")] {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        let outcome = soon(transport().round_trip(request)).await;
        assert_eq!(outcome.is_ok(), accepted, "{answer}: {outcome:?}");
    }
}

/// What came on an idle connection is seen by a task, too, that the runtime would rather see yield: there, nothing is ready.
#[tokio::test(start_paused = true)]
async fn octets_on_an_idle_connection_are_no_answer_for_a_busy_task() {
    let transport = peer::in_memory(|number, mut stream| async move {
        request(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        if number == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let unasked = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno";
            stream.write_all(unasked.as_bytes()).await.unwrap();
        }
        let _ = stream.read_u8().await;
    })
    .build();
    let response = transport.round_trip(get("http://a/")).await.unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
    tokio::time::sleep(Duration::from_millis(2)).await;
    let mut call = pin!(transport.round_trip(post("http://a/", "x")));
    let begun = poll_fn(|cx| {
        while pin!(tokio::task::consume_budget()).poll(cx).is_ready() {}
        Poll::Ready(call.as_mut().poll(cx))
    });
    assert!(begun.await.is_pending());
    let response = call.await.unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
}
