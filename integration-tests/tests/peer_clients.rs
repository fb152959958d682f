//! Clients of other languages against httpbin, by every router.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use integration_tests::process::{Serving, run};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}

/// Lets a program visit httpbin; it ends well and in silence.
fn visit(program: impl AsRef<Path>, arguments: &[&Path]) {
    for router in ["serve-mux", "engine", "axum"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_httpbin"));
        let httpbin = Serving::start(command.args(["--listen", "127.0.0.1:0", "--router", router]));
        let url = httpbin.url();
        let output = run(
            program.as_ref(),
            arguments.iter().copied().chain([Path::new(&url)]),
        );
        succeeded(&output, router);
    }
}

fn succeeded(output: &Output, what: &str) {
    assert!(
        output.status.success(),
        "{what}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn go_is_served() {
    let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client-go");
    let build = [
        "build".as_ref(),
        "-o".as_ref(),
        binary.as_os_str(),
        script("client.go").as_os_str(),
    ]
    .map(std::ffi::OsStr::to_owned);
    succeeded(&run("go", build), "go build");
    visit(binary, &[]);
}

#[test]
fn node_is_served() {
    visit("node", &[&script("client.js")]);
}

#[test]
fn python_is_served() {
    visit("python3", &[&script("client.py")]);
}
