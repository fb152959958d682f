//! Many requests: none is lost, none is doubled, none gets another's answer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Request;
use http_client::Transport;
use http_codec::Body;
use http_mux::{Params, ServeMux};
use integration_tests::loopback::Loopback;

/// Says the number in the path, and counts.
async fn counting() -> (Loopback, Arc<AtomicU64>) {
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    let mut mux = ServeMux::new();
    mux.handle("GET /{number}", move |params: Params| {
        counted.fetch_add(1, Ordering::Relaxed);
        params.get("number").unwrap_or_default().into_owned()
    });
    (Loopback::new(mux).await, count)
}

async fn get(transport: &Transport, url: &str, number: u64) {
    let request = Request::get(format!("{url}/{number}"))
        .body(Body::empty())
        .unwrap();
    let response = transport
        .round_trip(request)
        .await
        .unwrap_or_else(|error| panic!("{number}: {error:?}"));
    let content = response.into_body().collect_bytes(100).await.unwrap();
    assert_eq!(content, number.to_string());
}

#[tokio::test]
async fn ten_thousand_in_a_row_arrive_over_one_connection() {
    let (loopback, count) = counting().await;
    for (way, transport) in loopback.transports().into_iter().take(2) {
        count.store(0, Ordering::Relaxed);
        for number in 0..10_000 {
            get(&transport, &loopback.url(), number).await;
        }
        assert_eq!(count.load(Ordering::Relaxed), 10_000, "over {way}");
    }
    assert_eq!(loopback.stats().accepted, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_each_by_256_at_once_arrive() {
    let (loopback, count) = counting().await;
    for (way, transport) in loopback.transports().into_iter().take(2) {
        count.store(0, Ordering::Relaxed);
        let callers = (0..256_u64).map(|caller| {
            let (transport, url) = (transport.clone(), loopback.url());
            tokio::spawn(async move {
                for turn in 0..100 {
                    get(&transport, &url, caller * 100 + turn).await;
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.unwrap();
        }
        assert_eq!(count.load(Ordering::Relaxed), 25_600, "over {way}");
    }
}
