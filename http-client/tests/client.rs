//! What the client does around round trips.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_client::{
    Body, Client, ErrorKind, Follow, Form, IntoUri, Part, Redirects, ResponseExt, Retries,
    Transport,
};
use peer::{OK, Peer, client, field, request, transport};
use tokio::io::AsyncWriteExt;

/// A server that answers by a function of the request.
async fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Peer {
    let answer = Arc::new(answer);
    Peer::new(move |_, mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            while let Some(request) = request(&mut stream).await {
                if stream.write_all(answer(&request).as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

fn content(text: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    )
}

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 5\r\n\r\nmoved")
}

#[tokio::test]
async fn redirects_are_followed_by_gos_rules() {
    for (status, method, seen) in [
        (301, "POST", "GET /next "),
        (302, "POST", "GET /next "),
        (303, "PUT", "GET /next "),
        (302, "HEAD", "HEAD /next "),
        (307, "POST", "POST /next hello"),
        (308, "PUT", "PUT /next hello"),
    ] {
        let log = Arc::new(Mutex::new(String::new()));
        let notes = Arc::clone(&log);
        let peer = answering(move |request| {
            if request.contains(" /first ") {
                return redirect(status, "/next").replace(
                    if request.starts_with("HEAD") {
                        "moved"
                    } else {
                        "\0"
                    },
                    "",
                );
            }
            let (head, content) = request.split_once("\r\n\r\n").unwrap();
            let line: Vec<_> = head.lines().next().unwrap().split(' ').collect();
            assert_eq!(
                field(head, "content-type").is_some(),
                !content.is_empty(),
                "{request}"
            );
            *notes.lock().unwrap() = format!("{} {} {content}", line[0], line[1]);
            "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
        })
        .await;
        let client = client();
        let call = client
            .request(method.parse().unwrap(), peer.url("/first"))
            .header("content-type", "text/plain");
        let call = if method == "HEAD" {
            call
        } else {
            call.body("hello")
        };
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 204, "{status} {method}");
        assert_eq!(*log.lock().unwrap(), seen, "{status} {method}");
        assert_eq!(response.final_url().unwrap().path(), "/next");
        assert_eq!(
            peer.connections(),
            1,
            "the content of a redirect is drained"
        );
    }
}

#[tokio::test]
async fn a_307_whose_content_cannot_be_made_again_is_handed_over() {
    let peer = answering(|_| redirect(307, "/next")).await;
    let stream = futures::stream::iter([Ok::<_, std::io::Error>("x")]);
    let call = client()
        .post(peer.url("/"))
        .header("content-length", "1")
        .body(Body::from_stream(stream));
    let response = call.send().await.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(response.text().await.unwrap(), "moved");
}

#[tokio::test]
async fn redirects_end_after_ten_or_as_the_policy_says() {
    let peer = answering(|request| {
        let number: u32 = request.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        redirect(302, &format!("/{}", number + 1))
    })
    .await;
    let client = client();
    let error = client.get(peer.url("/0")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(
        error.to_string().starts_with("stopped after 10 redirects"),
        "{error}"
    );
    assert_eq!(error.url().unwrap(), peer.url("/11"));
    let none = client
        .get(peer.url("/0"))
        .redirects(Redirects::none())
        .send()
        .await
        .unwrap();
    assert_eq!(none.status(), 302);
    assert!(none.final_url().is_none());
    let policy = Redirects::custom(|hop| match hop.previous.len() {
        1 => {
            hop.fields.insert("x-hop", HeaderValue::from_static("1"));
            Follow::Yes
        }
        2 => Follow::Stop,
        _ => Follow::Refuse("never".into()),
    });
    let stopped = client
        .get(peer.url("/0"))
        .redirects(policy)
        .send()
        .await
        .unwrap();
    assert_eq!(stopped.final_url().unwrap().path(), "/1");
    assert_eq!(stopped.text().await.unwrap(), "moved");
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn bad_locations_are_errors_and_missing_ones_are_not() {
    for (location, fails) in [("http://[", true), ("file:///etc/passwd", true)] {
        let peer = answering(move |_| redirect(302, location)).await;
        assert_eq!(
            client().get(peer.url("/")).send().await.is_err(),
            fails,
            "{location}"
        );
    }
    let peer = answering(|_| "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n".into()).await;
    assert_eq!(
        client().get(peer.url("/")).send().await.unwrap().status(),
        302
    );
}

#[tokio::test]
async fn secrets_do_not_follow_to_another_host_nor_come_back() {
    let other = answering(|request| {
        assert!(
            field(request, "authorization").is_none() && field(request, "cookie").is_none(),
            "{request}"
        );
        assert!(!field(request, "referer").unwrap().contains("secret"));
        content("other")
    })
    .await;
    // The same listener under another name is another host.
    let elsewhere = format!("http://localhost:{}/", other.addr.port());
    let first = answering(move |request| {
        assert!(field(request, "authorization").is_some(), "{request}");
        redirect(302, &elsewhere)
    })
    .await;
    let url = format!("http://user:secret@{}/", first.addr);
    let response = client()
        .get(&url)
        .header("cookie", "a=1")
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), "other");
    let response = client()
        .get(first.url("/"))
        .bearer_auth("token")
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), "other");
}

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
            "the server answered 404 Not Found".into()
        )
    );
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
        .body("hello")
        .on_progress(move |done, all| note_up.lock().unwrap().push((done, all)));
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

#[cfg(feature = "gzip")]
mod gzip {
    use super::*;
    use std::io::Write;
    use tokio::io::AsyncReadExt;

    fn zipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// A server that gives these octets as gzip where it is asked for.
    async fn zipping(octets: Vec<u8>) -> Peer {
        let octets = Arc::new(octets);
        Peer::new(move |_, mut stream| {
            let octets = Arc::clone(&octets);
            async move {
                while let Some(request) = request(&mut stream).await {
                    let zip = field(&request, "accept-encoding")
                        .is_some_and(|value| value.contains("gzip"));
                    let coding = if zip {
                        "content-encoding: GZip\r\n"
                    } else {
                        ""
                    };
                    let octets = if zip { &octets[..] } else { b"plain" };
                    let head = format!(
                        "HTTP/1.1 200 OK\r\n{coding}content-length: {}\r\n\r\n",
                        octets.len()
                    );
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(octets).await;
                }
                let _ = stream.shutdown().await;
                let _ = stream.read(&mut [0]).await;
            }
        })
        .await
    }

    #[tokio::test]
    async fn is_asked_for_and_undone_unless_the_caller_asks() {
        let text = "hello ".repeat(10_000);
        let peer = zipping(zipped(text.as_bytes())).await;
        let client = client();
        for _ in 0..2 {
            let response = client.get(peer.url("/")).send().await.unwrap();
            assert!(!response.headers().contains_key("content-encoding"));
            assert!(!response.headers().contains_key("content-length"));
            assert_eq!(response.text().await.unwrap(), text);
        }
        let own = client
            .get(peer.url("/"))
            .header("accept-encoding", "gzip")
            .send()
            .await
            .unwrap();
        assert_eq!(own.headers()["content-encoding"], "GZip");
        for call in [
            client.get(peer.url("/")).header("range", "bytes=0-"),
            client.get(peer.url("/")).decode(false),
        ] {
            assert_eq!(call.send().await.unwrap().text().await.unwrap(), "plain");
        }
        assert_eq!(peer.connections(), 1);
    }

    #[tokio::test]
    async fn that_is_cut_or_broken_is_an_error() {
        let whole = zipped(b"hello hello hello");
        let mut flipped = whole.clone();
        let at = flipped.len() - 6;
        flipped[at] ^= 1;
        for octets in [
            whole[..whole.len() - 3].to_vec(),
            whole[..5].to_vec(),
            flipped,
            b"nonsense".to_vec(),
        ] {
            let peer = zipping(octets).await;
            let error = client()
                .get(peer.url("/"))
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{}", error.report());
        }
    }

    #[tokio::test]
    async fn that_swells_is_stopped_at_the_limit() {
        let peer = zipping(zipped(&vec![0; 50 << 20])).await;
        let client = Client::builder()
            .transport(transport())
            .max_decoded(1 << 20)
            .build();
        let mut body = client.get(peer.url("/")).send().await.unwrap().into_body();
        let mut sum = 0;
        let error = loop {
            match body.next_data().await {
                Ok(Some(data)) => sum += data.len(),
                Ok(None) => panic!("the limit was passed"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), http_client::BodyErrorKind::TooLarge);
        assert!(sum <= 1 << 20);
    }
}

/// Every coding that is built in: whole, cut at every octet, with octets behind it.
#[cfg(all(feature = "br", feature = "deflate", feature = "zstd"))]
#[tokio::test]
async fn codings_are_undone_and_cut_ones_are_errors() {
    use std::io::Write;
    let text = b"hello hello hello hello";
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(text).unwrap();
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    raw.write_all(text).unwrap();
    let mut br = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
    br.write_all(text).unwrap();
    for (coding, octets) in [
        ("deflate", zlib.finish().unwrap()),
        ("deflate", raw.finish().unwrap()),
        ("br", br.into_inner()),
        ("zstd", zstd::encode_all(&text[..], 3).unwrap()),
    ] {
        for cut in 0..=octets.len() {
            let octets = octets[..cut].to_vec();
            let whole = Peer::new(move |_, mut stream| {
                let octets = octets.clone();
                async move {
                    request(&mut stream).await;
                    let length = octets.len();
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {length}\r\n\r\n"
                    );
                    stream.write_all(head.as_bytes()).await.unwrap();
                    stream.write_all(&octets).await.unwrap();
                }
            })
            .await;
            let response = client().get(whole.url("/")).send().await.unwrap();
            match response.bytes(100).await {
                Ok(decoded) if cut == 0 => assert!(decoded.is_empty()),
                Ok(decoded) => assert_eq!((cut, &decoded[..]), (cut, &text[..]), "{coding}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Malformed, "{coding} {cut}"),
            }
        }
    }
}

#[cfg(feature = "cookies")]
#[tokio::test]
async fn cookies_are_kept_over_redirects_and_replace_the_callers() {
    let peer = answering(|request| {
        if request.contains(" /set ") {
            return "HTTP/1.1 302 X\r\nset-cookie: a=1\r\nset-cookie: b=2; path=/only\r\nlocation: /get\r\ncontent-length: 0\r\n\r\n".into();
        }
        content(field(request, "cookie").unwrap_or("none"))
    })
    .await;
    let jar = Arc::new(http_client::Jar::new());
    let client = Client::builder()
        .transport(transport())
        .cookies(jar)
        .build();
    let text = client
        .get(peer.url("/set"))
        .header("cookie", "a=old; c=3")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(text, "c=3; a=1");
    assert_eq!(
        client
            .get(peer.url("/only/x"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "b=2; a=1"
    );
}

#[tokio::test]
async fn a_trace_tells_the_course_of_an_exchange() {
    let peer = answering(|_| OK.into()).await;
    let client = client();
    let traces = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..2 {
        let notes = Arc::clone(&traces);
        let call = client
            .get(peer.url("/"))
            .trace(move |trace| notes.lock().unwrap().push(trace.clone()));
        call.send().await.unwrap().bytes(10).await.unwrap();
    }
    let traces = traces.lock().unwrap();
    assert_eq!(traces.len(), 2);
    assert!(!traces[0].reused && traces[0].dial.is_some_and(|dial| dial.connect.is_some()));
    assert!(traces[1].reused && traces[1].idle.is_some() && traces[1].dial.is_none());
    for trace in &*traces {
        assert!(trace.complete);
        assert_eq!(trace.peer_addr, Some(peer.addr));
        let times = [
            trace.got_connection,
            trace.wrote_request,
            trace.first_octet,
            trace.head,
            trace.done,
        ];
        assert!(
            times.iter().all(Option::is_some) && times.is_sorted(),
            "{trace:?}"
        );
    }
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
