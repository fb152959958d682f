//! Programs that a test starts, and ends with it.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

/// A program that serves at an address which it printed.
#[derive(Debug)]
pub struct Serving {
    /// The program.
    pub process: Process,
    /// Where it listens: `127.0.0.1:8080`.
    pub addr: String,
}

impl Process {
    /// Starts a program.
    ///
    /// # Panics
    ///
    /// If it cannot be started: a test that needs a program fails without it.
    pub fn start(command: &mut Command) -> Self {
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Self { child }
    }

    /// The number that the system knows it by.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name: `TERM`, `INT`.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.id().to_string()])
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "kill -s {name}"
        );
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// If it takes longer than `time`.
    pub fn wait(&mut self, time: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child of this process") {
                return status;
            }
            assert!(start.elapsed() < time, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has written to standard error, to its end.
    ///
    /// # Errors
    ///
    /// As reading does.
    pub fn errors(&mut self) -> io::Result<String> {
        let mut text = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            stderr.read_to_string(&mut text)?;
        }
        Ok(text)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Starts a program whose first line on standard output ends in `http://` and its address.
    ///
    /// # Panics
    ///
    /// If it prints no such line.
    pub fn start(command: &mut Command) -> Self {
        let mut process = Process::start(command.stdout(Stdio::piped()));
        let mut line = String::new();
        let stdout = process.child.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a line of text");
        let (_, addr) = line
            .trim()
            .rsplit_once("http://")
            .unwrap_or_else(|| panic!("no address in {line:?}"));
        Self {
            addr: addr.trim_end_matches('/').to_owned(),
            process,
        }
    }

    /// `http://` and its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

/// Runs a program to its end.
///
/// # Panics
///
/// If it cannot be started.
pub fn run<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"))
}
