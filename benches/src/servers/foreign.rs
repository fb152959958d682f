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

/// Builds the Go program; `None` when there is no Go that can.
pub fn go() -> io::Result<Option<Foreign>> {
    let Some(version) = go_version() else {
        return Ok(None);
    };
    let directory = directory("go")?;
    std::fs::write(directory.join("main.go"), include_str!("go.go"))?;
    // The newest language there is: an older one would switch the library's behaviour back, too.
    std::fs::write(
        directory.join("go.mod"),
        format!("module floor\n\ngo {version}\n"),
    )?;
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

/// The language of the installed Go: `1.22` of `go1.22.3`.
fn go_version() -> Option<String> {
    let output = Command::new("go").args(["env", "GOVERSION"]).output();
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    let mut numbers = text.trim().strip_prefix("go")?.split('.');
    Some(format!("{}.{}", numbers.next()?, numbers.next()?))
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
    /// Starts it as a server.
    pub fn serve(&self, tool: Tool) -> io::Result<Child> {
        match self {
            Foreign::Speaking(program) => Child::speaking(tool, program, &[]),
            Foreign::Nginx(directory) => start_nginx(directory, tool),
        }
    }

    /// Starts it as a client with these arguments.
    pub fn call(&self, tool: Tool, arguments: &[&str]) -> io::Result<Child> {
        match self {
            Foreign::Speaking(program) => Child::speaking(tool, program, arguments),
            Foreign::Nginx(_) => Err(io::Error::other("nginx calls nobody")),
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
