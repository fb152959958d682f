//! TLS: the handshake, its facts, a reload, and plain HTTP on its port.
#![cfg(feature = "tls")]

mod wire;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Request, Response};
use http_server::listener::{Accepted, Listener, Tls, TlsConfig, TlsInfo};
use http_server::{Body, ConnectionInfo, Server, handle};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
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

/// A client that trusts `root` alone.
fn trusting(root: &CertificateDer<'static>) -> TlsConnector {
    TlsConnector::from(Arc::new(client(root)))
}

fn client(root: &CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

fn name() -> ServerName<'static> {
    ServerName::try_from("localhost").expect("a name")
}

/// The answer to a client that trusts `root` alone.
async fn ask(addr: SocketAddr, root: &CertificateDer<'static>) -> std::io::Result<String> {
    let stream = TcpStream::connect(addr).await?;
    let mut stream = trusting(root).connect(name(), stream).await?;
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

/// Where its octets are parted decides nothing.
#[tokio::test]
async fn plain_http_in_pieces_is_told_so() {
    let (chain, key, _) = certificate();
    let config = TlsConfig::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair");
    for cut in 1..8 {
        let (mut client, peer) = tokio::io::duplex(1024);
        let listener = Tls::new(Pipe(Some(peer)), config.clone());
        tokio::spawn(async move { Server::new().serve(listener, infallible(agreed)).await });
        client.write_all(&GET[..cut]).await.expect("a pipe");
        tokio::task::yield_now().await;
        client.write_all(&GET[cut..]).await.expect("a pipe");
        client.shutdown().await.expect("a pipe");
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.expect("a pipe");
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with("HTTP/1.0 400 Bad Request\r\n"),
            "{cut}: {answer:?}"
        );
    }
}

/// The answer to a request, sent as early data where the session before allows for it.
fn ask_early(addr: SocketAddr, config: &Arc<ClientConfig>) -> std::io::Result<String> {
    let mut socket = std::net::TcpStream::connect(addr)?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut session = ClientConnection::new(Arc::clone(config), name()).expect("a name");
    if let Some(mut early) = session.early_data() {
        early.write_all(GET)?;
    }
    session.complete_io(&mut socket)?;
    if !session.is_early_data_accepted() {
        session.writer().write_all(GET)?;
    }
    let mut answer = Vec::new();
    rustls::Stream::new(&mut session, &mut socket).read_to_end(&mut answer)?;
    Ok(dateless(&answer))
}

/// Whatever the configuration says of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_not_lost_in_early_data() {
    let (chain, key, root) = certificate();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).expect("a certificate")];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a pair");
    config.max_early_data_size = 16 * 1024;
    let addr = serve(TlsConfig::new(config)).await;
    let mut config = client(&root);
    config.enable_early_data = true;
    let config = Arc::new(config);
    for session in ["first", "resumed"] {
        let config = Arc::clone(&config);
        let asked = tokio::task::spawn_blocking(move || ask_early(addr, &config)).await;
        let answer = asked.expect("no panic").expect(session);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

/// One connection over a pipe.
struct Pipe(Option<DuplexStream>);

impl Listener for Pipe {
    type Handshake = Accepted<DuplexStream>;

    async fn accept(&mut self) -> std::io::Result<Self::Handshake> {
        match self.0.take() {
            Some(pipe) => Ok(Accepted::new(pipe, ConnectionInfo::default())),
            None => std::future::pending().await,
        }
    }
}

/// All that it is sent lies in the server's TLS by then, which takes it from there octet by octet. One that takes nothing goes
/// after the 30 s of the write deadline.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_told_from_one_that_does_not_read() {
    for (pause, arrives) in [(Duration::from_secs(2), true), (Duration::MAX, false)] {
        let (chain, key, root) = certificate();
        let config = TlsConfig::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair");
        let (client, peer) = tokio::io::duplex(1024);
        let server = Server::new();
        let large = |_: Request<Body>| async { Response::new(Body::from(vec![b'x'; 50_000])) };
        let serving = server.clone();
        tokio::spawn(async move {
            let listener = Tls::new(Pipe(Some(peer)), config);
            serving.serve(listener, infallible(large)).await
        });
        let mut stream = trusting(&root)
            .connect(name(), client)
            .await
            .expect("a handshake");
        stream.write_all(GET).await.expect("a pipe");
        let (mut octets, _session) = stream.into_inner();
        let mut came = 0;
        let reading = async {
            while let Ok(read @ 1..) = octets.read(&mut [0; 1000]).await {
                came += read;
                tokio::time::sleep(pause).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(200), reading).await;
        assert_eq!(came > 50_000, arrives, "{came}");
        let timeouts = server.stats().errors.timeout;
        assert_eq!(timeouts, u64::from(!arrives), "{pause:?}");
    }
}

/// A record of TLS holds up to 16 KiB of content, which shows when all of it has come. As without TLS, who keeps the rate may
/// take its time, and who does not goes.
#[tokio::test(start_paused = true)]
async fn content_that_keeps_the_rate_within_a_record_may_take_its_time() {
    for (octets, pause, status) in [(1000, 1, "200 OK"), (1, 9, "408 Request Timeout")] {
        let (chain, key, root) = certificate();
        let config = TlsConfig::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair");
        let (near, relay) = tokio::io::duplex(100_000);
        let (far, peer) = tokio::io::duplex(100_000);
        tokio::spawn(async move {
            let listener = Tls::new(Pipe(Some(peer)), config);
            Server::new().serve(listener, infallible(wire::echo)).await
        });
        let (mut said, mut heard) = tokio::io::split(relay);
        let (mut answers, mut questions) = tokio::io::split(far);
        tokio::spawn(async move { tokio::io::copy(&mut answers, &mut heard).await });
        let is_slow = Arc::new(AtomicBool::new(false));
        let slow = Arc::clone(&is_slow);
        let relaying = tokio::spawn(async move {
            let mut piece = vec![0; 1000];
            loop {
                let (most, pause) = match slow.load(Ordering::Relaxed) {
                    true => (octets, pause),
                    false => (1000, 0),
                };
                let read = said.read(&mut piece[..most]).await.expect("a pipe");
                if read == 0 || questions.write_all(&piece[..read]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(pause)).await;
            }
        });
        let mut stream = trusting(&root)
            .connect(name(), near)
            .await
            .expect("a handshake");
        let head =
            "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 40000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("a pipe");
        stream.flush().await.expect("a pipe");
        tokio::time::sleep(Duration::from_secs(1)).await;
        is_slow.store(true, Ordering::Relaxed);
        stream.write_all(&[b'x'; 40_000]).await.expect("a pipe");
        let mut answer = vec![0; "HTTP/1.1 ".len() + status.len()];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(
            String::from_utf8_lossy(&answer),
            format!("HTTP/1.1 {status}")
        );
        relaying.abort();
    }
}
