//! httpbin as a program: what it prints, how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use integration_tests::process::{Serving, run};

const HTTPBIN: &str = env!("CARGO_BIN_EXE_httpbin");
const SOON: Duration = Duration::from_secs(30);

fn start(arguments: &[&str]) -> Serving {
    Serving::start(
        Command::new(HTTPBIN)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stderr(Stdio::piped()),
    )
}

fn get(addr: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: t\r\n\r\n").unwrap();
    stream
}

#[test]
fn every_router_serves_and_a_signal_ends_it_with_zero() {
    for (router, signal) in [("serve-mux", "INT"), ("axum", "TERM"), ("engine", "TERM")] {
        let mut httpbin = start(&["--router", router]);
        let mut stream = get(&httpbin.addr, "/get");
        let mut start = [0; 15];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 OK");
        httpbin.process.signal(signal);
        assert_eq!(httpbin.process.wait(SOON).code(), Some(0), "{router}");
    }
}

/// A request under way: its head was sent, and its content, of one octet, is awaited.
fn begin(addr: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).unwrap();
    let fields = "host: t\r\nexpect: 100-continue\r\ncontent-length: 1\r\n";
    write!(stream, "POST {path} HTTP/1.1\r\n{fields}\r\n").unwrap();
    let mut invitation = [0; 25];
    stream.read_exact(&mut invitation).unwrap();
    assert_eq!(&invitation, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// Waits until nobody listens any more: the shutdown has begun.
fn await_shutdown(addr: &str) {
    let start = Instant::now();
    while TcpStream::connect(addr).is_ok() {
        assert!(start.elapsed() < SOON, "it still listens");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn requests_under_way_are_finished() {
    for (router, signal) in [("serve-mux", "TERM"), ("engine", "INT"), ("axum", "TERM")] {
        let mut httpbin = start(&["--router", router]);
        let mut stream = begin(&httpbin.addr, "/delay/0.1");
        httpbin.process.signal(signal);
        await_shutdown(&httpbin.addr);
        stream.write_all(b"x").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.contains("connection: close"),
            "{router}: {answer}"
        );
        assert!(answer.trim_end().ends_with('}'), "{router}: {answer}");
        assert_eq!(httpbin.process.wait(SOON).code(), Some(0), "{router}");
    }
}

#[test]
fn a_second_signal_does_not_wait() {
    let mut httpbin = start(&[]);
    let _stream = begin(&httpbin.addr, "/post");
    httpbin.process.signal("INT");
    await_shutdown(&httpbin.addr);
    let start = Instant::now();
    httpbin.process.signal("INT");
    assert_eq!(httpbin.process.wait(SOON).code(), Some(0));
    // It would wait for ten seconds, less what has passed.
    assert!(start.elapsed() < Duration::from_secs(8));
}

#[test]
fn mistakes_are_told_in_one_line() {
    let running = start(&[]);
    let cases = [
        (vec!["--listen", running.addr.as_str()], 1, "in use"),
        (vec!["--listen", "nowhere"], 1, "nowhere"),
        (vec!["--router", "rails"], 2, "rails"),
        (vec!["--fast"], 2, "--fast"),
    ];
    for (arguments, code, word) in cases {
        let output = run(HTTPBIN, &arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), errors.lines().count()),
            (Some(code), 1),
            "{arguments:?}: {errors}"
        );
        assert!(
            errors.starts_with("httpbin: ") && errors.contains(word),
            "{errors}"
        );
    }
}
