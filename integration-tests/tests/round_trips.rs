//! Our client against our server, over TCP and over pipes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use http_client::Transport;
use http_codec::{Body, BodyErrorKind};
use http_server::service_fn;
use integration_tests::loopback::{Loopback, eventually};

/// What a handler makes of a request: `/echo` sends the content back as it comes, trailers included; `/status/n` is that status;
/// `/refuse` answers without reading.
async fn service(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let mut response = Response::new(Body::empty());
    if path == "/echo" {
        if let Some(names) = request.headers().get("trailer") {
            response.headers_mut().insert("trailer", names.clone());
        }
        *response.body_mut() = request.into_body();
    } else if path == "/refuse" {
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        *response.body_mut() = Body::from("too much");
    } else if let Some(status) = path.strip_prefix("/status/") {
        *response.status_mut() = status.parse().unwrap();
        *response.body_mut() = Body::from("content");
    }
    Ok(response)
}

fn request(
    loopback: &Loopback,
    method: Method,
    path: &str,
    body: impl Into<Body>,
) -> Request<Body> {
    let uri = format!("{}{path}", loopback.url());
    Request::builder()
        .method(method)
        .uri(uri)
        .body(body.into())
        .unwrap()
}

async fn text(response: Response<Body>) -> String {
    let content = response.into_body().collect_bytes(1 << 26).await.unwrap();
    String::from_utf8(content.to_vec()).unwrap()
}

fn pieces(count: usize, size: usize) -> Body {
    Body::from_stream(stream::iter(
        (0..count).map(move |_| Ok::<_, Infallible>(Bytes::from(vec![b'x'; size]))),
    ))
}

#[tokio::test]
async fn a_connection_is_used_again_and_again() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (turn, (way, transport)) in (1..).zip(loopback.transports()) {
        for _ in 0..100 {
            let response = transport
                .round_trip(request(&loopback, Method::GET, "/status/200", ()))
                .await
                .unwrap();
            assert_eq!(text(response).await, "content", "over {way}");
        }
        let stats = loopback.stats();
        assert_eq!(
            (stats.accepted, stats.requests),
            (turn, turn * 100),
            "over {way}"
        );
    }
}

#[tokio::test]
async fn content_of_every_size_and_framing_comes_back() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        for size in [0, 1, 100, 8191, 8192, 8193, 65_535, 65_536, 1 << 20] {
            let known = Body::from(vec![b'x'; size]);
            let response = transport
                .round_trip(request(&loopback, Method::POST, "/echo", known))
                .await
                .unwrap();
            assert_eq!(text(response).await.len(), size, "known, over {way}");
            let response = transport
                .round_trip(request(&loopback, Method::PUT, "/echo", pieces(7, size)))
                .await
                .unwrap();
            assert_eq!(text(response).await.len(), 7 * size, "chunked, over {way}");
        }
    }
    assert_eq!(loopback.stats().accepted, 3);
}

#[tokio::test]
async fn trailers_travel_both_ways() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        for _ in 0..3 {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-sum", HeaderValue::from_static("42"));
            let mut echo = request(
                &loopback,
                Method::POST,
                "/echo",
                pieces(3, 1000).with_trailers(trailers),
            );
            echo.headers_mut()
                .insert("trailer", HeaderValue::from_static("x-sum"));
            echo.headers_mut()
                .insert("te", HeaderValue::from_static("trailers"));
            let response = transport.round_trip(echo).await.unwrap();
            let collected = response.into_body().collect().await.unwrap();
            assert_eq!(
                collected
                    .trailers()
                    .and_then(|trailers| trailers.get("x-sum"))
                    .unwrap(),
                "42",
                "over {way}"
            );
            assert_eq!(collected.to_bytes().len(), 3000, "over {way}");
        }
    }
    assert_eq!(loopback.stats().accepted, 3);
}

#[tokio::test]
async fn messages_without_content_leave_the_connection_in_step() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        for (method, path) in [
            (Method::HEAD, "/status/200"),
            (Method::GET, "/status/204"),
            (Method::GET, "/status/304"),
            (Method::HEAD, "/status/404"),
        ] {
            let response = transport
                .round_trip(request(&loopback, method.clone(), path, ()))
                .await
                .unwrap();
            assert_eq!(response.status().as_str(), &path[8..], "over {way}");
            assert_eq!(text(response).await, "", "{method} {path} over {way}");
            let response = transport
                .round_trip(request(&loopback, Method::GET, "/status/200", ()))
                .await
                .unwrap();
            assert_eq!(
                text(response).await,
                "content",
                "after {method} {path} over {way}"
            );
        }
    }
    assert_eq!(loopback.stats().accepted, 3);
}

#[tokio::test]
async fn content_waits_for_the_invitation() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        let mut expecting = request(&loopback, Method::POST, "/echo", pieces(4, 1000));
        expecting
            .headers_mut()
            .insert("expect", HeaderValue::from_static("100-continue"));
        let response = transport.round_trip(expecting).await.unwrap();
        assert_eq!(text(response).await.len(), 4000, "over {way}");
    }
}

#[tokio::test]
async fn content_that_nobody_invites_is_never_made() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        let made = Arc::new(AtomicBool::new(false));
        let making = Arc::clone(&made);
        let body = Body::from_stream(stream::poll_fn(move |_| {
            making.store(true, Ordering::Relaxed);
            std::task::Poll::Ready(None::<Result<Bytes, Infallible>>)
        }));
        let mut expecting = request(&loopback, Method::POST, "/refuse", body);
        expecting
            .headers_mut()
            .insert("expect", HeaderValue::from_static("100-continue"));
        let response = transport.round_trip(expecting).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), text(response).await.as_str()),
            (413, "too much"),
            "over {way}"
        );
        assert!(!made.load(Ordering::Relaxed), "over {way}");
    }
}

#[tokio::test]
async fn an_early_answer_arrives_while_the_upload_still_runs() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        let endless = stream::unfold((), |()| async {
            tokio::task::yield_now().await;
            Some((
                Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 16 * 1024])),
                (),
            ))
        });
        let upload = request(
            &loopback,
            Method::POST,
            "/refuse",
            Body::from_stream(endless),
        );
        let response = tokio::time::timeout(Duration::from_secs(20), transport.round_trip(upload))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (response.status().as_u16(), text(response).await.as_str()),
            (413, "too much"),
            "over {way}"
        );
        let next = transport
            .round_trip(request(&loopback, Method::GET, "/status/200", ()))
            .await
            .unwrap();
        assert_eq!(text(next).await, "content", "over {way}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_and_never_a_short_success() {
    let broken = service_fn(|request: Request<Body>| async move {
        // The head is out before the error: it was flushed when the second piece was waited for.
        let half = stream::iter([Ok(Bytes::from_static(b"half"))]);
        let broken = stream::once(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Err("no more")
        });
        let mut response = Response::new(Body::from_stream(half.chain(broken)));
        if request.uri().path() == "/declared" {
            response
                .headers_mut()
                .insert("content-length", HeaderValue::from_static("100"));
        }
        Ok::<_, Infallible>(response)
    });
    let loopback = Loopback::new(broken).await;
    for (way, transport) in loopback.transports() {
        for path in ["/chunked", "/declared"] {
            let response = transport
                .round_trip(request(&loopback, Method::GET, path, ()))
                .await
                .unwrap();
            assert_eq!(response.status(), 200, "{path} over {way}");
            let error = response.into_body().collect_bytes(1000).await.unwrap_err();
            assert_eq!(
                error.kind(),
                BodyErrorKind::Truncated,
                "{path} over {way}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_told_to_both_sides() {
    let loopback = Loopback::new(service_fn(|request: Request<Body>| async {
        let read = request.into_body().collect_bytes(1 << 20).await;
        let mut response = Response::new(Body::from("all of it"));
        if read.is_err() {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        Ok::<_, Infallible>(response)
    }))
    .await;
    for (way, transport) in loopback.transports() {
        let pieces = [Ok(Bytes::from_static(b"half")), Err("no more")];
        let body = Body::from_stream(stream::iter(pieces));
        let error = transport
            .round_trip(request(&loopback, Method::POST, "/", body))
            .await
            .unwrap_err();
        assert_eq!(
            error.kind(),
            http_client::ErrorKind::Body,
            "over {way}: {error:?}"
        );
    }
    assert!(eventually(|| async { loopback.stats().open() == 0 }).await);
}

#[tokio::test]
async fn a_dropped_response_does_not_poison_the_next() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        for size in [10, 10_000, 1_000_000] {
            drop(
                transport
                    .round_trip(request(&loopback, Method::POST, "/echo", pieces(5, size)))
                    .await
                    .unwrap(),
            );
            let next = transport
                .round_trip(request(&loopback, Method::GET, "/status/200", ()))
                .await
                .unwrap();
            assert_eq!(text(next).await, "content", "after {size} over {way}");
        }
    }
}

#[tokio::test]
async fn a_cancelled_call_does_not_poison_the_next() {
    let loopback = Loopback::new(service_fn(|request: Request<Body>| async move {
        if request.uri().path() == "/slow" {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Ok::<_, Infallible>(Response::new(Body::from(request.uri().path().to_owned())))
    }))
    .await;
    for (way, transport) in loopback.transports() {
        for _ in 0..5 {
            let slow = transport.round_trip(request(&loopback, Method::GET, "/slow", ()));
            assert!(
                tokio::time::timeout(Duration::from_millis(20), slow)
                    .await
                    .is_err()
            );
            let fast = transport
                .round_trip(request(&loopback, Method::GET, "/fast", ()))
                .await
                .unwrap();
            assert_eq!(text(fast).await, "/fast", "over {way}");
        }
    }
}

/// The pair of a server and a client makes a proxy: the request goes on as it came, and so does the response.
#[tokio::test]
async fn a_reverse_proxy_is_one_call() {
    let origin = Arc::new(Loopback::new(service_fn(service)).await);
    let transport = Transport::new();
    let upstream = origin.url();
    let proxy = Loopback::new(service_fn(move |mut request: Request<Body>| {
        let transport = transport.clone();
        let target = format!("{upstream}{}", request.uri().path());
        async move {
            *request.uri_mut() = target.parse().unwrap();
            request.headers_mut().remove("host");
            transport.round_trip(request).await
        }
    }))
    .await;
    for (way, transport) in proxy.transports() {
        for size in [0, 100, 1 << 20] {
            let response = transport
                .round_trip(request(&proxy, Method::POST, "/echo", pieces(3, size)))
                .await
                .unwrap();
            assert_eq!(text(response).await.len(), 3 * size, "over {way}");
        }
    }
}
