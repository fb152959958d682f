//! Responses as they arrive: good ones of every framing, and broken ones.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::{Arc, Mutex};

use http_client::{Body, ErrorKind, Options, ResponseExt};
use peer::{OK, Peer, get, request, transport};
use tokio::io::AsyncWriteExt;

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
