//! A connection that changes its protocol (RFC 9110 sections 7.8 and 9.3.6), and interim responses (section 15.2).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_client::{Options, upgrade};
use http_codec::Body;
use http_server::{handle, service_fn};
use integration_tests::loopback::Loopback;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// `/upgrade` becomes an echo of octets; `/hints` sends a 103 first.
async fn service(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::from("plain"));
    let handle = handle(request.body()).unwrap();
    if request.uri().path() == "/hints" {
        let link =
            HeaderMap::from_iter([(http::header::LINK, HeaderValue::from_static("</style.css>"))]);
        handle.send_interim(StatusCode::EARLY_HINTS, link).unwrap();
        tokio::task::yield_now().await;
        return Ok(response);
    }
    if let Ok(upgrading) = handle.upgrade() {
        *response.body_mut() = Body::empty();
        if request.method() != Method::CONNECT {
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response
                .headers_mut()
                .insert("connection", HeaderValue::from_static("upgrade"));
            response
                .headers_mut()
                .insert("upgrade", HeaderValue::from_static("echo"));
        }
        tokio::spawn(async move {
            let (mut reader, mut writer) = tokio::io::split(upgrading.await.unwrap());
            let _ = tokio::io::copy(&mut reader, &mut writer).await;
            let _ = writer.shutdown().await;
        });
    }
    Ok(response)
}

#[tokio::test]
async fn both_sides_speak_the_other_protocol() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        let request = Request::get(format!("{}/upgrade", loopback.url()));
        let request = request
            .header("connection", "upgrade")
            .header("upgrade", "echo");
        let mut response = transport
            .round_trip(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), 101, "over {way}");
        let mut other = upgrade(&mut response).unwrap();
        for size in [1, 1000, 50_000] {
            let sent = vec![b'x'; size];
            let mut received = vec![0; size];
            other.write_all(&sent).await.unwrap();
            other.flush().await.unwrap();
            other.read_exact(&mut received).await.unwrap();
            assert!(received == sent, "{size} over {way}");
        }
        other.shutdown().await.unwrap();
        assert_eq!(other.read(&mut [0; 8]).await.unwrap(), 0, "over {way}");
    }
}

#[tokio::test]
async fn an_upgrade_that_is_not_offered_is_an_answer_like_any_other() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        for _ in 0..3 {
            let request = Request::get(format!("{}/upgrade", loopback.url()))
                .body(Body::empty())
                .unwrap();
            let mut response = transport.round_trip(request).await.unwrap();
            assert_eq!(response.status(), 200, "over {way}");
            assert!(upgrade(&mut response).is_err(), "over {way}");
            assert_eq!(
                response.into_body().collect_bytes(10).await.unwrap(),
                "plain",
                "over {way}"
            );
        }
    }
    assert_eq!(loopback.stats().accepted, 3);
}

#[tokio::test]
async fn early_hints_arrive_before_the_answer() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = Arc::clone(&heard);
        let options = Options::new().with_interim(move |head| {
            let link = head.headers.get("link").cloned();
            hearing.lock().unwrap().push((head.status, link));
        });
        let mut request = Request::get(format!("{}/hints", loopback.url()))
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(options);
        let response = transport.round_trip(request).await.unwrap();
        assert_eq!(
            response.into_body().collect_bytes(10).await.unwrap(),
            "plain",
            "over {way}"
        );
        let expected = (
            StatusCode::EARLY_HINTS,
            Some(HeaderValue::from_static("</style.css>")),
        );
        assert_eq!(*heard.lock().unwrap(), [expected], "over {way}");
    }
}
