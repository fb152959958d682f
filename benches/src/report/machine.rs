//! Where and when a run was made.

use std::fs;
use std::process::Command;

use serde::Serialize;

/// The machine and the day.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// The processor's own name.
    pub processor: String,
    /// How many cores there are.
    pub cores: usize,
    /// The kernel's release.
    pub kernel: String,
    /// The compiler.
    pub compiler: String,
    /// The day, as `YYYY-MM-DD`.
    pub date: String,
}

impl Machine {
    /// This machine, now. What cannot be found out is empty.
    pub fn here() -> Machine {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processor
            .lines()
            .find(|line| line.starts_with("model name"));
        let processor = processor
            .and_then(|line| line.split_once(": "))
            .map_or("", |(_, name)| name);
        Machine {
            processor: processor.to_owned(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: said("uname", &["-sr"]),
            compiler: said("rustc", &["--version"]),
            date: said("date", &["+%F"]),
        }
    }

    /// In one line.
    pub fn line(&self) -> String {
        let Machine {
            processor,
            cores,
            kernel,
            compiler,
            date,
        } = self;
        format!("{date}, {processor}, {cores} cores, {kernel}, {compiler}")
    }
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_default()
}
