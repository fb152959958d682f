//! `fetch` where somebody watches: on a terminal, which the program `script` makes.

#![cfg(all(feature = "peers", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use integration_tests::process::{Serving, run};

/// Runs `fetch -o FILE URL` on a terminal; what it showed there, and what it saved.
fn watch(url: &str, name: &str) -> (String, usize) {
    let tests = std::env::current_exe().unwrap();
    let built = tests.parent().and_then(Path::parent).unwrap();
    let fetch = built.join("examples/fetch");
    assert!(
        fetch.exists(),
        "build it first: cargo build -p integration-tests --example fetch"
    );
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let command = format!("'{}' -o '{}' '{url}'", fetch.display(), file.display());
    let output = run("script", ["-qec", &command, "/dev/null"]);
    assert_eq!(output.status.code(), Some(0), "{command}");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    (shown, std::fs::read(&file).unwrap().len())
}

#[test]
fn a_bar_shows_how_far_it_has_come() {
    let httpbin = Serving::start(
        Command::new(env!("CARGO_BIN_EXE_httpbin")).args(["--listen", "127.0.0.1:0"]),
    );
    let known = format!("{}/drip?numbytes=102400&duration=1", httpbin.url());
    let (shown, saved) = watch(&known, "watched-known");
    assert_eq!(saved, 102_400);
    assert!(shown.contains(" of 100.00 KiB"), "{shown}");

    let unknown = format!("{}/stream-bytes/102400", httpbin.url());
    let (shown, saved) = watch(&unknown, "watched-unknown");
    assert_eq!(saved, 102_400);
    assert!(shown.contains("B/s") && !shown.contains(" of "), "{shown}");
}
