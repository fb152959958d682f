//! Requests through proxies.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::net::SocketAddr;

use http::{HeaderName, HeaderValue, Uri};
use http_client::{Client, ErrorKind, Phase, Proxies, Proxy, ResponseExt, Transport};
use peer::{OK, Peer, answering, content, field, get, head, request};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

fn through(url: String) -> Transport {
    Transport::builder()
        .proxies(Proxies::all(Proxy::new(&url).unwrap()))
        .build()
}

#[tokio::test]
async fn plain_requests_are_forwarded_in_absolute_form() {
    let proxy = Peer::new(|_, mut stream| async move {
        while let Some(request) = request(&mut stream).await {
            let line = request.lines().next().unwrap().to_owned();
            let text = format!(
                "{line}|{}|{}",
                field(&request, "host").unwrap(),
                field(&request, "proxy-authorization").unwrap_or("none")
            );
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}",
                text.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await;
    let transport = through(format!("http://user:pass@{}", proxy.addr));
    for (url, seen) in [
        (
            "http://one.example/a?b",
            "GET http://one.example/a?b HTTP/1.1|one.example",
        ),
        (
            "http://two.example:81",
            "GET http://two.example:81/ HTTP/1.1|two.example:81",
        ),
    ] {
        let text = transport
            .round_trip(get(url))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert_eq!(text, format!("{seen}|Basic dXNlcjpwYXNz"));
    }
    assert_eq!(
        proxy.connections(),
        1,
        "all that one proxy forwards shares its connections"
    );
}

/// RFC 9112 section 3.2.4: the server as a whole is asked for without a path.
#[tokio::test]
async fn a_target_that_is_no_path_is_forwarded_as_one() {
    let proxy = answering(|request| content(request.lines().next().unwrap())).await;
    let transport = through(proxy.url(""));
    for (method, path, line) in [
        ("OPTIONS", "*", "OPTIONS http://one.example:81 HTTP/1.1"),
        ("GET", "*", "GET http://one.example:81/* HTTP/1.1"),
        ("GET", "?b", "GET http://one.example:81/?b HTTP/1.1"),
    ] {
        let url = Uri::builder().scheme("http").authority("one.example:81");
        let mut request = get("http://a/");
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = url.path_and_query(path).build().unwrap();
        let response = transport.round_trip(request).await.unwrap();
        assert_eq!(response.text().await.unwrap(), line);
    }
}

/// A server to be reached, whatever proxy is in between.
async fn origin() -> SocketAddr {
    Peer::answering(OK).await.addr
}

#[tokio::test]
async fn a_socks_proxy_resolves_the_name_and_authenticates() {
    for (userinfo, reply) in [("", 0), ("user:pass@", 0), ("user:wrong@", 0), ("", 5)] {
        let origin = origin().await;
        let proxy = Peer::new(move |_, mut stream| async move {
            let mut greeting = [0; 2];
            stream.read_exact(&mut greeting).await.unwrap();
            let mut methods = vec![0; greeting[1] as usize];
            stream.read_exact(&mut methods).await.unwrap();
            if methods.contains(&2) {
                stream.write_all(&[5, 2]).await.unwrap();
                let mut message = vec![0; 64];
                let count = stream.read(&mut message).await.unwrap();
                let good = &message[..count] == b"\x01\x04user\x04pass";
                stream.write_all(&[1, u8::from(!good)]).await.unwrap();
            } else {
                stream.write_all(&[5, 0]).await.unwrap();
            }
            let mut wanted = vec![0; 4 + 1 + "name.example".len() + 2];
            if stream.read_exact(&mut wanted).await.is_err() {
                return;
            }
            assert_eq!(wanted, b"\x05\x01\x00\x03\x0cname.example\x00\x50");
            stream
                .write_all(&[5, reply, 0, 1, 127, 0, 0, 1, 0, 1])
                .await
                .unwrap();
            let mut upstream = TcpStream::connect(origin).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut upstream).await;
        })
        .await;
        let transport = through(format!("socks5://{userinfo}{}", proxy.addr));
        let outcome = transport.round_trip(get("http://name.example/")).await;
        if userinfo.contains("wrong") || reply != 0 {
            let error = outcome.unwrap_err();
            assert_eq!(
                (error.kind(), error.phase()),
                (ErrorKind::Proxy, Phase::Tunnel)
            );
            assert!(error.is_connect() && error.is_retryable());
        } else {
            assert_eq!(outcome.unwrap().text().await.unwrap(), "ok");
            transport
                .round_trip(get("http://name.example/"))
                .await
                .unwrap();
            assert_eq!(proxy.connections(), 1);
        }
    }
}

#[tokio::test]
async fn one_request_may_have_another_proxy_or_none() {
    let direct = Peer::answering(OK).await;
    let proxy = Peer::answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproxy").await;
    let client = Client::builder()
        .transport(through("http://127.0.0.1:9".into()))
        .build();
    let own = Proxy::new(&proxy.addr.to_string()).unwrap();
    let text = client
        .get(direct.url("/"))
        .proxy(own)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(text, "proxy");
    assert_eq!(
        client
            .get(direct.url("/"))
            .no_proxy()
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "ok"
    );
    let error = client.get(direct.url("/")).send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (ErrorKind::Proxy, Phase::Connect)
    );
}

#[tokio::test]
async fn a_tunnel_that_is_refused_tells_the_status() {
    let proxy = Peer::new(|_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(
            head.starts_with("CONNECT secure.example:443 HTTP/1.1\r\nhost: secure.example:443\r\n"),
            "{head}"
        );
        assert_eq!(field(&head, "x-tag"), Some("1"));
        stream
            .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
    })
    .await;
    let proxy = Proxy::new(&proxy.addr.to_string()).unwrap();
    let proxy = proxy.with_connect_field(
        HeaderName::from_static("x-tag"),
        HeaderValue::from_static("1"),
    );
    let transport = Transport::builder().proxies(Proxies::all(proxy)).build();
    let error = transport
        .round_trip(get("https://secure.example/"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Proxy);
    assert!(error.to_string().contains("407"), "{error}");
}

#[tokio::test]
async fn a_proxy_that_answers_without_end_is_cut_off() {
    let proxy = Peer::new(|_, mut stream| async move {
        head(&mut stream).await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream
            .write_all(b"x-more: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")
            .await
            .is_ok()
        {}
    })
    .await;
    let error = through(format!("http://{}", proxy.addr))
        .round_trip(get("https://a.example/"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Proxy);
}
