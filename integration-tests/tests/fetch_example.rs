//! The example `fetch`, as a program, against httpbin.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use integration_tests::process::{Serving, run};
use serde_json::{Value, json};

fn httpbin() -> Serving {
    Serving::start(Command::new(env!("CARGO_BIN_EXE_httpbin")).args(["--listen", "127.0.0.1:0"]))
}

/// Cargo names the path of binaries, and not that of examples.
fn fetch() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples/fetch");
    assert!(
        path.exists(),
        "build it first: cargo build -p integration-tests --example fetch"
    );
    path
}

fn call(arguments: &[&str]) -> Output {
    run(fetch(), arguments)
}

fn text(arguments: &[&str]) -> String {
    let output = call(arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&text(arguments)).unwrap()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The exit code, and the one line on standard error.
fn failure(arguments: &[&str]) -> (i32, String) {
    let output = call(arguments);
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{arguments:?}: {line}");
    assert!(
        line.starts_with("fetch: ") && output.stdout.is_empty(),
        "{arguments:?}: {line}"
    );
    (output.status.code().unwrap(), line)
}

#[test]
fn requests_are_what_the_flags_say() {
    let httpbin = httpbin();
    let url = |path: &str| format!("{}{path}", httpbin.url());
    assert_eq!(document(&[&url("/get?a=1")])["args"], json!({"a": "1"}));
    assert_eq!(
        document(&[&format!("{}/get", httpbin.addr)])["url"],
        url("/get")
    );
    assert_eq!(
        document(&["-d", "a=1", "-d", "b=2", &url("/post")])["form"],
        json!({"a": "1", "b": "2"})
    );
    assert_eq!(
        document(&[
            "-X",
            "PUT",
            "-d",
            "x",
            "-H",
            "Content-Type: text/plain",
            &url("/anything")
        ])["method"],
        "PUT"
    );
    assert_eq!(
        document(&["-H", "X-Custom: yes", &url("/headers")])["headers"]["X-Custom"],
        "yes"
    );
    assert_eq!(
        document(&["-H", "Host: elsewhere:81", &url("/headers")])["headers"]["Host"],
        "elsewhere:81"
    );
    let path = file("fetch-data");
    std::fs::write(&path, "from=file").unwrap();
    let data = format!("@{}", path.display());
    assert_eq!(
        document(&["-d", &data, &url("/post")])["form"],
        json!({"from": "file"})
    );
}

#[test]
fn data_comes_from_standard_input_too() {
    let httpbin = httpbin();
    let mut command = Command::new(fetch());
    command.args(["-d", "@-", &format!("{}/post", httpbin.url())]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"in=put").unwrap();
    let output = child.wait_with_output().unwrap();
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["form"], json!({"in": "put"}));
}

#[test]
fn the_head_is_shown_on_request() {
    let httpbin = httpbin();
    let included = text(&["-i", &format!("{}/robots.txt", httpbin.url())]);
    assert!(included.starts_with("HTTP/1.1 200 OK\r\n"), "{included}");
    assert!(
        included.ends_with("\r\n\r\nUser-agent: *\nDisallow: /deny\n"),
        "{included}"
    );
    let head = text(&["-I", &format!("{}/bytes/100", httpbin.url())]);
    assert!(
        head.contains("content-length: 100\r\n") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
}

#[test]
fn redirects_are_followed_only_when_told() {
    let httpbin = httpbin();
    let url = format!("{}/redirect/3", httpbin.url());
    assert!(text(&["-i", &url]).starts_with("HTTP/1.1 302 Found\r\n"));
    assert_eq!(
        document(&["-L", &url])["url"],
        format!("{}/get", httpbin.url())
    );
    let (code, line) = failure(&["-L", &format!("{}/redirect/11", httpbin.url())]);
    assert!(code == 1 && line.contains("redirect"), "{line}");
}

#[test]
fn a_file_takes_the_content_whole() {
    let httpbin = httpbin();
    let path = file("fetch-output");
    let out = path.to_str().unwrap();
    assert_eq!(
        text(&["-o", out, &format!("{}/bytes/100000", httpbin.url())]),
        ""
    );
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 100_000);
    assert_eq!(
        text(&["-o", out, &format!("{}/stream-bytes/50000", httpbin.url())]),
        ""
    );
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 50_000);
}

#[test]
fn exit_codes_tell_usage_transport_and_status_apart() {
    let httpbin = httpbin();
    let url = |path: &str| format!("{}{path}", httpbin.url());
    for arguments in [
        vec![],
        vec!["--frob", "x"],
        vec!["http://"],
        vec!["-H", "no colon", "http://x"],
        vec!["-H", "Host: a b", "http://x"],
        vec!["ftp://x/"],
    ] {
        assert_eq!(failure(&arguments).0, 2, "{arguments:?}");
    }
    // A port that was free a moment ago.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(failure(&[&format!("http://{closed}/")]).0, 1);
    let (code, line) = failure(&["--max-time", "0.2", &url("/delay/5")]);
    assert!(code == 1 && line.contains("time"), "{line}");
    let unlimited = document(&["--max-time", "0", &url("/get?a=1")]);
    assert_eq!(unlimited["args"], json!({"a": "1"}));
    let nowhere = "/nowhere/at/all";
    let (code, line) = failure(&["-o", nowhere, &url("/get")]);
    assert!(code == 2 && line.contains(nowhere), "{line}");
    assert_eq!(failure(&["--fail", &url("/status/404")]).0, 22);
    assert_eq!(call(&[&url("/status/404")]).status.code(), Some(0));
    assert_eq!(
        call(&["--fail", &url("/status/204")]).status.code(),
        Some(0)
    );
}

#[test]
fn a_reader_that_goes_away_ends_it_in_one_line() {
    let httpbin = httpbin();
    let mut command = Command::new(fetch());
    // More than any pipe holds.
    command.arg(format!(
        "{}/drip?numbytes=2000000&duration=0.2",
        httpbin.url()
    ));
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), line.lines().count()),
        (Some(1), 1),
        "{line}"
    );
    assert!(line.starts_with("fetch: cannot write"), "{line}");
}

#[test]
fn an_answer_that_breaks_off_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .unwrap();
    });
    let output = call(&[&url]);
    assert_eq!(
        (output.status.code(), output.stdout.as_slice()),
        (Some(1), &b"half"[..])
    );
}

/// RFC 9112 section 3.2.2: a proxy is asked with the whole URL.
#[test]
fn a_proxy_is_asked_by_the_absolute_form() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut octets = [0; 4096];
        let count = stream.read(&mut octets).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .unwrap();
        String::from_utf8_lossy(&octets[..count]).into_owned()
    });
    assert_eq!(
        text(&["--http-proxy", &proxy, "http://example.invalid/path"]),
        "ok"
    );
    let request = asked.join().unwrap();
    assert!(
        request.starts_with("GET http://example.invalid/path HTTP/1.1\r\n"),
        "{request}"
    );
}
