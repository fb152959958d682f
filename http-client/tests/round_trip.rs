//! What goes over the wire in one round trip.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use http_client::{Body, ErrorKind, Options, Phase, Progress, ResponseExt};
use peer::{OK, Peer, get, head, in_memory, plain, post, request, transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

/// The octets of a request, as the peer sees them.
async fn sent(request_to_send: impl FnOnce(&str) -> http::Request<Body>) -> String {
    let (report, mut seen) = mpsc::unbounded_channel();
    let peer = Peer::new(move |_, mut stream| {
        let report = report.clone();
        async move {
            let mut octets = Vec::new();
            let mut buffer = [0; 4096];
            // More may follow what came; nothing is sent late.
            let mut patience = Duration::from_secs(60);
            while let Ok(Ok(count @ 1..)) =
                tokio::time::timeout(patience, stream.read(&mut buffer)).await
            {
                octets.extend_from_slice(&buffer[..count]);
                patience = Duration::from_millis(150);
            }
            report.send(String::from_utf8(octets).unwrap()).unwrap();
            let _ = stream.write_all(OK.as_bytes()).await;
        }
    })
    .await;
    let response = transport()
        .round_trip(request_to_send(&peer.addr.to_string()))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    seen.recv()
        .await
        .unwrap()
        .replace(&peer.addr.to_string(), "ADDR")
}

#[tokio::test]
async fn heads_as_they_are_sent() {
    assert_eq!(
        sent(|addr| get(format!("http://{addr}/a?b=c"))).await,
        "GET /a?b=c HTTP/1.1\r\nhost: ADDR\r\n\r\n"
    );
    assert_eq!(
        sent(|addr| get(format!("http://{addr}"))).await,
        "GET / HTTP/1.1\r\nhost: ADDR\r\n\r\n"
    );
    assert_eq!(
        sent(|addr| get(format!("http://{addr}?q"))).await,
        "GET /?q HTTP/1.1\r\nhost: ADDR\r\n\r\n"
    );
    assert_eq!(
        sent(|addr| post(format!("http://{addr}/"), "hello")).await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ncontent-length: 5\r\n\r\nhello"
    );
    assert_eq!(
        sent(|addr| post(format!("http://{addr}/"), ())).await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ncontent-length: 0\r\n\r\n"
    );
}

#[tokio::test]
async fn userinfo_and_an_own_host_field_are_never_sent() {
    let seen = sent(|addr| {
        let mut request = get(format!("http://user:secret@{addr}/"));
        request
            .headers_mut()
            .insert("host", HeaderValue::from_static("evil.example"));
        request
    });
    assert_eq!(seen.await, "GET / HTTP/1.1\r\nhost: ADDR\r\n\r\n");
    let seen = sent(|addr| {
        let mut request = get(format!("http://{addr}/"));
        request
            .extensions_mut()
            .insert(Options::new().with_host("virtual.example").unwrap());
        request
    });
    assert_eq!(
        seen.await,
        "GET / HTTP/1.1\r\nhost: virtual.example\r\n\r\n"
    );
}

#[tokio::test]
async fn content_of_unknown_length_is_chunked_and_its_trailers_follow() {
    let seen = sent(|addr| {
        let pieces = futures::stream::iter([Ok::<_, std::io::Error>("hello"), Ok("world!")]);
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", HeaderValue::from_static("11"));
        trailers.insert("x-undeclared", HeaderValue::from_static("1"));
        let mut request = post(
            format!("http://{addr}/"),
            Body::from_stream(pieces).with_trailers(trailers),
        );
        request
            .headers_mut()
            .insert("trailer", HeaderValue::from_static("x-sum"));
        request
    });
    assert_eq!(
        seen.await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n\
         5\r\nhello\r\n6\r\nworld!\r\n0\r\nx-sum: 11\r\n\r\n"
    );
}

#[tokio::test]
async fn declared_lengths_are_kept_and_other_framing_fields_dropped() {
    let seen = sent(|addr| {
        let pieces = futures::stream::iter([Ok::<_, std::io::Error>("hello")]);
        let mut request = post(format!("http://{addr}/"), Body::from_stream(pieces));
        request
            .headers_mut()
            .insert("content-length", HeaderValue::from_static("5"));
        request
            .headers_mut()
            .insert("transfer-encoding", HeaderValue::from_static("gzip"));
        request
    });
    assert_eq!(
        seen.await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ncontent-length: 5\r\n\r\nhello"
    );
}

#[tokio::test]
async fn responses_of_every_framing() {
    for (octets, content, closes) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "hello",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "hello",
            false,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhello", "hello", true),
        (
            "HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "hello",
            true,
        ),
        (
            "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nhello",
            "hello",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
            "hello",
            true,
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "", false),
        (
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n",
            "",
            false,
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "", false),
        (
            "HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello",
            "hello",
            false,
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "hello",
            false,
        ),
        // Octets behind the end: the response is good, the connection is not.
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
            "hello",
            true,
        ),
    ] {
        // Stray octets that come later can only be noticed later.
        let stray = octets.contains("helloHTTP");
        for split in [None, Some(1)]
            .into_iter()
            .filter(|split| !stray || split.is_none())
        {
            let peer = Peer::new(move |_, mut stream| async move {
                while request(&mut stream).await.is_some() {
                    match split {
                        None => stream.write_all(octets.as_bytes()).await.unwrap(),
                        Some(_) => {
                            for octet in octets.as_bytes().chunks(1) {
                                if stream.write_all(octet).await.is_err() {
                                    return;
                                }
                                tokio::task::yield_now().await;
                            }
                        }
                    }
                    if closes {
                        return;
                    }
                }
            })
            .await;
            let transport = transport();
            for _ in 0..2 {
                let response = transport.round_trip(get(peer.url("/"))).await.unwrap();
                assert_eq!(response.bytes(100).await.unwrap(), content, "{octets}");
            }
            assert_eq!(peer.connections(), if closes { 2 } else { 1 }, "{octets}");
        }
    }
}

#[tokio::test]
async fn a_head_request_has_no_content_whatever_the_fields_say() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
    let transport = transport();
    for _ in 0..3 {
        let request = http::Request::head(peer.url("/"))
            .body(Body::empty())
            .unwrap();
        let response = transport.round_trip(request).await.unwrap();
        assert_eq!(response.headers()["content-length"], "1000");
        assert_eq!(response.bytes(0).await.unwrap(), "");
    }
    assert_eq!(peer.connections(), 1);
}

/// Strictness of the client: each of these is an error, and the connection is not used again.
#[tokio::test]
async fn broken_responses_are_refused() {
    let huge = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(300_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(101));
    let flood = format!("{}{OK}", "HTTP/1.1 102 Processing\r\n\r\n".repeat(101));
    let large_flood = format!(
        "{}{OK}",
        format!(
            "HTTP/1.1 103 Early Hints\r\nx: {}\r\n\r\n",
            "a".repeat(60_000)
        )
        .repeat(5)
    );
    let table: Vec<(String, ErrorKind)> = vec![
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
                .into(),
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello".into(),
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello".into(),
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n".into(),
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 200 OK\ncontent-length: 5\n\nhello".into(),
            ErrorKind::Malformed,
        ),
        ("http/1.1 200 OK\r\n\r\n".into(), ErrorKind::Malformed),
        ("HTTP/1.1 20 OK\r\n\r\n".into(), ErrorKind::Malformed),
        ("HTTP/2.0 200 OK\r\n\r\n".into(), ErrorKind::Malformed),
        (
            "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n".into(),
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 200 OK\r\nname : x\r\n\r\n".into(),
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n".into(),
            ErrorKind::Malformed,
        ),
        ("\u{16}\u{3}\u{1}".into(), ErrorKind::Malformed),
        ("HTTP/1.1 200 OK\r\ncontent-len".into(), ErrorKind::Closed),
        ("".into(), ErrorKind::Closed),
        (huge, ErrorKind::TooLarge),
        (many, ErrorKind::TooLarge),
        (flood, ErrorKind::TooLarge),
        (large_flood, ErrorKind::TooLarge),
    ];
    for (octets, kind) in table {
        let octets = Arc::new(octets);
        let shown = octets.chars().take(60).collect::<String>();
        let peer = Peer::new(move |_, mut stream| {
            let octets = Arc::clone(&octets);
            async move {
                request(&mut stream).await;
                let _ = stream.write_all(octets.as_bytes()).await;
            }
        })
        .await;
        let transport = transport();
        let error = transport
            .round_trip(get(peer.url("/")))
            .await
            .expect_err(&shown);
        assert_eq!(error.kind(), kind, "{shown}: {}", error.report());
        assert_eq!(
            (transport.stats().idle(), transport.stats().active()),
            (0, 0),
            "{shown}"
        );
        assert_eq!(
            peer.connections(),
            1,
            "not replayed on a fresh connection: {shown}"
        );
    }
}

#[tokio::test]
async fn broken_content_is_an_error_and_never_a_short_success() {
    for (octets, kind) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello",
            ErrorKind::Closed,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
            ErrorKind::Closed,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
            ErrorKind::Closed,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
            ErrorKind::Closed,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n",
            ErrorKind::Malformed,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\nhello\n0\n\n",
            ErrorKind::Malformed,
        ),
    ] {
        let peer = Peer::new(move |_, mut stream| async move {
            request(&mut stream).await;
            stream.write_all(octets.as_bytes()).await.unwrap();
        })
        .await;
        let transport = transport();
        let response = transport.round_trip(get(peer.url("/"))).await.unwrap();
        let error = response.bytes(100).await.expect_err(octets);
        assert_eq!(error.kind(), kind, "{octets}");
        assert!(transport.stats().hosts.is_empty(), "{octets}");
    }
}

#[tokio::test]
async fn trailers_of_a_response_come_last() {
    let peer = Peer::answering(
        "HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 5\r\ncontent-length: 9\r\n\r\n",
    )
    .await;
    let transport = transport();
    for _ in 0..2 {
        let mut body = transport
            .round_trip(get(peer.url("/")))
            .await
            .unwrap()
            .into_body();
        assert_eq!(
            body.next_frame()
                .await
                .unwrap()
                .unwrap()
                .into_data()
                .unwrap(),
            "hello"
        );
        assert_eq!(transport.stats().idle(), 1, "parked before the end is seen");
        let trailers = body
            .next_frame()
            .await
            .unwrap()
            .unwrap()
            .into_trailers()
            .unwrap();
        assert_eq!(trailers.len(), 1);
        assert_eq!(trailers["x-sum"], "5");
        assert!(body.next_frame().await.unwrap().is_none());
    }
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn interim_responses_are_offered() {
    let peer = Peer::answering(
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </b>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let mut request = get(peer.url("/"));
    request
        .extensions_mut()
        .insert(Options::new().with_interim(move |parts| {
            notes.lock().unwrap().push((
                parts.status.as_u16(),
                parts.headers["link"].to_str().unwrap().to_owned(),
            ));
        }));
    transport().round_trip(request).await.unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [(103, "</a>".to_owned()), (103, "</b>".to_owned())]
    );
}

fn expecting(url: impl AsRef<str>, content: &'static str) -> http::Request<Body> {
    let mut request = post(url, content);
    request
        .headers_mut()
        .insert("expect", HeaderValue::from_static("100-continue"));
    request
}

#[tokio::test(start_paused = true)]
async fn content_waits_for_100_continue() {
    let transport = in_memory(|_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(head.contains("expect: 100-continue\r\n"));
        let mut octet = [0];
        let early = tokio::time::timeout(Duration::from_millis(900), stream.read(&mut octet)).await;
        assert!(early.is_err(), "the content waits");
        stream
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
            .await
            .unwrap();
        let mut content = [0; 5];
        stream.read_exact(&mut content).await.unwrap();
        assert_eq!(&content, b"hello");
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .build();
    let begun = tokio::time::Instant::now();
    let response = transport
        .round_trip(expecting("http://a/", "hello"))
        .await
        .unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
    assert_eq!(begun.elapsed(), Duration::from_millis(900));
}

#[tokio::test(start_paused = true)]
async fn content_is_sent_anyway_after_a_second() {
    let transport = in_memory(|_, mut stream| async move {
        let whole = request(&mut stream).await.unwrap();
        assert!(whole.ends_with("hello"));
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .build();
    let begun = tokio::time::Instant::now();
    transport
        .round_trip(expecting("http://a/", "hello"))
        .await
        .unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_refused_expectation_that_closes_sends_no_content() {
    let (report, mut seen) = mpsc::unbounded_channel();
    let transport = in_memory(move |_, mut stream| {
        let report = report.clone();
        async move {
            head(&mut stream).await.unwrap();
            let refusal =
                "HTTP/1.1 417 Expectation Failed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(refusal.as_bytes()).await.unwrap();
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.unwrap();
            report.send(rest).unwrap();
        }
    })
    .build();
    let response = transport
        .round_trip(expecting("http://a/", "hello"))
        .await
        .unwrap();
    assert_eq!(response.status(), 417);
    assert_eq!(seen.recv().await.unwrap(), b"");
    assert!(transport.stats().hosts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_final_answer_that_stays_open_still_gets_the_content() {
    let transport = in_memory(|_, mut stream| async move {
        head(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        let mut content = [0; 5];
        stream.read_exact(&mut content).await.unwrap();
        assert_eq!(&content, b"hello");
        request(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .build();
    let response = transport
        .round_trip(expecting("http://a/", "hello"))
        .await
        .unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(transport.stats().idle(), 1);
    transport.round_trip(get("http://a/")).await.unwrap();
}

#[tokio::test]
async fn an_early_answer_is_preferred_over_the_write_error() {
    for _ in 0..20 {
        let peer = Peer::new(|_, mut stream| async move {
            head(&mut stream).await.unwrap();
            let refusal = "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig";
            stream.write_all(refusal.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            // What is unread is dropped with the connection, which resets it.
            tokio::time::sleep(Duration::from_millis(5)).await;
        })
        .await;
        let response = transport()
            .round_trip(post(peer.url("/"), vec![7; 8 << 20]))
            .await
            .unwrap();
        assert_eq!(response.status(), 413);
        assert_eq!(response.bytes(9).await.unwrap(), "big");
    }
}

#[tokio::test]
async fn an_upload_goes_on_while_the_response_is_read() {
    let peer = Peer::new(|_, mut stream| async move {
        head(&mut stream).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .await
            .unwrap();
        // An echo, chunk by chunk: the content of the request is framed as that of the response.
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer).await.unwrap();
            stream.write_all(&buffer[..count]).await.unwrap();
            if buffer[..count].ends_with(b"0\r\n\r\n") {
                break;
            }
        }
        request(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .await;
    let transport = transport();
    let (mut sender, body) = Body::channel(1);
    let mut response = transport
        .round_trip(post(peer.url("/"), body))
        .await
        .unwrap();
    for word in ["one", "two", "three"] {
        sender.data(word).await.unwrap();
        let echoed = response.body_mut().next_data().await.unwrap().unwrap();
        assert_eq!(echoed, word);
    }
    sender.finish().await.unwrap();
    assert!(response.body_mut().next_data().await.unwrap().is_none());
    while transport.stats().idle() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    transport.round_trip(get(peer.url("/"))).await.unwrap();
    assert_eq!(peer.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_outlives_its_response_is_aborted() {
    let transport = in_memory(|_, mut stream| async move {
        head(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    })
    .build();
    let (sender, body) = Body::channel(1);
    let response = transport.round_trip(post("http://a/", body)).await.unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
    assert_eq!(transport.stats().active(), 1, "the upload goes on");
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(transport.stats().hosts.is_empty());
    assert!(sender.is_closed());
}

#[tokio::test]
async fn content_of_a_wrong_length_fails_the_request() {
    let peer = Peer::answering(OK).await;
    for (declared, content) in [("9", "hello"), ("3", "hello")] {
        let pieces = futures::stream::iter([Ok::<_, std::io::Error>(content)]);
        let mut request = post(peer.url("/"), Body::from_stream(pieces));
        request
            .headers_mut()
            .insert("content-length", HeaderValue::from_static(declared));
        let transport = transport();
        match transport.round_trip(request).await {
            Err(error) => assert_eq!(
                (error.kind(), error.phase()),
                (ErrorKind::Body, Phase::Send),
                "{declared}"
            ),
            Ok(_) => panic!("a content of a wrong length was sent"),
        }
        assert!(transport.stats().hosts.is_empty());
    }
}

#[tokio::test]
async fn content_that_fails_fails_the_request() {
    let peer = Peer::answering(OK).await;
    let pieces = futures::stream::iter([Ok("hello"), Err(std::io::Error::other("lost"))]);
    let error = transport()
        .round_trip(post(peer.url("/"), Body::from_stream(pieces)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Body);
    assert!(error.report().contains("lost"), "{}", error.report());
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_tried() {
    let transport = plain().build();
    for uri in ["ftp://example.com/", "/relative", "http://exa,mple.com/"] {
        let Ok(request) = http::Request::get(uri).body(Body::empty()) else {
            continue;
        };
        let error = transport.round_trip(request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.progress()),
            (ErrorKind::Request, Progress::Nothing),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn an_upgrade_hands_over_the_connection_and_what_was_read_ahead() {
    let peer = Peer::new(|_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(
            head.contains("upgrade: echo\r\n") && head.contains("connection: upgrade\r\n"),
            "{head}"
        );
        let switch =
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nfirst";
        stream.write_all(switch.as_bytes()).await.unwrap();
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(&word).await.unwrap();
    })
    .await;
    let mut request = get(peer.url("/"));
    request
        .headers_mut()
        .insert("connection", HeaderValue::from_static("upgrade"));
    request
        .headers_mut()
        .insert("upgrade", HeaderValue::from_static("echo"));
    let mut response = transport().round_trip(request).await.unwrap();
    assert_eq!(response.status(), 101);
    let mut io = http_client::upgrade(&mut response).unwrap();
    assert!(http_client::upgrade(&mut response).is_err());
    io.write_all(b"ping").await.unwrap();
    let mut all = String::new();
    io.read_to_string(&mut all).await.unwrap();
    assert_eq!(all, "firstping");
}

#[tokio::test]
async fn connect_gives_a_tunnel() {
    let peer = Peer::new(|_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(head.starts_with("CONNECT 127.0.0.1:"), "{head}");
        assert!(!head.contains("content-length"));
        stream
            .write_all(b"HTTP/1.1 200 OK\r\n\r\nhi")
            .await
            .unwrap();
    })
    .await;
    let request = http::Request::connect(peer.url("/"))
        .body(Body::empty())
        .unwrap();
    let mut response = transport().round_trip(request).await.unwrap();
    let mut all = String::new();
    http_client::upgrade(&mut response)
        .unwrap()
        .read_to_string(&mut all)
        .await
        .unwrap();
    assert_eq!(all, "hi");
}
