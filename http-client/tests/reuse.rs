//! Which connection a request travels on, and what happens when it dies.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderValue;
use http_client::{Body, ErrorKind, Progress, ResponseExt, Transport};
use peer::{OK, Peer, get, head, in_memory, plain, post, request, transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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

#[tokio::test]
async fn a_connection_is_back_before_the_end_can_be_seen() {
    for octets in [
        OK,
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ] {
        let peer = Peer::answering(octets).await;
        let transport = transport();
        for _ in 0..10 {
            let mut body = transport
                .round_trip(get(peer.url("/")))
                .await
                .unwrap()
                .into_body();
            while let Some(_frame) = body.next_frame().await.unwrap() {}
            assert_eq!(transport.stats().idle(), 1);
        }
        assert_eq!(peer.connections(), 1);
        assert_eq!(transport.stats().hosts[0].reused, 9);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_body_is_drained_and_its_connection_reused() {
    for (size, late, reused) in [
        (1000, 0, true),
        (60_000, 0, true),
        (60_000, 40, true),
        (60_000, 60, false),
        (200_000, 0, false),
    ] {
        let dialed = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&dialed);
        let transport = in_memory(move |_, mut stream| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                while request(&mut stream).await.is_some() {
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n");
                    if stream.write_all(head.as_bytes()).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(late)).await;
                    if stream.write_all(&vec![b'x'; size]).await.is_err() {
                        return;
                    }
                }
            }
        })
        .build();
        for _ in 0..3 {
            drop(transport.round_trip(get("http://a/")).await.unwrap());
            tokio::time::sleep(Duration::from_millis(70)).await;
        }
        let expected = if reused { 1 } else { 3 };
        assert_eq!(dialed.load(Ordering::SeqCst), expected, "{size} {late}");
        assert_eq!(transport.stats().active(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_body_that_stalls_closes_its_connection() {
    let transport = in_memory(|_, mut stream| async move {
        request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .await
            .unwrap();
        let _ = stream.read_u8().await;
    })
    .build();
    drop(transport.round_trip(get("http://a/")).await.unwrap());
    assert_eq!(transport.stats().active(), 1);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(transport.stats().hosts.is_empty());
}

#[tokio::test]
async fn a_cancelled_exchange_closes_its_connection() {
    let peer = Peer::new(|number, mut stream| async move {
        request(&mut stream).await;
        if number == 0 {
            assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
        } else {
            stream.write_all(OK.as_bytes()).await.unwrap();
        }
    })
    .await;
    let transport = transport();
    let slow = tokio::time::timeout(
        Duration::from_millis(30),
        transport.round_trip(get(peer.url("/"))),
    );
    assert!(slow.await.is_err());
    assert!(transport.stats().hosts.is_empty());
    assert_eq!(
        transport
            .round_trip(get(peer.url("/")))
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn idle_connections_that_the_server_closes_leave_within_a_second() {
    let peer = Peer::new(|_, mut stream| async move {
        request(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
    })
    .await;
    let transport = transport();
    let calls = (0..10).map(|_| transport.round_trip(get(peer.url("/"))));
    for response in futures::future::join_all(calls).await {
        response.unwrap();
    }
    // That it takes less than a second, the tests of the pool show with a paused clock.
    let gone = async {
        while !transport.stats().hosts.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn unsolicited_octets_on_an_idle_connection_discard_it() {
    let dialed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dialed);
    let transport = in_memory(move |_, mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            request(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
            let unasked = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(unasked.as_bytes()).await.unwrap();
            let _ = stream.read_u8().await;
        }
    })
    .build();
    for _ in 0..3 {
        let response = transport.round_trip(get("http://a/")).await.unwrap();
        assert_eq!(response.status(), 200);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(dialed.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn without_keep_alive_each_request_says_close() {
    let peer = Peer::new(|_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(head.contains("connection: close\r\n"));
        stream.write_all(OK.as_bytes()).await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
    })
    .await;
    let transport = plain().keep_alive(false).build();
    for _ in 0..2 {
        let response = transport.round_trip(get(peer.url("/"))).await.unwrap();
        assert_eq!(response.bytes(9).await.unwrap(), "ok");
    }
    assert_eq!(peer.connections(), 2);
    assert!(transport.stats().hosts.is_empty());
}

#[tokio::test]
async fn an_old_connection_finishes_its_exchange_and_closes() {
    let peer = Peer::answering(OK).await;
    let transport = plain().max_age(Duration::from_millis(1)).build();
    transport.round_trip(get(peer.url("/"))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    transport.round_trip(get(peer.url("/"))).await.unwrap();
    assert_eq!(peer.connections(), 2);
}

#[tokio::test]
async fn limits_of_connections_hold_and_nobody_is_lost() {
    let open = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let counted = (Arc::clone(&open), Arc::clone(&most));
    let peer = Peer::new(move |_, mut stream| {
        let (open, most) = counted.clone();
        async move {
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            while request(&mut stream).await.is_some() {
                tokio::time::sleep(Duration::from_millis(1)).await;
                if stream.write_all(OK.as_bytes()).await.is_err() {
                    break;
                }
            }
            open.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    let transport = plain().max_conns_per_host(3).build();
    let calls = (0..100).map(|number| {
        let (transport, url) = (transport.clone(), peer.url("/"));
        async move {
            let call = async {
                let response = transport.round_trip(get(url)).await.unwrap();
                response.bytes(9).await.unwrap();
            };
            if number % 4 == 0 {
                // Cancelled somewhere.
                let _ = tokio::time::timeout(Duration::from_millis(number / 4), call).await;
            } else {
                call.await;
            }
        }
    });
    futures::future::join_all(calls).await;
    assert!(
        most.load(Ordering::SeqCst) <= 4,
        "one may be closing while the next is open"
    );
    let stats = transport.stats();
    assert_eq!((stats.active(), stats.waiting()), (0, 0));
    assert!(stats.idle() <= 3);
}

/// A client outlives the runtime that made it: connections of the dead runtime are not used.
#[test]
fn a_transport_outlives_a_runtime() {
    let server = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let peer = server.block_on(Peer::answering(OK));
    let transport = transport();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        for _ in 0..2 {
            let response = runtime
                .block_on(transport.round_trip(get(peer.url("/"))))
                .unwrap();
            assert_eq!(response.status(), 200);
        }
    }
    assert_eq!(peer.connections(), 3);
    let mut outside = std::pin::pin!(transport.round_trip(get(peer.url("/"))));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match outside.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(error)) => assert_eq!(error.kind(), ErrorKind::Runtime),
        _ => panic!("there is no runtime to run on"),
    }
}

#[tokio::test]
async fn a_dropped_transport_lets_running_responses_finish_and_closes_the_rest() {
    let peer = Peer::new(|_, mut stream| async move {
        request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(b"world").await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
    })
    .await;
    let transport: Transport = transport();
    let response = transport.round_trip(get(peer.url("/"))).await.unwrap();
    drop(transport);
    assert_eq!(response.bytes(10).await.unwrap(), "helloworld");
}
