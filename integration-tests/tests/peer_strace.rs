//! System calls of the server, counted by strace: exact on a noisy machine.

#![cfg(all(feature = "peers", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use integration_tests::process::{Process, Serving};

const ATTACHED: Duration = Duration::from_secs(20);
const ANSWERED: Duration = Duration::from_millis(300);

/// Calls that carry octets, and all others, of one thread or all.
#[derive(Debug, Default)]
struct Calls {
    reads: u64,
    writes: u64,
    waits: u64,
    others: u64,
}

/// Traces httpbin while `work` runs against it.
fn traced(name: &str, work: impl FnOnce(&str)) -> Calls {
    let httpbin = Serving::start(
        Command::new(env!("CARGO_BIN_EXE_httpbin")).args(["--listen", "127.0.0.1:0"]),
    );
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut strace = Process::start(
        Command::new("strace")
            .args([
                "-f",
                "-qq",
                "-o",
                file.to_str().unwrap(),
                "-p",
                &httpbin.process.id().to_string(),
            ])
            .stderr(Stdio::null()),
    );
    let start = Instant::now();
    while !is_traced(httpbin.process.id()) {
        assert!(start.elapsed() < ATTACHED, "strace does not attach");
        std::thread::sleep(Duration::from_millis(20));
    }
    work(&httpbin.addr);
    std::thread::sleep(ANSWERED);
    strace.signal("INT");
    strace.wait(Duration::from_secs(10));
    count(&std::fs::read_to_string(&file).unwrap())
}

/// Whether every thread of a process has its tracer.
fn is_traced(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.flatten().all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("status"));
        status.is_ok_and(|status| !status.contains("TracerPid:\t0\n"))
    })
}

fn count(trace: &str) -> Calls {
    let mut calls = Calls::default();
    for line in trace.lines() {
        let call = line
            .split_once(' ')
            .map_or("", |(_, call)| call.trim_start());
        match call.split('(').next().unwrap_or_default() {
            "read" | "readv" | "recvfrom" | "recvmsg" => calls.reads += 1,
            "write" | "writev" | "sendto" | "sendmsg" => calls.writes += 1,
            "epoll_wait" | "epoll_pwait" | "epoll_pwait2" => calls.waits += 1,
            // The threads' own business.
            "futex" | "sched_yield" => {}
            // The second half of a call that another thread interrupted, the end of a thread, a signal.
            name if name.starts_with(['<', '+', '-']) => {}
            _ => calls.others += 1,
        }
    }
    calls
}

fn read_answers(stream: &mut TcpStream, count: usize) {
    let mut seen = Vec::new();
    let mut buffer = [0; 64 * 1024];
    while seen
        .windows(15)
        .filter(|octets| octets == b"HTTP/1.1 200 OK")
        .count()
        < count
        || !seen.ends_with(b"}\n")
    {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..read]);
    }
}

#[test]
fn a_keep_alive_get_is_one_read_and_one_write() {
    const REQUESTS: u64 = 500;
    let calls = traced("strace-get", |addr| {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_nodelay(true).unwrap();
        for _ in 0..REQUESTS {
            stream
                .write_all(b"GET /ip HTTP/1.1\r\nhost: t\r\n\r\n")
                .unwrap();
            read_answers(&mut stream, 1);
        }
    });
    // A handful for the connection itself, and for waking the runtime.
    let slack = REQUESTS / 20 + 20;
    assert!(calls.reads >= REQUESTS, "strace did not attach: {calls:?}");
    assert!(calls.reads <= REQUESTS + slack, "{calls:?}");
    assert!(calls.writes <= REQUESTS + slack, "{calls:?}");
    assert!(calls.waits <= 2 * REQUESTS + slack, "{calls:?}");
    assert!(calls.others <= slack, "{calls:?}");
}

#[test]
fn sixteen_pipelined_requests_share_their_calls() {
    const TURNS: u64 = 200;
    let calls = traced("strace-pipelined", |addr| {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_nodelay(true).unwrap();
        let requests = "GET /ip HTTP/1.1\r\nhost: t\r\n\r\n".repeat(16);
        for _ in 0..TURNS {
            stream.write_all(requests.as_bytes()).unwrap();
            read_answers(&mut stream, 16);
        }
    });
    let all = calls.reads + calls.writes + calls.others;
    assert!(calls.reads >= TURNS, "strace did not attach: {calls:?}");
    let bound = TURNS * 16 * 15 / 100 + 40;
    assert!(all <= bound, "{calls:?}: {all} for {} requests", TURNS * 16);
}
