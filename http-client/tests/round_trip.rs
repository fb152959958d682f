//! What goes over the wire in one round trip.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use http_client::{Body, ErrorKind, Options, Progress, Proxy};
use peer::{OK, Peer, get, head, plain, post, transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

/// The octets of a request, as the peer sees them.
async fn sent(request_to_send: impl FnOnce(&str) -> http::Request<Body>) -> String {
    let (report, mut seen) = mpsc::unbounded_channel();
    let peer = Peer::new(move |_, mut stream| {
        let report = report.clone();
        async move {
            let mut octets = Vec::new();
            let mut buffer = [0; 4096];
            // More may follow what came; nothing is sent late.
            let mut patience = Duration::from_secs(60);
            while let Ok(Ok(count @ 1..)) =
                tokio::time::timeout(patience, stream.read(&mut buffer)).await
            {
                octets.extend_from_slice(&buffer[..count]);
                patience = Duration::from_millis(150);
            }
            report.send(String::from_utf8(octets).unwrap()).unwrap();
            let _ = stream.write_all(OK.as_bytes()).await;
        }
    })
    .await;
    let response = transport()
        .round_trip(request_to_send(&peer.addr.to_string()))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    seen.recv()
        .await
        .unwrap()
        .replace(&peer.addr.to_string(), "ADDR")
}

#[tokio::test]
async fn heads_as_they_are_sent() {
    assert_eq!(
        sent(|addr| get(format!("http://{addr}/a?b=c"))).await,
        "GET /a?b=c HTTP/1.1\r\nhost: ADDR\r\n\r\n"
    );
    assert_eq!(
        sent(|addr| get(format!("http://{addr}"))).await,
        "GET / HTTP/1.1\r\nhost: ADDR\r\n\r\n"
    );
    assert_eq!(
        sent(|addr| get(format!("http://{addr}?q"))).await,
        "GET /?q HTTP/1.1\r\nhost: ADDR\r\n\r\n"
    );
    assert_eq!(
        sent(|addr| post(format!("http://{addr}/"), "hello")).await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ncontent-length: 5\r\n\r\nhello"
    );
    assert_eq!(
        sent(|addr| post(format!("http://{addr}/"), ())).await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ncontent-length: 0\r\n\r\n"
    );
}

#[tokio::test]
async fn userinfo_and_an_own_host_field_are_never_sent() {
    let seen = sent(|addr| {
        let mut request = get(format!("http://user:secret@{addr}/"));
        request
            .headers_mut()
            .insert("host", HeaderValue::from_static("evil.example"));
        request
    });
    assert_eq!(seen.await, "GET / HTTP/1.1\r\nhost: ADDR\r\n\r\n");
    let seen = sent(|addr| {
        let mut request = get(format!("http://{addr}/"));
        request
            .extensions_mut()
            .insert(Options::new().with_host("virtual.example").unwrap());
        request
    });
    assert_eq!(
        seen.await,
        "GET / HTTP/1.1\r\nhost: virtual.example\r\n\r\n"
    );
}

/// RFC 9110 sections 10.1.1 and 10.1.4.
#[tokio::test]
async fn fields_that_need_others_go_out_right() {
    let with = |fields: &'static [(&'static str, &'static str)], content: &'static str| {
        sent(move |addr| {
            let mut request = post(format!("http://{addr}/"), content);
            for (name, value) in fields {
                let value = HeaderValue::from_static(value);
                request.headers_mut().append(*name, value);
            }
            request
        })
    };
    let head = "POST / HTTP/1.1\r\nhost: ADDR\r\n";
    assert_eq!(
        with(&[("expect", "100-continue")], "").await,
        format!("{head}content-length: 0\r\n\r\n")
    );
    for (fields, connection) in [
        (&[("te", "trailers")][..], "te"),
        (&[("te", "trailers"), ("connection", "TE")], "TE"),
        (&[("te", "trailers"), ("connection", "close")], "close, te"),
    ] {
        assert_eq!(
            with(fields, "").await,
            format!("{head}te: trailers\r\ncontent-length: 0\r\nconnection: {connection}\r\n\r\n")
        );
    }
}

#[tokio::test]
async fn content_of_unknown_length_is_chunked_and_its_trailers_follow() {
    let seen = sent(|addr| {
        let pieces = futures::stream::iter([Ok::<_, std::io::Error>("hello"), Ok("world!")]);
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", HeaderValue::from_static("11"));
        trailers.insert("x-undeclared", HeaderValue::from_static("1"));
        let mut request = post(
            format!("http://{addr}/"),
            Body::from_stream(pieces).with_trailers(trailers),
        );
        request
            .headers_mut()
            .insert("trailer", HeaderValue::from_static("x-sum"));
        request
    });
    assert_eq!(
        seen.await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n\
         5\r\nhello\r\n6\r\nworld!\r\n0\r\nx-sum: 11\r\n\r\n"
    );
}

#[tokio::test]
async fn declared_lengths_are_kept_and_other_framing_fields_dropped() {
    let seen = sent(|addr| {
        let pieces = futures::stream::iter([Ok::<_, std::io::Error>("hello")]);
        let mut request = post(format!("http://{addr}/"), Body::from_stream(pieces));
        request
            .headers_mut()
            .insert("content-length", HeaderValue::from_static("5"));
        request
            .headers_mut()
            .insert("transfer-encoding", HeaderValue::from_static("gzip"));
        request
    });
    assert_eq!(
        seen.await,
        "POST / HTTP/1.1\r\nhost: ADDR\r\ncontent-length: 5\r\n\r\nhello"
    );
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_tried() {
    let transport = plain().build();
    for uri in ["ftp://example.com/", "/relative", "http://exa,mple.com/"] {
        let Ok(request) = http::Request::get(uri).body(Body::empty()) else {
            continue;
        };
        let error = transport.round_trip(request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.progress()),
            (ErrorKind::Request, Progress::Nothing),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn an_upgrade_hands_over_the_connection_and_what_was_read_ahead() {
    let peer = Peer::new(|_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(
            head.contains("upgrade: echo\r\n") && head.contains("connection: upgrade\r\n"),
            "{head}"
        );
        let switch =
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nfirst";
        stream.write_all(switch.as_bytes()).await.unwrap();
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(&word).await.unwrap();
    })
    .await;
    let mut request = get(peer.url("/"));
    request
        .headers_mut()
        .insert("connection", HeaderValue::from_static("upgrade"));
    request
        .headers_mut()
        .insert("upgrade", HeaderValue::from_static("echo"));
    let mut response = transport().round_trip(request).await.unwrap();
    assert_eq!(response.status(), 101);
    let mut io = http_client::upgrade(&mut response).unwrap();
    assert!(http_client::upgrade(&mut response).is_err());
    io.write_all(b"ping").await.unwrap();
    let mut all = String::new();
    io.read_to_string(&mut all).await.unwrap();
    assert_eq!(all, "firstping");
}

#[tokio::test]
async fn connect_gives_a_tunnel() {
    let peer = Peer::new(|_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(head.starts_with("CONNECT 127.0.0.1:"), "{head}");
        assert!(!head.contains("content-length"));
        stream
            .write_all(b"HTTP/1.1 200 OK\r\n\r\nhi")
            .await
            .unwrap();
    })
    .await;
    let request = http::Request::connect(peer.url("/"))
        .body(Body::empty())
        .unwrap();
    let mut response = transport().round_trip(request).await.unwrap();
    let mut all = String::new();
    http_client::upgrade(&mut response)
        .unwrap()
        .read_to_string(&mut all)
        .await
        .unwrap();
    assert_eq!(all, "hi");
}

/// RFC 9112 section 3.2.3.
#[tokio::test]
async fn a_tunnel_leads_where_the_request_says() {
    let connect = |uri: String| http::Request::connect(uri).body(Body::empty()).unwrap();
    let ours = |request: &mut http::Request<Body>, host: &str| {
        let options = Options::new().with_host(host).unwrap();
        request.extensions_mut().insert(options);
    };
    assert_eq!(
        sent(|addr| connect(addr.to_string())).await,
        "CONNECT ADDR HTTP/1.1\r\nhost: ADDR\r\n\r\n"
    );
    for (host, target) in [
        ("far.example:81", "far.example:81"),
        ("far.example", "far.example:80"),
    ] {
        let seen = sent(|addr| {
            let mut request = connect(format!("http://{addr}/"));
            ours(&mut request, host);
            request
        });
        assert_eq!(
            seen.await,
            format!("CONNECT {target} HTTP/1.1\r\nhost: {host}\r\n\r\n")
        );
    }
    let through = sent(|addr| {
        let mut request = connect("far.example:443".into());
        let proxy = Proxy::new(&format!("http://{addr}")).unwrap();
        request
            .extensions_mut()
            .insert(Options::new().with_proxy(proxy));
        request
    });
    assert_eq!(
        through.await,
        "CONNECT far.example:443 HTTP/1.1\r\nhost: far.example:443\r\n\r\n"
    );
    let elsewhere = http::Request::get("example.com")
        .body(Body::empty())
        .unwrap();
    let error = transport().round_trip(elsewhere).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
}
