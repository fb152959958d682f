//! The reverse proxy of the examples between our client and our server.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;
#[path = "../examples/reverse_proxy.rs"]
mod proxy;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use http_client::{Body, Options, Transport, upgrade};
use http_server::testing::{TestServer, serve};
use http_server::{handle, service_fn};
use peer::{get, post, transport};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// The server behind the proxy.
async fn origin(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let connection = handle(request.body()).unwrap();
    Ok(match request.uri().path() {
        "/hints" => {
            let link =
                HeaderMap::from_iter([(http::header::LINK, HeaderValue::from_static("</a.css>"))]);
            connection
                .send_interim(StatusCode::EARLY_HINTS, link)
                .unwrap();
            tokio::task::yield_now().await;
            Response::new(Body::from("hinted"))
        }
        "/fields" => {
            let shown: Vec<_> = request
                .headers()
                .iter()
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect();
            Response::new(Body::from(shown.join("\n")))
        }
        "/socket" => {
            let accept = derive_accept_key(request.headers()["sec-websocket-key"].as_bytes());
            let upgrading = connection.upgrade().unwrap();
            tokio::spawn(async move {
                let mut socket =
                    WebSocketStream::from_raw_socket(upgrading.await.unwrap(), Role::Server, None)
                        .await;
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() {
                        socket.send(message).await.unwrap();
                    }
                }
            });
            Response::builder()
                .status(101)
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-accept", accept)
                .body(Body::empty())
                .unwrap()
        }
        _ => Response::builder()
            .header("trailer", "x-sum")
            .body(request.into_body())
            .unwrap(),
    })
}

/// The origin, and the URL of a proxy before it.
async fn pair() -> (TestServer, String) {
    let server = serve(service_fn(origin)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(proxy::serve(
        listener,
        transport(),
        server.addr().to_string(),
    ));
    (server, url)
}

#[tokio::test]
async fn uploads_of_every_framing_come_through_with_their_trailers() {
    let (_server, url) = pair().await;
    let transport = transport();
    for size in [0, 1, 10_000, 3 << 20] {
        let content = vec![b'x'; size];
        let echoed = transport
            .round_trip(post(&url, content.clone()))
            .await
            .unwrap();
        let echoed = echoed.into_body().collect_bytes(1 << 23).await.unwrap();
        assert!(echoed == content, "{size}");
    }
    let trailers =
        HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("42"))]);
    let pieces = (0..50).map(|_| Ok::<_, Infallible>(Bytes::from_static(&[b'y'; 20_000])));
    let body = Body::from_stream(futures::stream::iter(pieces)).with_trailers(trailers);
    let mut request = post(&url, body);
    request
        .headers_mut()
        .insert("trailer", HeaderValue::from_static("x-sum"));
    request
        .headers_mut()
        .insert("te", HeaderValue::from_static("trailers"));
    let echoed = transport
        .round_trip(request)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap();
    assert_eq!(echoed.trailers().unwrap()["x-sum"], "42");
    assert_eq!(echoed.to_bytes().len(), 1_000_000);
}

#[tokio::test]
async fn an_expectation_is_answered_by_the_origin() {
    let (_server, url) = pair().await;
    let mut request = post(&url, "content");
    request
        .headers_mut()
        .insert("expect", HeaderValue::from_static("100-continue"));
    let response = transport().round_trip(request).await.unwrap();
    assert_eq!(
        response.into_body().collect_bytes(10).await.unwrap(),
        "content"
    );
}

#[tokio::test]
async fn early_hints_come_through() {
    let (_server, url) = pair().await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    let mut request = get(format!("{url}/hints"));
    request
        .extensions_mut()
        .insert(Options::new().with_interim(move |head| {
            hearing
                .lock()
                .unwrap()
                .push((head.status.as_u16(), head.headers["link"].clone()));
        }));
    let response = transport().round_trip(request).await.unwrap();
    assert_eq!(
        response.into_body().collect_bytes(10).await.unwrap(),
        "hinted"
    );
    assert_eq!(
        *heard.lock().unwrap(),
        [(103, HeaderValue::from_static("</a.css>"))]
    );
}

#[tokio::test]
async fn fields_of_the_connection_stay_on_it() {
    let (_server, url) = pair().await;
    let mut request = get(format!("{url}/fields"));
    for (name, value) in [
        ("connection", "x-own, host"),
        ("x-own", "1"),
        ("keep-alive", "timeout=5"),
        ("x-end", "to end"),
    ] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    let shown = transport()
        .round_trip(request)
        .await
        .unwrap()
        .into_body()
        .collect_bytes(1000)
        .await
        .unwrap();
    let host = url.strip_prefix("http://").unwrap();
    assert_eq!(shown, format!("host: {host:?}\nx-end: \"to end\""));
}

/// RFC 9112 section 3.2.4.
#[tokio::test]
async fn a_question_about_the_server_as_a_whole_comes_through() {
    let origin = service_fn(|request: Request<Body>| async move {
        Ok::<_, Infallible>(Response::new(Body::from(request.uri().to_string())))
    });
    let server = serve(origin).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let whole = http::Uri::builder()
        .scheme("http")
        .authority(listener.local_addr().unwrap().to_string())
        .path_and_query("*");
    tokio::spawn(proxy::serve(
        listener,
        transport(),
        server.addr().to_string(),
    ));
    let mut request = get("http://a/");
    *request.method_mut() = http::Method::OPTIONS;
    *request.uri_mut() = whole.build().unwrap();
    let response = transport().round_trip(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.into_body().collect_bytes(100).await.unwrap(), "*");
}

#[tokio::test]
async fn a_web_socket_comes_through() {
    let (_server, url) = pair().await;
    let request = Request::get(format!("{url}/socket"))
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(Body::empty())
        .unwrap();
    let mut response = transport().round_trip(request).await.unwrap();
    assert_eq!(response.status(), 101);
    assert_eq!(
        response.headers()["sec-websocket-accept"],
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    );
    let stream = upgrade(&mut response).unwrap();
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    for size in [1, 1000, 200_000] {
        let message = Message::text("x".repeat(size));
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn an_origin_that_is_not_there_is_a_502() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(proxy::serve(listener, transport(), closed.to_string()));
    let response = Transport::new().round_trip(get(&url)).await.unwrap();
    assert_eq!(response.status(), 502);
}
