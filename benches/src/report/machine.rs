//! Where and when a run was made.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// The machine and the day.
#[derive(Debug, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's own name.
    pub processor: String,
    /// How many cores there are.
    pub cores: usize,
    /// Memory in GiB, rounded.
    pub memory: u64,
    /// The operating system and its version.
    pub system: String,
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
            memory: memory(),
            system: system(),
            compiler: compiler(),
            date: said("date", &["+%F"]),
        }
    }

    /// In one line.
    pub fn line(&self) -> String {
        let Machine {
            processor,
            cores,
            memory,
            system,
            compiler,
            date,
        } = self;
        format!("{date}, {cores} cores of {processor}, {memory} GiB, {system}, {compiler}")
    }
}

/// `rustc 1.95.0`, without the commit.
fn compiler() -> String {
    let version = said("rustc", &["--version"]);
    let words: Vec<&str> = version.split(' ').take(2).collect();
    words.join(" ")
}

/// Linux tells in kibioctets.
fn memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kibioctets = number.and_then(|number| number.parse::<u64>().ok());
    kibioctets.map_or(0, |kibioctets| (kibioctets + (1 << 19)) >> 20)
}

/// `Linux 6.18`: what a builder of kernels appends says nothing here.
fn system() -> String {
    let release = said("uname", &["-r"]);
    let numbers: Vec<&str> = release.splitn(3, '.').take(2).collect();
    format!("{} {}", said("uname", &["-s"]), numbers.join("."))
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_default()
}
