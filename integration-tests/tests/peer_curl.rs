//! curl against httpbin, by every router.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;

use integration_tests::process::{Serving, run};
use serde_json::{Value, json};

const ROUTERS: [&str; 3] = ["serve-mux", "engine", "axum"];

fn httpbin(router: &str) -> Serving {
    let arguments = ["--listen", "127.0.0.1:0", "--router", router];
    Serving::start(Command::new(env!("CARGO_BIN_EXE_httpbin")).args(arguments))
}

/// What curl prints; it must succeed.
fn curl(url: &str, arguments: &[&str]) -> Vec<u8> {
    let always = ["--silent", "--show-error", "--max-time", "20"];
    let output = run("curl", always.iter().chain(arguments).chain([&url]));
    assert!(
        output.status.success(),
        "{url}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn text(url: &str, arguments: &[&str]) -> String {
    String::from_utf8(curl(url, arguments)).unwrap()
}

fn document(url: &str, arguments: &[&str]) -> Value {
    serde_json::from_slice(&curl(url, arguments)).unwrap()
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn the_usual_calls_are_right() {
    for router in ROUTERS {
        let httpbin = httpbin(router);
        let url = |path: &str| format!("{}{path}", httpbin.url());
        assert_eq!(
            document(&url("/get?a=1"), &[])["args"],
            json!({"a": "1"}),
            "{router}"
        );
        assert_eq!(
            document(&url("/post"), &["-d", "a=1", "-d", "b=x y"])["form"],
            json!({"a": "1", "b": "x y"}),
            "{router}"
        );
        assert_eq!(
            document(&url("/gzip"), &["--compressed"])["gzipped"],
            true,
            "{router}"
        );
        assert_eq!(
            document(&url("/deflate"), &["--compressed"])["deflated"],
            true,
            "{router}"
        );
        assert_eq!(
            document(&url("/redirect/5"), &["-L"])["url"],
            url("/get"),
            "{router}"
        );
        assert_eq!(
            text(&url("/stream/20"), &[]).lines().count(),
            20,
            "{router}"
        );
        assert_eq!(
            text(&url("/range/1024"), &["-r", "26-51"]),
            "abcdefghijklmnopqrstuvwxyz",
            "{router}"
        );
        assert_eq!(
            text(
                &url("/status/404"),
                &["-o", "/dev/null", "-w", "%{http_code}"]
            ),
            "404",
            "{router}"
        );
        assert!(
            text(&url("/get"), &["--head"]).starts_with("HTTP/1.1 200 OK\r\n"),
            "{router}"
        );
        assert!(
            text(&url("/get"), &["--http1.0", "-i"]).starts_with("HTTP/1.1 200 OK\r\n"),
            "{router}"
        );
        assert!(
            text(&url("/trailers?x-sum=5"), &["-i", "-H", "TE: trailers"]).contains("x-sum: 5"),
            "{router}"
        );
    }
}

#[test]
fn files_come_back_whole() {
    let large = file("large", &b"0123456789abcdef".repeat(1 << 20));
    let small = file("small", b"small");
    for router in ROUTERS {
        let httpbin = httpbin(router);
        let url = |path: &str| format!("{}{path}", httpbin.url());
        let large = large.to_str().unwrap();
        let shown = document(&url("/put"), &["-T", large]);
        assert_eq!(
            shown["data"].as_str().map(str::len),
            Some(16 << 20),
            "{router}"
        );
        let chunked = document(
            &url("/upload"),
            &["-T", large, "-H", "Transfer-Encoding: chunked"],
        );
        assert_eq!(chunked["octets"], 16 << 20, "{router}");
        let form = document(
            &url("/post"),
            &[
                "-F",
                "name=value",
                "-F",
                &format!("file=@{}", small.display()),
            ],
        );
        assert_eq!(
            (&form["form"], &form["files"]),
            (&json!({"name": "value"}), &json!({"file": "small"})),
            "{router}"
        );
    }
}

#[test]
fn credentials_are_understood() {
    for router in ROUTERS {
        let httpbin = httpbin(router);
        for (path, scheme) in [
            ("/basic-auth/u/p", "--basic"),
            ("/digest-auth/auth/u/p", "--digest"),
            ("/digest-auth/auth/u/p/SHA-256", "--digest"),
        ] {
            let url = format!("{}{path}", httpbin.url());
            assert_eq!(
                document(&url, &[scheme, "-u", "u:p"])["authenticated"],
                true,
                "{path} at {router}"
            );
            let refused = text(
                &url,
                &[
                    scheme,
                    "-u",
                    "u:wrong",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code}",
                ],
            );
            assert_eq!(refused, "401", "{path} at {router}");
        }
    }
}

#[test]
fn an_upload_beyond_what_is_echoed_is_413() {
    let huge = file("huge", &vec![b'x'; (64 << 20) + 1]);
    let httpbin = httpbin("serve-mux");
    let arguments = [
        "-T",
        huge.to_str().unwrap(),
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
    ];
    assert_eq!(text(&format!("{}/put", httpbin.url()), &arguments), "413");
    assert_eq!(
        document(&format!("{}/upload", httpbin.url()), &arguments[..2])["octets"],
        (64 << 20) + 1
    );
}

#[test]
fn one_connection_serves_many_calls() {
    let httpbin = httpbin("serve-mux");
    let url = format!("{}/bytes/[1-100]", httpbin.url());
    let connects = text(&url, &["-o", "/dev/null", "-w", "%{num_connects}\n"]);
    assert_eq!(connects.lines().filter(|line| *line == "1").count(), 1);
    assert_eq!(connects.lines().count(), 100);
}
