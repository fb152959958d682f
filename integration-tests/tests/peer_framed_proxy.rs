//! The codec's forwarding proxy between curl, our two sides, and the servers of others.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "its main is for the command line")]
#[path = "../../http-codec/examples/framed_proxy.rs"]
mod framed_proxy;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_codec::Body;
use http_server::{handle, service_fn};
use integration_tests::httpbin::routers::serve_mux;
use integration_tests::loopback::Loopback;
use integration_tests::process::{Serving, run};
use integration_tests::wire::Wire;
use tokio::net::{TcpListener, TcpStream};

/// The proxy, as long as the test runs.
async fn proxy() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(framed_proxy::run(listener));
    address
}

/// What curl says of a URL that it fetches through the proxy.
async fn curl(proxy: SocketAddr, url: String, arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let through = ["-sS", "--max-time", "30", "-x", &format!("http://{proxy}")].map(str::to_owned);
    let curl = move || run("curl", through.iter().chain(&arguments).chain([&url]));
    let output = tokio::task::spawn_blocking(curl).await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    output
}

async fn text(proxy: SocketAddr, url: String, arguments: &[&str]) -> String {
    String::from_utf8(curl(proxy, url, arguments).await.stdout).unwrap()
}

/// What curl asks of a server that echoes.
async fn visit_echo(proxy: SocketAddr, url: &str) {
    let url = || url.to_owned();
    assert_eq!(text(proxy, url(), &[]).await, "content");
    let head = text(proxy, url(), &["-I"]).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let none = text(proxy, format!("{}/none", url()), &["-i"]).await;
    assert!(none.starts_with("HTTP/1.1 204 "), "{none}");
    assert_eq!(text(proxy, url(), &["-d", "a=1"]).await, "a=1");
    let named = ["-H", "Connection: close, content-length", "-d", "named"];
    assert_eq!(text(proxy, url(), &named).await, "named");
    let chunked = ["-H", "Transfer-Encoding: chunked", "-d", "pieces"];
    assert_eq!(text(proxy, url(), &chunked).await, "pieces");
    let large = "x".repeat(100_000);
    let expects = ["-H", "Expect: 100-continue", "-d", &large];
    assert_eq!(text(proxy, url(), &expects).await, large);
    let two = [&url(), "-d", "2"];
    assert_eq!(text(proxy, url(), &two).await, "22");
}

/// A request with trailers, as octets; its answer with them.
async fn visit_trailers(proxy: SocketAddr, url: &str) {
    let mut wire = Wire::new(TcpStream::connect(proxy).await.unwrap());
    let host = url.strip_prefix("http://").unwrap().trim_end_matches('/');
    for _ in 0..3 {
        let request = format!(
            "POST http://{host}/ HTTP/1.1\r\nHost: {host}\r\nTrailer: X-Sum\r\nTE: trailers\r\n\
             Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n"
        );
        wire.send(request).await.unwrap();
        let answer = wire.answer().await.unwrap();
        assert_eq!((answer.code(), answer.text()), (200, "abc".to_owned()));
        assert_eq!(answer.field("via"), Some("1.1 framed-proxy"));
        let sum = ("x-sum".to_owned(), "42".to_owned());
        assert_eq!(answer.trailers, [sum], "{answer:?}");
    }
}

/// RFC 9112 sections 3.2.1, 3.2.2 and 3.2.4: what the origin is asked for.
#[tokio::test]
async fn an_absolute_form_goes_on_as_origin_or_asterisk_form() {
    let echo = service_fn(async |request: Request<Body>| {
        Ok::<_, Infallible>(Response::new(Body::from(request.uri().to_string())))
    });
    let origin = Loopback::new(echo).await;
    let host = origin.url().strip_prefix("http://").unwrap().to_owned();
    let mut wire = Wire::new(TcpStream::connect(proxy().await).await.unwrap());
    for (method, behind, target) in [
        ("GET", "/a?b=c", "/a?b=c"),
        ("GET", "", "/"),
        ("GET", "?b", "/?b"),
        ("OPTIONS", "", "*"),
        ("OPTIONS", "/", "/"),
        ("OPTIONS", "?b", "/?b"),
    ] {
        let request = format!("{method} http://{host}{behind} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        wire.send(request).await.unwrap();
        let answer = wire.answer().await.unwrap();
        assert_eq!(answer.text(), target, "{method} {behind}");
    }
}

fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_curl_and_node() {
    let node = Serving::start(Command::new("node").arg(script("echo.js")));
    let proxy = proxy().await;
    visit_echo(proxy, &node.url()).await;
    visit_trailers(proxy, &node.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_curl_and_go() {
    let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proxied-echo-go");
    let (out, source) = (binary.display().to_string(), script("echo.go"));
    let built = run("go", ["build", "-o", &out, &source.display().to_string()]);
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let go = Serving::start(&mut Command::new(binary));
    let proxy = proxy().await;
    visit_echo(proxy, &go.url()).await;
    visit_trailers(proxy, &go.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_curl_and_our_server() {
    let origin = Loopback::new(serve_mux::service()).await;
    let (proxy, url) = (proxy().await, |path: &str| {
        format!("{}{path}", origin.url())
    });
    let got = text(proxy, url("/get?a=1"), &["-H", "Proxy-Connection: x"]).await;
    assert!(got.contains("\"a\": \"1\""), "{got}");
    assert!(!got.to_lowercase().contains("proxy-connection"), "{got}");
    let posted = text(proxy, url("/post"), &["-F", "a=1"]).await;
    assert!(posted.contains("\"a\": \"1\""), "{posted}");
    assert_eq!(
        text(proxy, url("/stream/20"), &[]).await.lines().count(),
        20
    );
    let unzipped = text(proxy, url("/gzip"), &["--compressed"]).await;
    assert!(unzipped.contains("\"gzipped\": true"), "{unzipped}");
    let followed = text(
        proxy,
        url("/redirect/3"),
        &["-L", "-o", "/dev/null", "-w", "%{http_code}"],
    );
    assert_eq!(followed.await, "200");
    let status = ["-o", "/dev/null", "-w", "%{http_code}"];
    assert_eq!(text(proxy, url("/status/304"), &status).await, "304");
    let old = ["--http1.0", "-o", "/dev/null", "-w", "%{size_download}"];
    assert_eq!(text(proxy, url("/stream-bytes/5000"), &old).await, "5000");
    // Through a tunnel of the proxy's.
    let tunnelled = text(proxy, url("/get?b=2"), &["-p"]).await;
    assert!(tunnelled.contains("\"b\": \"2\""));
}

/// `/hints` has an interim response, anything else becomes an echo of octets.
async fn service(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::from("plain"));
    let handle = handle(request.body()).unwrap();
    if let Some(via) = request.headers().get("via") {
        response.headers_mut().insert("x-via", via.clone());
    }
    if request.uri().path() == "/hints" {
        let link = HeaderMap::from_iter([(http::header::LINK, HeaderValue::from_static("</a>"))]);
        handle.send_interim(StatusCode::EARLY_HINTS, link).unwrap();
    } else if let Ok(upgrading) = handle.upgrade() {
        *response.body_mut() = Body::empty();
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        for (name, value) in [("connection", "upgrade"), ("upgrade", "echo")] {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        tokio::spawn(async move {
            let (mut reader, mut writer) = tokio::io::split(upgrading.await.unwrap());
            tokio::io::copy(&mut reader, &mut writer).await
        });
    }
    Ok(response)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interim_responses_and_upgrades_pass() {
    let origin = Loopback::new(service_fn(service)).await;
    let (proxy, host) = (proxy().await, origin.addr());
    let mut wire = Wire::new(TcpStream::connect(proxy).await.unwrap());
    let line = |path: &str| format!("GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\n");
    wire.send(line("/hints") + "\r\n").await.unwrap();
    let hints = wire.head().await.unwrap();
    assert_eq!((hints.code(), hints.field("link")), (103, Some("</a>")));
    let answer = wire.answer().await.unwrap();
    assert_eq!((answer.code(), answer.text()), (200, "plain".to_owned()));
    assert_eq!(answer.field("x-via"), Some("1.1 framed-proxy"));

    let offer = "Connection: upgrade\r\nUpgrade: echo\r\n\r\nfirst";
    wire.send(line("/echo") + offer).await.unwrap();
    let switched = wire.head().await.unwrap();
    assert_eq!(
        (switched.code(), switched.field("upgrade")),
        (101, Some("echo"))
    );
    assert_eq!(wire.exactly(5).await.unwrap(), b"first");
    for size in [1, 1000, 100_000] {
        let octets = vec![b'x'; size];
        wire.send(&octets).await.unwrap();
        assert_eq!(wire.exactly(size).await.unwrap(), octets);
    }
}

/// What the proxy cannot take it refuses, and where nobody listens it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals() {
    let proxy = proxy().await;
    let mut wire = Wire::new(TcpStream::connect(proxy).await.unwrap());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for _ in 0..2 {
        let request = format!("GET http://{nobody}/ HTTP/1.1\r\nHost: {nobody}\r\n\r\n");
        wire.send(request).await.unwrap();
        assert_eq!(wire.answer().await.unwrap().code(), 502);
    }
    let smuggled =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
    wire.send(smuggled).await.unwrap();
    let refused = wire.answer_to(Method::POST.as_str()).await.unwrap();
    assert_eq!(
        (refused.code(), refused.field("connection")),
        (400, Some("close"))
    );
}
