//! Servers that are not ours to compile: written to a temporary directory, run where installed.

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::app;
use crate::process::{Child, Tool};

/// A program of another world, ready to be started.
#[derive(Debug)]
pub enum Foreign {
    /// Speaks the three lines.
    Speaking(PathBuf),
    /// nginx and the directory of its configuration.
    Nginx(PathBuf),
}

/// Builds the Go server; `None` when there is no Go.
pub fn go() -> io::Result<Option<Foreign>> {
    let directory = directory("go")?;
    std::fs::write(directory.join("main.go"), include_str!("go.go"))?;
    // No `go` line would mean the oldest language; the patterns of the mux want 1.22.
    std::fs::write(directory.join("go.mod"), "module floor\n\ngo 1.22\n")?;
    let program = directory.join("server");
    let built = Command::new("go")
        .current_dir(&directory)
        .env("GOTOOLCHAIN", "local")
        .args(["build", "-o"])
        .arg(&program)
        .stderr(Stdio::null())
        .status();
    Ok(built
        .is_ok_and(|status| status.success())
        .then_some(Foreign::Speaking(program)))
}

/// Prepares nginx; `None` when it is not installed.
pub fn nginx() -> io::Result<Option<Foreign>> {
    let version = Command::new("nginx")
        .arg("-v")
        .stderr(Stdio::null())
        .status();
    if version.is_err() {
        return Ok(None);
    }
    let directory = directory("nginx")?;
    let files = directory.join("files");
    std::fs::create_dir_all(&files)?;
    for name in ["1k", "64k", "1m"] {
        std::fs::write(files.join(name), app::octets(name).unwrap_or_default())?;
    }
    Ok(Some(Foreign::Nginx(directory)))
}

impl Foreign {
    /// Starts it on this core.
    pub fn start(&self, tool: Tool) -> io::Result<Child> {
        match self {
            Foreign::Speaking(program) => Child::speaking(tool, program, &[]),
            Foreign::Nginx(directory) => start_nginx(directory, tool),
        }
    }
}

fn start_nginx(directory: &Path, tool: Tool) -> io::Result<Child> {
    // Freed at once: nobody else on this machine picks the port in between but by bad luck.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let place = directory.display().to_string();
    let text = include_str!("nginx.conf")
        .replace("DIR", &place)
        .replace("PORT", &address.port().to_string());
    let file = directory.join(format!("{}.conf", address.port()));
    std::fs::write(&file, text)?;
    let file = file.display().to_string();
    Child::silent(
        tool,
        Path::new("nginx"),
        &["-c", &file, "-p", &place],
        address,
    )
}

fn directory(name: &str) -> io::Result<PathBuf> {
    let directory = std::env::temp_dir().join(format!("compare-{name}"));
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}
