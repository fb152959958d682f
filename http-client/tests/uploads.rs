//! Content on its way out: expectations, early answers, and content that fails.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderValue;
use http_client::{Body, ErrorKind, Phase, ResponseExt};
use peer::{OK, Peer, get, head, in_memory, post, request, transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

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

/// One connection to a host means one, also while the rest of a request is given up with its response.
#[tokio::test(start_paused = true)]
async fn a_connection_counts_until_both_its_halves_are_closed() {
    let open = Arc::new(AtomicUsize::new(0));
    let transport = in_memory(move |number, mut stream| {
        let open = Arc::clone(&open);
        async move {
            assert_eq!(open.fetch_add(1, Ordering::SeqCst), 0);
            head(&mut stream).await.unwrap();
            if number == 0 {
                let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut";
                stream.write_all(cut.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await.unwrap();
            } else {
                stream.write_all(OK.as_bytes()).await.unwrap();
            }
            open.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .max_conns_per_host(1)
    .build();
    let (_sender, endless) = Body::channel(1);
    let first = async {
        let response = transport.round_trip(post("http://a/", endless));
        let content = response.await.unwrap().bytes(9).await;
        assert_eq!(content.unwrap_err().kind(), ErrorKind::Closed);
    };
    let second = async {
        tokio::task::yield_now().await;
        let response = transport.round_trip(get("http://a/")).await.unwrap();
        assert_eq!(response.bytes(9).await.unwrap(), "ok");
    };
    futures::future::join(first, second).await;
}
