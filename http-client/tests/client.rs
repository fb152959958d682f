//! What the client does around round trips.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_client::{Body, Client, ErrorKind, Form, IntoUri, Part, ResponseExt, Retries, Transport};
use peer::{OK, answering, client, content, field, request, transport};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn credentials_and_default_fields() {
    let peer = answering(|request| {
        content(&format!(
            "{}|{}",
            field(request, "authorization").unwrap_or("none"),
            field(request, "user-agent").unwrap_or("none")
        ))
    })
    .await;
    let agent = format!("http-client/{}", env!("CARGO_PKG_VERSION"));
    let client = client();
    let text = client
        .get(peer.url("/"))
        .basic_auth("user", "pass")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(text, format!("Basic dXNlcjpwYXNz|{agent}"));
    let call = client
        .get(peer.url("/"))
        .bearer_auth("t")
        .header("user-agent", "");
    assert_eq!(
        call.send().await.unwrap().text().await.unwrap(),
        "Bearer t|none"
    );
    let own = Client::builder()
        .transport(transport())
        .field(
            HeaderName::from_static("user-agent"),
            HeaderValue::from_static("mine"),
        )
        .build();
    assert_eq!(
        own.get(peer.url("/"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "none|mine"
    );
}

#[tokio::test]
async fn queries_forms_and_json() {
    let peer = answering(content).await;
    let client = client();
    let text = client
        .get(peer.url("/a?x=1"))
        .query([("q", "a b&c"), ("é", "=")])
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        text.starts_with("GET /a?x=1&q=a+b%26c&%C3%A9=%3D HTTP/1.1\r\n"),
        "{text}"
    );
    let text = client
        .get(peer.url(""))
        .query([("q", "1")])
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(text.starts_with("GET /?q=1 HTTP/1.1\r\n"), "{text}");
    let text = client
        .post(peer.url("/"))
        .form([("a", "1 2")])
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        text.contains("content-type: application/x-www-form-urlencoded\r\n")
            && text.ends_with("\r\n\r\na=1+2")
    );
    let form = Form::new()
        .text("a", "1")
        .part("f", Part::new("x").with_file_name("x.txt"));
    let text = client
        .post(peer.url("/"))
        .multipart(form)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(text.contains("filename=\"x.txt\"\r\n\r\nx\r\n--"), "{text}");
}

#[cfg(feature = "json")]
#[tokio::test]
async fn json_both_ways() {
    let peer = answering(|request| content(request.split_once("\r\n\r\n").unwrap().1)).await;
    let value = serde_json::json!({"a": [1, 2, {"b": null}]});
    let back: serde_json::Value = client()
        .post(peer.url("/"))
        .json(&value)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(back, value);
    let error = client()
        .post(peer.url("/"))
        .body("{")
        .send()
        .await
        .unwrap()
        .json::<u32>()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Content);
}

#[tokio::test]
async fn statuses_and_limits() {
    let peer =
        answering(|_| "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nwrong".into()).await;
    let response = client().get(peer.url("/")).send().await.unwrap();
    let error = response.error_for_status().unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            ErrorKind::Status,
            format!("the server answered 404 Not Found ({})", peer.url("/"))
        )
    );
    assert_eq!(error.url(), Some(&*peer.url("/")));
    let error = client()
        .get(peer.url("/"))
        .send()
        .await
        .unwrap()
        .bytes(4)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let mut sink = Vec::new();
    assert_eq!(
        client()
            .get(peer.url("/"))
            .send()
            .await
            .unwrap()
            .copy_to(&mut sink)
            .await
            .unwrap(),
        5
    );
    assert_eq!(sink, b"wrong");
}

#[tokio::test]
async fn progress_both_ways() {
    let peer = answering(|_| OK.into()).await;
    let (up, down) = (
        Arc::new(Mutex::new(Vec::new())),
        Arc::new(Mutex::new(Vec::new())),
    );
    let (note_up, note_down) = (Arc::clone(&up), Arc::clone(&down));
    let call = client()
        .put(peer.url("/"))
        .on_progress(move |done, all| note_up.lock().unwrap().push((done, all)))
        .body("hello");
    let response = call
        .send()
        .await
        .unwrap()
        .on_progress(move |done, all| note_down.lock().unwrap().push((done, all)));
    response.bytes(10).await.unwrap();
    assert_eq!(*up.lock().unwrap(), [(5, Some(5))]);
    assert_eq!(*down.lock().unwrap(), [(2, Some(2))]);
}

#[test]
fn urls_as_people_write_them() {
    for (text, uri) in [
        ("http://example.com", "http://example.com/"),
        ("http://example.com/a b", "http://example.com/a%20b"),
        (
            "http://bücher.example/ä?ö",
            "http://xn--bcher-kva.example/%C3%A4?%C3%B6",
        ),
        ("http://example.com/#fragment", "http://example.com/"),
        ("http://example.com/ä?ö", "http://example.com/%C3%A4?%C3%B6"),
        (r"http://example.com\a\b", "http://example.com/a/b"),
        (r"http://example.com/?a=\b", "http://example.com/?a=%5Cb"),
    ] {
        assert_eq!(text.into_uri().unwrap().to_string(), uri);
    }
    assert!("http://".into_uri().is_err());
    assert!("".into_uri().is_err());
}

#[tokio::test]
async fn mistakes_in_building_are_told_when_sent() {
    let client = client();
    for call in [
        client.get("http://"),
        client.get("http://a/").header("bad name", "x"),
        client.get("http://a/").header("x", "bad\nvalue"),
        client.get("http://a/").bearer_auth("bad\r\ntoken"),
        client.get("http://a/").host("bad host"),
    ] {
        assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::Request);
    }
}

#[tokio::test(start_paused = true)]
async fn retries_back_off_within_their_bounds() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let transport = peer::in_memory(move |_, mut stream| {
        let count = Arc::clone(&counted);
        async move {
            while request(&mut stream).await.is_some() {
                let busy = "HTTP/1.1 503 Busy\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n";
                let answer = if count.fetch_add(1, Ordering::SeqCst) < 2 {
                    busy
                } else {
                    OK
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .build();
    let client = Client::builder().transport(transport).build();
    let begun = tokio::time::Instant::now();
    let response = client
        .get("http://a/")
        .retries(Retries::new(3))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(begun.elapsed(), Duration::from_secs(4));
    count.store(0, Ordering::SeqCst);
    let response = client
        .post("http://a/")
        .body("x")
        .retries(Retries::new(3))
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.status(),
        503,
        "what may do harm twice is not sent again"
    );
    count.store(0, Ordering::SeqCst);
    assert_eq!(
        client.get("http://a/").send().await.unwrap().status(),
        503,
        "nothing is retried by default"
    );
}

#[tokio::test]
async fn layers_sit_under_a_client_and_the_client_is_a_service() {
    use tower_service::Service;
    #[derive(Clone)]
    struct Tagging(Transport);
    impl Service<Request<Body>> for Tagging {
        type Response = Response<Body>;
        type Error = http_client::Error;
        type Future = http_client::ResponseFuture;
        fn poll_ready(
            &mut self,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), Self::Error>> {
            Service::<Request<Body>>::poll_ready(&mut self.0, cx)
        }
        fn call(&mut self, mut request: Request<Body>) -> Self::Future {
            request
                .headers_mut()
                .insert("x-layer", HeaderValue::from_static("1"));
            self.0.call(request)
        }
    }
    let peer = answering(|request| content(field(request, "x-layer").unwrap_or("none"))).await;
    let mut client = Client::builder().service(Tagging(transport())).build();
    assert_eq!(
        client
            .get(peer.url("/"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "1"
    );
    let request = Request::get(peer.url("/"))
        .body(http_body_util::Full::new(bytes::Bytes::new()))
        .unwrap();
    let response = client.call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_in_place_of_tcp() {
    let path = std::env::temp_dir().join(format!("http-client-test-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        while let Some(request) = request(&mut stream).await {
            stream
                .write_all(content(field(&request, "host").unwrap()).as_bytes())
                .await
                .unwrap();
        }
    });
    let client = Client::builder()
        .transport(peer::plain().unix_socket(&path).build())
        .build();
    for _ in 0..2 {
        let text = client
            .get("http://docker/")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert_eq!(text, "docker");
    }
    std::fs::remove_file(&path).unwrap();
}
