//! Which requests are sent again when their connection turns out to be dead.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderValue;
use http_client::{Body, Connecting, ErrorKind, Io, Progress, ResponseExt, Target};
use peer::{OK, Peer, get, plain, post, request, transport};
use tokio::io::AsyncWriteExt;

/// A server that reads the second request of a kept-alive connection and closes it.
async fn surprising() -> Peer {
    Peer::new(|_, mut stream| async move {
        request(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.unwrap();
        request(&mut stream).await;
    })
    .await
}

#[tokio::test]
async fn a_get_on_a_connection_that_dies_is_replayed_20_of_20() {
    let peer = surprising().await;
    let transport = transport();
    for number in 0..20 {
        let response = transport
            .round_trip(get(peer.url("/")))
            .await
            .unwrap_or_else(|e| panic!("{number}: {e}"));
        assert_eq!(response.bytes(9).await.unwrap(), "ok");
    }
}

#[tokio::test]
async fn a_post_that_was_sent_is_not_replayed_unless_it_has_a_key() {
    let peer = surprising().await;
    let transport = transport();
    transport.round_trip(get(peer.url("/"))).await.unwrap();
    let error = transport
        .round_trip(post(peer.url("/"), "x"))
        .await
        .unwrap_err();
    assert!(error.is_closed() || error.kind() == ErrorKind::Io);
    assert!(error.is_reused() && !error.is_retryable());
    assert_eq!(error.progress(), Progress::Sent);
    transport.round_trip(get(peer.url("/"))).await.unwrap();
    let mut keyed = post(peer.url("/"), "x");
    keyed
        .headers_mut()
        .insert("idempotency-key", HeaderValue::from_static("1"));
    assert_eq!(transport.round_trip(keyed).await.unwrap().status(), 200);
}

#[tokio::test]
async fn content_that_cannot_be_made_again_is_not_replayed() {
    let peer = surprising().await;
    let transport = transport();
    for (rewindable, replayed) in [(true, true), (false, false)] {
        transport.close_idle();
        transport.round_trip(get(peer.url("/"))).await.unwrap();
        let stream = || Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>("x")]));
        let body = if rewindable {
            Body::rewindable(stream)
        } else {
            stream()
        };
        let mut put = http::Request::put(peer.url("/")).body(body).unwrap();
        put.headers_mut()
            .insert("content-length", HeaderValue::from_static("1"));
        put.headers_mut()
            .insert("idempotency-key", HeaderValue::from_static("1"));
        assert_eq!(transport.round_trip(put).await.is_ok(), replayed);
    }
}

/// Go's `markReused`: a dial that lost its race leaves a connection that waits for its first request, and may die of it.
#[tokio::test(start_paused = true)]
async fn a_connection_that_was_idle_from_the_beginning_is_no_new_one() {
    let count = AtomicUsize::new(0);
    let second = Duration::from_secs(1);
    let transport = plain()
        .connector(move |_: &Target| -> Connecting {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let (ours, mut theirs) = tokio::io::duplex(1024);
            tokio::spawn(async move {
                while request(&mut theirs).await.is_some() && number != 1 {
                    tokio::time::sleep(second).await;
                    theirs.write_all(OK.as_bytes()).await.unwrap();
                }
            });
            Box::pin(async move {
                tokio::time::sleep(second * 5 * number as u32).await;
                Ok(Box::new(ours) as Box<dyn Io>)
            })
        })
        .build();
    let two = tokio::join!(
        transport.round_trip(get("http://a/")),
        transport.round_trip(get("http://a/"))
    );
    drop((two.0.unwrap(), two.1.unwrap()));
    tokio::time::sleep(second * 9).await;
    assert_eq!(transport.stats().idle(), 2);
    let response = transport.round_trip(get("http://a/")).await.unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
}

/// A closed loop against a server that closes kept-alive connections at random: before a request, after reading it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_replayable_request_fails_under_random_closes() {
    let peer = Peer::new(|number, mut stream| async move {
        let mut random = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        loop {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if request(&mut stream).await.is_none() {
                return;
            }
            stream.write_all(OK.as_bytes()).await.unwrap();
            match random % 16 {
                0 => return,
                1 => {
                    request(&mut stream).await;
                    return;
                }
                2 => {
                    // A reset rather than a close.
                    let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                    return;
                }
                _ => {}
            }
        }
    })
    .await;
    let transport = transport();
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (transport, url, done) = (transport.clone(), peer.url("/"), Arc::clone(&done));
        tasks.spawn(async move {
            for _ in 0..1250 {
                let response = transport.round_trip(get(&url)).await.unwrap();
                assert_eq!(response.bytes(9).await.unwrap(), "ok");
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    assert_eq!(done.load(Ordering::Relaxed), 10_000);
}
