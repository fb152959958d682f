//! TLS: whom the client trusts, and what it offers.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.
#![cfg(feature = "_tls")]

mod peer;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use http_client::{ErrorKind, Phase, Proxies, Proxy, ResponseExt, Tls, Transport};
use peer::{OK, Peer, get, head, plain, request};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap(),
        }
    }

    fn pem(&self) -> String {
        self.issuer.as_ref().pem()
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

#[derive(Debug, Default, Clone)]
struct Seen {
    protocol: Option<Vec<u8>>,
    server_name: Option<String>,
    resumed: usize,
    client: bool,
    /// Connections that the client closed by an alert.
    closed: usize,
}

/// A server for `localhost` that notes what it sees.
async fn server(authority: &Authority, with_clients: bool) -> (Peer, Arc<Mutex<Seen>>) {
    let (certificate, key) = authority.issue("localhost");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if with_clients {
        let mut roots = RootCertStore::empty();
        roots.add(authority.issuer.as_ref().der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = builder
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let notes = Arc::clone(&seen);
    let peer = Peer::new(move |_, stream| {
        let (acceptor, notes) = (acceptor.clone(), Arc::clone(&notes));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            {
                let (_, session) = stream.get_ref();
                let mut seen = notes.lock().unwrap();
                seen.protocol = session.alpn_protocol().map(<[u8]>::to_vec);
                seen.server_name = session.server_name().map(str::to_owned);
                seen.client = session.peer_certificates().is_some();
                seen.resumed +=
                    usize::from(session.handshake_kind() == Some(rustls::HandshakeKind::Resumed));
            }
            while request(&mut stream).await.is_some() {
                stream.write_all(OK.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
            }
            // Without the alert, this is an error.
            let closed = matches!(stream.read(&mut [0]).await, Ok(0));
            notes.lock().unwrap().closed += usize::from(closed);
        }
    })
    .await;
    (peer, seen)
}

fn url(peer: &Peer) -> String {
    format!("https://localhost:{}/", peer.addr.port())
}

fn trusting(authority: &Authority) -> Tls {
    Tls::builder()
        .add_roots(authority.pem().as_bytes())
        .unwrap()
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_server_with_a_good_certificate_is_spoken_to_and_its_connection_reused() {
    let authority = Authority::new();
    let (peer, seen) = server(&authority, false).await;
    let transport = plain().tls(trusting(&authority)).build();
    for _ in 0..5 {
        let response = transport.round_trip(get(url(&peer))).await.unwrap();
        assert_eq!(response.text().await.unwrap(), "ok");
    }
    // Session tickets make the socket readable; the connection is not disturbed by them.
    assert_eq!(peer.connections(), 1);
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.protocol.as_deref(), Some(&b"http/1.1"[..]));
    assert_eq!(seen.server_name.as_deref(), Some("localhost"));
}

/// RFC 7301 section 3.2: what the server selects is definitive.
#[tokio::test]
async fn a_server_that_selects_http_2_is_not_sent_http_1() {
    let authority = Authority::new();
    let (peer, _) = server(&authority, false).await;
    let mut roots = RootCertStore::empty();
    roots.add(authority.issuer.as_ref().der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let transport = plain().tls(Tls::from_rustls(config)).build();
    let error = transport.round_trip(get(url(&peer))).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (ErrorKind::Tls, Phase::Handshake)
    );
}

/// RFC 9112 section 9.8: a client must send a closure alert, however it comes to close.
#[tokio::test]
async fn a_connection_is_closed_by_an_alert() {
    let authority = Authority::new();
    let (peer, seen) = server(&authority, false).await;
    let transport = plain().tls(trusting(&authority)).build();
    let ask = |request| async { transport.round_trip(request).await.unwrap() };
    drop(ask(get(url(&peer))).await);
    // Even by a task that the runtime would rather see yield, as after the hundredth connection that it closes.
    std::future::poll_fn(|cx| {
        while pin!(tokio::task::consume_budget()).poll(cx).is_ready() {}
        transport.close_idle();
        Poll::Ready(())
    })
    .await;
    let mut last = get(url(&peer));
    let close = http::HeaderValue::from_static("close");
    last.headers_mut().insert("connection", close);
    drop(ask(last).await);
    let body = http_client::Body::from_stream(futures::stream::pending::<std::io::Result<&str>>());
    let mut endless = peer::post(url(&peer), body);
    endless.headers_mut().insert("content-length", 5.into());
    let cancelled = transport.round_trip(endless);
    let patience = Duration::from_millis(100);
    assert!(tokio::time::timeout(patience, cancelled).await.is_err());
    for _ in 0..100 {
        if seen.lock().unwrap().closed == 3 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", seen.lock().unwrap());
}

#[tokio::test]
async fn sessions_are_resumed() {
    let authority = Authority::new();
    let (peer, seen) = server(&authority, false).await;
    let transport = plain().tls(trusting(&authority)).build();
    for _ in 0..3 {
        transport
            .round_trip(get(url(&peer)))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        transport.close_idle();
    }
    assert_eq!(peer.connections(), 3);
    assert_eq!(seen.lock().unwrap().resumed, 2);
}

#[tokio::test]
async fn unknown_roots_and_wrong_names_are_refused() {
    let authority = Authority::new();
    let (peer, _) = server(&authority, false).await;
    let address = format!("https://127.0.0.1:{}/", peer.addr.port());
    let only = Tls::builder().only_added_roots().build().unwrap();
    for (tls, url) in [
        (Tls::new(), url(&peer)),
        (only, url(&peer)),
        (trusting(&authority), address),
    ] {
        let error = plain()
            .tls(tls)
            .build()
            .round_trip(get(&url))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.phase()),
            (ErrorKind::Tls, Phase::Handshake)
        );
        assert!(error.is_connect());
    }
    let trusting = Tls::builder().danger_trust_any_server().build().unwrap();
    assert_eq!(
        plain()
            .tls(trusting)
            .build()
            .round_trip(get(url(&peer)))
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let authority = Authority::new();
    let (peer, seen) = server(&authority, true).await;
    let (certificate, key) = authority.issue("somebody");
    let with = Tls::builder()
        .add_roots(authority.pem().as_bytes())
        .unwrap();
    let with = with
        .identity(certificate.pem().as_bytes(), key.serialize_pem().as_bytes())
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(
        plain()
            .tls(with)
            .build()
            .round_trip(get(url(&peer)))
            .await
            .unwrap()
            .status(),
        200
    );
    assert!(seen.lock().unwrap().client);
    assert!(
        plain()
            .tls(trusting(&authority))
            .build()
            .round_trip(get(url(&peer)))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_apart() {
    let peer = Peer::new(|_, mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        let _ = head(&mut stream).await;
    })
    .await;
    let error = plain()
        .tls(Tls::new())
        .build()
        .round_trip(get(url(&peer)))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the server does not speak TLS"),
        "{error}"
    );
}

#[tokio::test]
async fn a_tunnel_leads_to_tls_through_a_proxy() {
    let authority = Authority::new();
    let (origin, _) = server(&authority, false).await;
    let addr = origin.addr;
    let proxy = Peer::new(move |_, mut stream| async move {
        let head = head(&mut stream).await.unwrap();
        assert!(
            head.starts_with(&format!("CONNECT localhost:{} HTTP/1.1\r\n", addr.port())),
            "{head}"
        );
        assert!(
            head.contains("proxy-authorization: Basic dXNlcjo=\r\n"),
            "{head}"
        );
        stream
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
            .unwrap();
        let mut upstream = TcpStream::connect(addr).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut upstream).await;
    })
    .await;
    let rules = Proxies::all(Proxy::new(&format!("http://user@{}", proxy.addr)).unwrap());
    let transport = Transport::builder()
        .proxies(rules)
        .tls(trusting(&authority))
        .build();
    for _ in 0..2 {
        assert_eq!(
            transport
                .round_trip(get(url(&origin)))
                .await
                .unwrap()
                .text()
                .await
                .unwrap(),
            "ok"
        );
    }
    assert_eq!((proxy.connections(), origin.connections()), (1, 1));
}

#[tokio::test]
async fn a_stalled_handshake_times_out() {
    let peer = Peer::new(|_, stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let deadlines = http_client::Deadlines::default().with_handshake(Duration::from_millis(50));
    let error = plain()
        .deadlines(deadlines)
        .build()
        .round_trip(get(url(&peer)))
        .await
        .unwrap_err();
    assert_eq!(
        (error.is_timeout(), error.phase()),
        (true, Phase::Handshake)
    );
}

/// One request may trust others: its connections are kept apart, and shared by clones of the same settings.
#[tokio::test]
async fn one_request_may_speak_tls_otherwise() {
    let authority = Authority::new();
    let (peer, _) = server(&authority, false).await;
    let transport = plain().build();
    let error = transport.round_trip(get(url(&peer))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    let (one, other) = (trusting(&authority), trusting(&authority));
    let before = peer.connections();
    for (tls, connections) in [(&one, 1), (&one, 1), (&other, 2), (&one, 2), (&other, 2)] {
        let mut request = get(url(&peer));
        let options = http_client::Options::new().with_tls(tls.clone());
        request.extensions_mut().insert(options);
        let response = transport.round_trip(request).await.unwrap();
        assert_eq!(response.text().await.unwrap(), "ok");
        assert_eq!(peer.connections() - before, connections);
    }
    let error = transport.round_trip(get(url(&peer))).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Tls,
        "what one request trusts, no other does"
    );
}
