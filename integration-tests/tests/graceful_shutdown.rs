//! A shutdown under load: whatever the server began is answered, and nothing hangs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{Request, Response};
use http_client::ErrorKind;
use http_codec::Body;
use http_server::service_fn;
use integration_tests::loopback::{Loopback, eventually};
use integration_tests::wire::PATIENCE;
use tokio::sync::Notify;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_under_way_is_lost() {
    for turn in 0..5 {
        let begun = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&begun);
        let loopback = Loopback::new(service_fn(move |_: Request<Body>| {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::time::sleep(Duration::from_millis(number % 7)).await;
                Ok::<_, Infallible>(Response::new(Body::from("done")))
            }
        }))
        .await;
        let [(_, transport), ..] = loopback.transports();
        let callers = (0..64).map(|_| {
            let (transport, url) = (transport.clone(), loopback.url());
            tokio::spawn(async move {
                let mut answered = 0_u64;
                loop {
                    let request = Request::get(&url).body(Body::empty()).unwrap();
                    match transport.round_trip(request).await {
                        Ok(response) => {
                            assert_eq!(
                                response.into_body().collect_bytes(10).await.unwrap(),
                                "done"
                            );
                            answered += 1;
                        }
                        Err(error) => return (answered, error),
                    }
                }
            })
        });
        let callers: Vec<_> = callers.collect();
        let enough = 300 + turn * 13;
        assert!(eventually(|| async { begun.load(Ordering::Relaxed) >= enough }).await);
        let report = loopback.server().shutdown(PATIENCE).await;
        assert!(report.is_graceful(), "{report:?}");
        let mut answered = 0;
        for caller in callers {
            let (count, error) = caller.await.unwrap();
            answered += count;
            // Not begun: the idle connection was closed under the request, and nobody listens any more. A connection that was
            // made and not yet accepted is reset by the system.
            let not_begun = [ErrorKind::Connect, ErrorKind::Closed, ErrorKind::Io];
            assert!(not_begun.contains(&error.kind()), "{error:?}");
        }
        assert_eq!(
            answered,
            begun.load(Ordering::Relaxed),
            "answers for each request that was begun"
        );
    }
}

/// Answers when it is told to, and tells when it was asked.
#[derive(Clone, Default)]
struct Held {
    begun: Arc<Notify>,
    release: Arc<Notify>,
}

impl Held {
    async fn loopback(&self) -> Loopback {
        let held = self.clone();
        let service = service_fn(move |_: Request<Body>| {
            let held = held.clone();
            async move {
                held.begun.notify_one();
                held.release.notified().await;
                Ok::<_, Infallible>(Response::new(Body::from("done")))
            }
        });
        Loopback::new(service).await
    }
}

const GET: &str = "GET / HTTP/1.1\r\nhost: t\r\n\r\n";

#[tokio::test]
async fn idle_connections_close_at_once_and_busy_ones_say_that_they_will() {
    let held = Held::default();
    let loopback = held.loopback().await;
    let mut idle = loopback.tcp().await;
    idle.send(GET).await.unwrap();
    held.begun.notified().await;
    held.release.notify_one();
    idle.answer().await.unwrap();
    let mut busy = loopback.tcp().await;
    busy.send(GET).await.unwrap();
    held.begun.notified().await;

    let server = loopback.server().clone();
    let shutdown = tokio::spawn(async move { server.shutdown(PATIENCE).await });
    assert_eq!(idle.rest().await.unwrap(), b"");
    held.release.notify_one();
    let answer = busy.answer().await.unwrap();
    assert_eq!(
        (answer.text().as_str(), answer.field("connection")),
        ("done", Some("close"))
    );
    assert_eq!(busy.rest().await.unwrap(), b"");
    let report = shutdown.await.unwrap();
    assert!(report.is_graceful() && report.finished == 2, "{report:?}");
}

#[tokio::test]
async fn the_deadline_ends_what_does_not_end() {
    let held = Held::default();
    let loopback = held.loopback().await;
    let mut wire = loopback.tcp().await;
    wire.send(GET).await.unwrap();
    held.begun.notified().await;
    let report = loopback.server().shutdown(Duration::from_millis(100)).await;
    assert_eq!((report.forced, report.left), (1, 0), "{report:?}");
    assert!(report.elapsed < PATIENCE, "{report:?}");
}
