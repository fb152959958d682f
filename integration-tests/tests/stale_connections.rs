//! A kept-alive connection that dies just as it is used again: the request that meets it must not be lost.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Request;
use http_client::Transport;
use http_codec::Body;
use integration_tests::wire::Wire;
use tokio::net::TcpListener;

/// Answers the first request of each connection; reads the second, and closes without an answer. Counts the requests.
async fn server_that_closes_on_the_second(seen: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut wire = Wire::new(stream);
                // A request's head has the shape of a response's.
                if wire.head().await.is_ok() {
                    seen.fetch_add(1, Ordering::Relaxed);
                    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                        .await
                        .unwrap();
                }
                if wire.head().await.is_ok() {
                    seen.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    addr
}

#[tokio::test]
async fn twenty_of_twenty_gets_succeed() {
    let seen = Arc::new(AtomicUsize::new(0));
    let addr = server_that_closes_on_the_second(Arc::clone(&seen)).await;
    let transport = Transport::new();
    for turn in 0..20 {
        let request = Request::get(format!("http://{addr}/{turn}"))
            .body(Body::empty())
            .unwrap();
        let response = transport
            .round_trip(request)
            .await
            .unwrap_or_else(|error| panic!("{turn}: {error:?}"));
        assert_eq!(response.into_body().collect_bytes(10).await.unwrap(), "ok");
    }
    assert!(
        seen.load(Ordering::Relaxed) > 20,
        "no connection was used again: the test shows nothing"
    );
}

/// RFC 9110 section 9.2.2: what is not idempotent is never sent twice on its own.
#[tokio::test]
async fn a_post_that_was_sent_is_not_sent_again() {
    let seen = Arc::new(AtomicUsize::new(0));
    let addr = server_that_closes_on_the_second(Arc::clone(&seen)).await;
    let transport = Transport::new();
    let post = || {
        Request::post(format!("http://{addr}/"))
            .body(Body::empty())
            .unwrap()
    };
    let mut outcomes = Vec::new();
    for _ in 0..20 {
        outcomes.push(match transport.round_trip(post()).await {
            Ok(response) => response.into_body().collect_bytes(10).await.is_ok(),
            Err(_) => false,
        });
    }
    assert_eq!(
        seen.load(Ordering::Relaxed),
        20,
        "each was sent once: {outcomes:?}"
    );
    assert_eq!(
        outcomes.iter().filter(|arrived| **arrived).count(),
        10,
        "{outcomes:?}"
    );
}
