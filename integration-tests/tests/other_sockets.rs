//! The same pair over TLS and over Unix sockets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::Ipv4Addr;

use http::Request;
use http_client::{Tls as ClientTls, Transport};
use http_codec::Body;
use http_server::Server;
use http_server::listener::{Tls, TlsConfig};
use integration_tests::httpbin::routers::serve_mux;
use integration_tests::httpbin::upload::Count;
use tokio::net::TcpListener;

/// Calls of each kind, over one connection.
async fn visit(transport: &Transport, url: &str) {
    let call = async |request: http::request::Builder, body: Body| {
        let response = transport
            .round_trip(request.body(body).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        response.into_body()
    };
    for _ in 0..20 {
        let shown = call(Request::get(format!("{url}/get?a=1")), Body::empty()).await;
        let shown: serde_json::Value =
            serde_json::from_slice(&shown.collect_bytes(10_000).await.unwrap()).unwrap();
        assert_eq!(shown["args"]["a"], "1");
    }
    let large = vec![b'x'; 3 << 20];
    let echoed = call(Request::put(format!("{url}/put")), Body::from(large)).await;
    assert!(Count::of(echoed).await.unwrap().octets > 3 << 20);
    let lines = call(Request::get(format!("{url}/stream/20")), Body::empty()).await;
    assert_eq!(
        lines
            .collect_bytes(100_000)
            .await
            .unwrap()
            .iter()
            .filter(|octet| **octet == b'\n')
            .count(),
        20
    );
}

#[tokio::test]
async fn tls_carries_everything() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let config = TlsConfig::from_pem(
        made.cert.pem().as_bytes(),
        made.signing_key.serialize_pem().as_bytes(),
    )
    .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let server = Server::new();
    let serving = server.clone();
    tokio::spawn(async move {
        serving
            .serve(Tls::new(listener, config), serve_mux::service())
            .await
    });

    let trusting = ClientTls::builder()
        .add_roots(made.cert.pem().as_bytes())
        .unwrap()
        .build()
        .unwrap();
    visit(&Transport::builder().tls(trusting).build(), &url).await;
    assert_eq!(server.stats().accepted, 1);

    let request = Request::get(&url).body(Body::empty()).unwrap();
    let error = Transport::new().round_trip(request).await.unwrap_err();
    assert_eq!(
        error.kind(),
        http_client::ErrorKind::Tls,
        "a certificate that nobody vouches for: {error:?}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn unix_sockets_carry_everything() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("httpbin.sock");
    let _ = std::fs::remove_file(&path);
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let server = Server::new();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(listener, serve_mux::service()).await });
    visit(
        &Transport::builder().unix_socket(&path).build(),
        "http://httpbin",
    )
    .await;
    assert_eq!(server.stats().accepted, 1);
}
