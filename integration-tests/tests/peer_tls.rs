//! Our client against OpenSSL's server: both versions, resumption, client certificates, files.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use http::Request;
use http_client::{Error, ErrorKind, Phase, Proxies, ResponseExt, Tls, TlsBuilder, Transport};
use http_codec::Body;
use integration_tests::process::Process;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// A directory with a certificate for `localhost`, its key and the root behind it; and the root.
fn certificates(name: &str) -> (PathBuf, Issuer) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // OpenSSL finds an issuer by its name.
    params
        .distinguished_name
        .push(DnType::CommonName, "a root for tests");
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let (chain, key) = signed(&issuer);
    std::fs::write(directory.join("cert.pem"), chain).unwrap();
    std::fs::write(directory.join("key.pem"), key).unwrap();
    std::fs::write(directory.join("root.pem"), issuer.pem()).unwrap();
    (directory, issuer)
}

/// A certificate for `localhost` and its key, as PEM.
fn signed(issuer: &Issuer) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    (
        params.signed_by(&key, issuer).unwrap().pem(),
        key.serialize_pem(),
    )
}

/// `openssl s_server` with these arguments, and its URL.
fn serve(directory: &Path, arguments: &[&str]) -> (Process, String) {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new("openssl");
    command
        .current_dir(directory)
        .args([
            "s_server",
            "-accept",
            &format!("127.0.0.1:{port}"),
            "-alpn",
            "http/1.1",
        ])
        .args(["-cert", "cert.pem", "-key", "key.pem"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let process = Process::start(&mut command);
    for _ in 0..500 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return (process, format!("https://localhost:{port}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("openssl does not listen at port {port}");
}

fn trusting(issuer: &Issuer) -> TlsBuilder {
    Tls::builder().add_roots(issuer.pem().as_bytes()).unwrap()
}

fn transport(tls: TlsBuilder) -> Transport {
    Transport::builder()
        .proxies(Proxies::none())
        .tls(tls.build().unwrap())
        .build()
}

async fn get(transport: &Transport, url: &str) -> Result<String, Error> {
    let request = Request::get(url).body(Body::empty()).unwrap();
    transport.round_trip(request).await?.text().await
}

#[tokio::test]
async fn both_versions_are_spoken_and_sessions_resumed() {
    let (directory, issuer) = certificates("openssl-versions");
    for (argument, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let (_openssl, url) = serve(&directory, &["-www", argument]);
        let transport = transport(trusting(&issuer));
        // The page tells of the session. It ends with the connection.
        for resumed in ["New", "Reused", "Reused"] {
            let page = get(&transport, &url).await.unwrap();
            assert!(page.contains(&format!("{resumed}, {version}")), "{page}");
        }
    }
}

#[tokio::test]
async fn files_arrive_whole() {
    let (directory, issuer) = certificates("openssl-files");
    std::fs::write(directory.join("file.txt"), "x".repeat(300_000)).unwrap();
    let (_openssl, url) = serve(&directory, &["-WWW"]);
    let transport = transport(trusting(&issuer));
    for _ in 0..3 {
        let file = get(&transport, &format!("{url}/file.txt")).await.unwrap();
        assert_eq!(file.len(), 300_000);
    }
}

#[tokio::test]
async fn certificates_are_checked_both_ways() {
    let (directory, issuer) = certificates("openssl-clients");
    let (_openssl, url) = serve(
        &directory,
        &[
            "-www",
            "-Verify",
            "1",
            "-CAfile",
            "root.pem",
            "-verify_return_error",
        ],
    );
    let (chain, key) = signed(&issuer);
    let known = trusting(&issuer)
        .identity(chain.as_bytes(), key.as_bytes())
        .unwrap();
    let page = get(&transport(known), &url).await.unwrap();
    assert!(page.contains("Client certificate"), "{page}");
    // With TLS 1.3 a refused client hears of it only after its handshake.
    assert!(get(&transport(trusting(&issuer)), &url).await.is_err());
    let error = get(&transport(Tls::builder()), &url).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (ErrorKind::Tls, Phase::Handshake)
    );
}
