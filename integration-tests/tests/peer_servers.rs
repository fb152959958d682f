//! Our client against the servers of others, and a proxy between our two sides.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::ffi::OsStr;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::BodyExt as _;
use http_client::Transport;
use http_codec::Body;
use hyper_util::rt::TokioIo;
use integration_tests::httpbin::routers::serve_mux;
use integration_tests::loopback::Loopback;
use integration_tests::process::{Process, Serving, run};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

async fn call(transport: &Transport, method: Method, url: &str, body: Body) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(url);
    if http_body::Body::size_hint(&body).exact().is_none() {
        request = request.header("trailer", "x-sum").header("te", "trailers");
    }
    transport
        .round_trip(request.body(body).unwrap())
        .await
        .unwrap_or_else(|error| panic!("{url}: {error:?}"))
}

async fn octets(response: Response<Body>) -> Bytes {
    assert!(response.status().is_success(), "{response:?}");
    response.into_body().collect_bytes(1 << 26).await.unwrap()
}

/// Everything that an echoing server should give back, over one connection.
async fn visit_echo(url: &str) {
    let transport = Transport::new();
    for _ in 0..50 {
        assert_eq!(
            octets(call(&transport, Method::GET, url, Body::empty()).await).await,
            "content"
        );
    }
    let head = call(&transport, Method::HEAD, url, Body::empty()).await;
    assert_eq!(octets(head).await, "");
    assert_eq!(
        call(
            &transport,
            Method::GET,
            &format!("{url}/none"),
            Body::empty()
        )
        .await
        .status(),
        204
    );
    for size in [1, 1000, 1 << 20] {
        let content = vec![b'x'; size];
        assert_eq!(
            octets(call(&transport, Method::POST, url, Body::from(content.clone())).await).await,
            content
        );
    }
    for count in [1, 10, 100] {
        let pieces = (0..count).map(|_| Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 10_000])));
        let trailers =
            HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("42"))]);
        let body = Body::from_stream(stream::iter(pieces)).with_trailers(trailers);
        let collected = call(&transport, Method::POST, url, body)
            .await
            .into_body()
            .collect()
            .await
            .unwrap();
        assert_eq!(
            collected
                .trailers()
                .and_then(|trailers| trailers.get("x-sum"))
                .unwrap(),
            "42"
        );
        assert_eq!(collected.to_bytes().len(), count * 10_000);
    }
    let dialed: u64 = transport.stats().hosts.iter().map(|host| host.dialed).sum();
    assert_eq!(dialed, 1, "the connection was kept");
}

#[tokio::test]
async fn node_serves_us() {
    let node = Serving::start(Command::new("node").arg(script("echo.js")));
    visit_echo(&node.url()).await;
}

#[tokio::test]
async fn go_serves_us() {
    let binary = temporary("echo-go");
    let source = script("echo.go");
    let build: [&OsStr; 4] = [
        "build".as_ref(),
        "-o".as_ref(),
        binary.as_ref(),
        source.as_ref(),
    ];
    let built = run("go", build);
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let go = Serving::start(&mut Command::new(binary));
    visit_echo(&go.url()).await;
}

#[tokio::test]
async fn hyper_serves_us() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let echo = hyper::service::service_fn(
        |request: hyper::Request<hyper::body::Incoming>| async move {
            let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
            let mut response = match request.uri().path() {
                "/none" => Response::builder().status(204).body(Body::empty()),
                _ if is_get => Response::builder().body(Body::from("content")),
                _ => Response::builder()
                    .header("trailer", "x-sum")
                    .body(Body::new(request.into_body())),
            }
            .unwrap();
            response
                .headers_mut()
                .insert("server", HeaderValue::from_static("hyper"));
            Ok::<_, Infallible>(response)
        },
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), echo),
            );
        }
    });
    visit_echo(&url).await;
}

/// Python's file server speaks HTTP/1.0: content ends with the connection or its length.
#[tokio::test]
async fn python_serves_us() {
    let files = temporary("python-files");
    std::fs::create_dir_all(&files).unwrap();
    std::fs::write(files.join("file"), vec![b'x'; 100_000]).unwrap();
    let port = free_port();
    let mut command = Command::new("python3");
    command
        .args([
            "-m",
            "http.server",
            "--bind",
            "127.0.0.1",
            &port.to_string(),
            "--directory",
        ])
        .arg(&files);
    let _python = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    let url = listening(port);
    let transport = Transport::new();
    for _ in 0..10 {
        let file = call(
            &transport,
            Method::GET,
            &format!("{url}/file"),
            Body::empty(),
        )
        .await;
        assert_eq!(octets(file).await.len(), 100_000);
    }
    assert_eq!(
        call(
            &transport,
            Method::GET,
            &format!("{url}/nothing"),
            Body::empty()
        )
        .await
        .status(),
        404
    );
}

/// Our client, nginx, our server.
#[tokio::test]
async fn nginx_stands_between_us() {
    let origin = Loopback::new(serve_mux::service()).await;
    let directory = temporary("nginx");
    std::fs::create_dir_all(directory.join("files")).unwrap();
    std::fs::write(directory.join("files/file"), vec![b'x'; 300_000]).unwrap();
    let port = free_port();
    let configuration = configuration(&directory, port, &origin.addr().to_string());
    std::fs::write(directory.join("nginx.conf"), configuration).unwrap();
    let mut command = Command::new("nginx");
    command
        .arg("-p")
        .arg(&directory)
        .args(["-e", "error.log", "-c", "nginx.conf"]);
    let _nginx = Process::start(command.stderr(Stdio::null()));
    let url = listening(port);

    let transport = Transport::new();
    for _ in 0..50 {
        let file = call(
            &transport,
            Method::GET,
            &format!("{url}/files/file"),
            Body::empty(),
        )
        .await;
        assert_eq!(octets(file).await.len(), 300_000);
        let proxied = call(
            &transport,
            Method::GET,
            &format!("{url}/get?a=1"),
            Body::empty(),
        )
        .await;
        assert!(octets(proxied).await.starts_with(b"{"));
    }
    let upload = call(
        &transport,
        Method::PUT,
        &format!("{url}/upload"),
        Body::from(vec![b'x'; 1 << 20]),
    )
    .await;
    assert!(String::from_utf8_lossy(&octets(upload).await).contains("\"octets\": 1048576"));
    let lines = call(
        &transport,
        Method::GET,
        &format!("{url}/stream/20"),
        Body::empty(),
    )
    .await;
    assert_eq!(
        octets(lines)
            .await
            .iter()
            .filter(|octet| **octet == b'\n')
            .count(),
        20
    );
    assert_eq!(
        call(
            &transport,
            Method::GET,
            &format!("{url}/status/304"),
            Body::empty()
        )
        .await
        .status(),
        304
    );
    let dialed: u64 = transport.stats().hosts.iter().map(|host| host.dialed).sum();
    assert_eq!(dialed, 1, "the connection to nginx was kept");
    assert!(
        origin.stats().accepted < 5,
        "nginx kept its connections to us: {:?}",
        origin.stats()
    );
}

fn configuration(directory: &Path, port: u16, origin: &str) -> String {
    let root = directory.display();
    format!(
        "daemon off; master_process off; pid {root}/nginx.pid;
events {{}}
http {{
    access_log off; client_max_body_size 64m; keepalive_requests 100000;
    client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
    upstream origin {{ server {origin}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location /files/ {{ root {root}; }}
        location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ''; }}
    }}
}}
"
    )
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// The URL of a server that is starting, once it has.
fn listening(port: u16) -> String {
    for _ in 0..500 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return format!("http://127.0.0.1:{port}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("nothing listens at port {port}");
}
