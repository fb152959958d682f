//! Which connection a request travels on, and what happens when it dies.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_client::{ErrorKind, ResponseExt, Transport};
use peer::{OK, Peer, get, head, in_memory, plain, post, request, transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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

/// The server closes while the task computes: the runtime has had no time to hear of it, and a `POST` is not sent twice.
#[tokio::test]
async fn a_close_while_the_task_was_busy_is_noticed_at_checkout() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (closed, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            assert!(stream.read(&mut buffer).unwrap() > 0);
            stream.write_all(OK.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(20));
            drop(stream);
            closed.send(()).unwrap();
        }
    });
    let transport = transport();
    for _ in 0..5 {
        let response = transport.round_trip(post(&url, "x")).await.unwrap();
        assert_eq!(response.bytes(9).await.unwrap(), "ok");
        // No await: the runtime stands still.
        hears.recv().unwrap();
    }
}

/// A connection has been idle since the response ended, however long the server thought about it.
#[tokio::test(start_paused = true)]
async fn a_slow_answer_does_not_count_as_idleness() {
    let dialed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dialed);
    let transport = in_memory(move |_, mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            while request(&mut stream).await.is_some() {
                tokio::time::sleep(Duration::from_secs(20)).await;
                stream.write_all(OK.as_bytes()).await.unwrap();
            }
        }
    })
    .idle_timeout(Duration::from_secs(10))
    .build();
    for _ in 0..3 {
        let response = transport.round_trip(get("http://a/")).await.unwrap();
        assert_eq!(response.bytes(9).await.unwrap(), "ok");
        tokio::time::sleep(Duration::from_secs(9)).await;
    }
    assert_eq!(dialed.load(Ordering::SeqCst), 1);
}
