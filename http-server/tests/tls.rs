//! TLS: the handshake, its facts, a reload, and plain HTTP on its port.
#![cfg(feature = "tls")]

mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http::{Request, Response};
use http_server::listener::{Tls, TlsConfig, TlsInfo};
use http_server::{Body, Server, handle};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use wire::{dateless, infallible};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

async fn agreed(request: Request<Body>) -> Response<Body> {
    let handle = handle(request.body()).expect("ours");
    let info = handle
        .info()
        .extensions()
        .get::<TlsInfo>()
        .expect("TLS")
        .clone();
    let alpn = info
        .alpn
        .map(|alpn| String::from_utf8_lossy(&alpn).into_owned());
    Response::new(Body::from(format!(
        "{} {alpn:?} {:?}",
        info.version.expect("known"),
        info.server_name
    )))
}

fn certificate() -> (String, String, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    (
        made.cert.pem(),
        made.signing_key.serialize_pem(),
        made.cert.der().clone(),
    )
}

async fn serve(config: TlsConfig) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let addr = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        Server::new()
            .serve(Tls::new(listener, config), infallible(agreed))
            .await
    });
    addr
}

/// The answer to a client that trusts `root` alone.
async fn ask(addr: SocketAddr, root: &CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TcpStream::connect(addr).await?;
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    stream.write_all(GET).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(dateless(&answer))
}

#[tokio::test]
async fn a_request_over_tls_is_answered_and_knows_it() {
    let (chain, key, root) = certificate();
    let addr = serve(TlsConfig::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair")).await;
    let answer = ask(addr, &root)
        .await
        .expect("a handshake, and a close_notify at the end");
    assert!(
        answer.ends_with("TLSv1_3 Some(\"http/1.1\") Some(\"localhost\")"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_certificate_is_replaced_without_a_restart() {
    let (chain, key, old) = certificate();
    let config = TlsConfig::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair");
    let addr = serve(config.clone()).await;
    ask(addr, &old).await.expect("a handshake");
    let (chain, key, new) = certificate();
    assert!(config.reload_pem(chain.as_bytes(), b"no key").is_err());
    ask(addr, &old).await.expect("the old one stays");
    config
        .reload_pem(chain.as_bytes(), key.as_bytes())
        .expect("a pair");
    ask(addr, &new).await.expect("a handshake");
    ask(addr, &old).await.expect_err("replaced");
}

/// However much it sends, and although it reads late.
#[tokio::test]
async fn plain_http_is_told_so() {
    let (chain, key, _) = certificate();
    let addr = serve(TlsConfig::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair")).await;
    for content in [0, 16 << 20] {
        let mut client = TcpStream::connect(addr).await.expect("listening");
        client.write_all(GET).await.expect("connected");
        client.write_all(&vec![b'x'; content]).await.expect("read");
        client.shutdown().await.expect("connected");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("no reset");
        assert_eq!(
            answer,
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
        );
    }
}
