//! Calls that are given up at any moment: nothing leaks, nobody waits for ever.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_client::{Body, ResponseExt};
use peer::{OK, get, in_memory, post, request};
use tokio::io::AsyncWriteExt;

/// xorshift: a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// 10,000 calls over at most 8 connections, most of them cancelled: while waiting, connecting, sending, receiving, reading.
#[tokio::test(start_paused = true)]
async fn ten_thousand_cancellations_leave_nothing_behind() {
    let open = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&open);
    let transport = in_memory(move |number, mut stream| {
        let open = Arc::clone(&counted);
        let mut random = Random(number as u64 * 2 + 0x9e37_79b9_7f4a_7c15);
        async move {
            open.fetch_add(1, Ordering::SeqCst);
            while request(&mut stream).await.is_some() {
                tokio::time::sleep(Duration::from_millis(random.below(10))).await;
                let large = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
                let halves = match random.below(4) {
                    0 => [large, "5\r\nworld\r\n0\r\n\r\n"],
                    1 => ["HTTP/1.1 103 Early Hints\r\n\r\n", OK],
                    _ => [OK, ""],
                };
                for half in halves {
                    tokio::time::sleep(Duration::from_millis(random.below(5))).await;
                    if stream.write_all(half.as_bytes()).await.is_err() {
                        break;
                    }
                }
                if random.below(20) == 0 {
                    break;
                }
            }
            open.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .max_conns_per_host(8)
    .build();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let completed = Arc::new(AtomicUsize::new(0));
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..10_000 {
        let (transport, completed) = (transport.clone(), Arc::clone(&completed));
        let begin = Duration::from_millis(random.below(8000));
        let patience = Duration::from_millis(random.below(40));
        let (upload, read) = (random.below(3) == 0, random.below(3) > 0);
        calls.spawn(async move {
            tokio::time::sleep(begin).await;
            let call = async {
                let call = if upload {
                    post("http://origin/", Body::from(vec![7; 10_000]))
                } else {
                    get("http://origin/")
                };
                let response = transport.round_trip(call).await?;
                if read {
                    response.bytes(100).await?;
                }
                Ok::<_, http_client::Error>(())
            };
            if let Ok(Ok(())) = tokio::time::timeout(patience, call).await {
                completed.fetch_add(1, Ordering::Relaxed);
            }
        });
        // A burst of them at a time keeps the number of tasks down.
        if calls.len() > 4000 {
            calls.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    let completed = completed.load(Ordering::Relaxed);
    assert!(
        (500..9500).contains(&completed),
        "the mixture is off: {completed}"
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stats = transport.stats();
    assert_eq!(
        (stats.active(), stats.dialing(), stats.waiting()),
        (0, 0, 0)
    );
    assert!(stats.idle() <= 8);
    assert_eq!(
        open.load(Ordering::SeqCst),
        stats.idle(),
        "every other connection is closed"
    );
    // Every slot can be had: as many calls at once as there may be connections.
    let last = (0..8).map(|_| transport.round_trip(get("http://origin/")));
    for outcome in futures::future::join_all(last).await {
        outcome.unwrap();
    }
    transport.close_idle();
}
