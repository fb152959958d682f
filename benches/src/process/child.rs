//! The parent's side: start, ask, stop.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::callgrind::log_of;
use super::strace;

/// What a child runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Nothing, on this core alone.
    Core(usize),
    /// Valgrind's callgrind, which counts user instructions.
    Callgrind,
    /// strace, which counts system calls.
    Strace,
}

/// A running child; killed when dropped.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    input: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
    /// Where it listens.
    pub address: SocketAddr,
    speaks: bool,
}

impl Child {
    /// Starts this binary again with these arguments; it must print its address.
    pub fn again(tool: Tool, arguments: &[&str]) -> io::Result<Child> {
        Child::speaking(tool, &std::env::current_exe()?, arguments)
    }

    /// Starts a program that speaks the three lines.
    pub fn speaking(tool: Tool, program: &Path, arguments: &[&str]) -> io::Result<Child> {
        let mut process = command(tool, program, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take();
        let mut output = process.stdout.take().map(BufReader::new);
        let mut line = String::new();
        if let Some(output) = &mut output {
            output.read_line(&mut line)?;
        }
        let address = line.trim().parse().map_err(|_| {
            io::Error::other(format!("{} {arguments:?} said {line:?}", program.display()))
        })?;
        Ok(Child {
            process,
            input,
            output,
            address,
            speaks: true,
        })
    }

    /// Starts a program that says nothing, and waits until its port answers.
    pub fn silent(
        tool: Tool,
        program: &Path,
        arguments: &[&str],
        address: SocketAddr,
    ) -> io::Result<Child> {
        let process = command(tool, program, arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let child = Child {
            process,
            input: None,
            output: None,
            address,
            speaks: false,
        };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if start.elapsed() > Duration::from_secs(5) {
                return Err(io::Error::other("the server does not answer"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(child)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How often it has asked for memory; `None` when it cannot tell.
    pub fn allocations(&mut self) -> io::Result<Option<u64>> {
        if !self.speaks {
            return Ok(None);
        }
        let (Some(input), Some(output)) = (&mut self.input, &mut self.output) else {
            return Ok(None);
        };
        input.write_all(b"allocations\n")?;
        let mut line = String::new();
        output.read_line(&mut line)?;
        Ok(line.trim().parse().ok())
    }

    /// Ends its input, waits for it, and returns what it printed since.
    pub fn finish(&mut self) -> io::Result<String> {
        self.input = None;
        let mut rest = String::new();
        if let Some(output) = &mut self.output {
            output.read_to_string(&mut rest)?;
        }
        if !self.speaks {
            self.stop()?;
        }
        self.process.wait()?;
        Ok(rest)
    }

    fn stop(&self) -> io::Result<()> {
        let id = i32::try_from(self.process.id()).map_err(io::Error::other)?;
        kill(Pid::from_raw(id), Signal::SIGTERM).map_err(io::Error::other)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            // A server with workers of its own must be allowed to end them.
            let _ = if self.speaks {
                self.process.kill()
            } else {
                self.stop()
            };
            let _ = self.process.wait();
        }
    }
}

/// The command line, with what comes before it.
fn command(tool: Tool, program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("taskset");
    match tool {
        Tool::Core(core) => command.args(["-c", &core.to_string()]),
        Tool::Strace => {
            command.args(["-c", "0", "strace", "-f", "-c", "-o"]);
            command.arg(strace::log())
        }
        Tool::Callgrind => {
            command.args(["-c", "0", "valgrind", "--tool=callgrind"]);
            command.arg(format!("--log-file={}", log_of("%p").display()));
            // `VALGRIND_OPTS=--callgrind-out-file=..` keeps the profiles.
            match std::env::var_os("VALGRIND_OPTS") {
                Some(_) => &mut command,
                None => command.arg("--callgrind-out-file=/dev/null"),
            }
        }
    };
    command.arg(program);
    command.args(arguments);
    command
}
