//! What strace counted.

use std::io;
use std::path::PathBuf;

use super::child::Child;

/// Ends a child that runs under strace, and tells how many system calls it made in all.
pub fn traced(mut child: Child) -> io::Result<u64> {
    child.finish()?;
    let summary = std::fs::read_to_string(log())?;
    std::fs::remove_file(log())?;
    Ok(calls(&summary))
}

/// The fourth column of the summary's last line.
pub fn calls(summary: &str) -> u64 {
    let total = summary
        .lines()
        .find(|line| line.trim_end().ends_with("total"));
    let number = total.and_then(|line| line.split_whitespace().nth(3));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Where strace writes its summary; this process runs one at a time.
pub fn log() -> PathBuf {
    std::env::temp_dir().join(format!("compare-strace-{}.log", std::process::id()))
}
