//! What callgrind counted.

use std::io;
use std::path::PathBuf;

use super::child::Child;

/// Ends a child that runs under callgrind, and tells how many user instructions it took in all.
pub fn collected(mut child: Child) -> io::Result<u64> {
    child.finish()?;
    let file = log_of(&child.id().to_string());
    let log = std::fs::read_to_string(&file)?;
    std::fs::remove_file(file)?;
    let line = log.lines().find_map(|line| line.split_once("Collected :"));
    let number = line.and_then(|(_, number)| number.trim().parse().ok());
    number.ok_or_else(|| io::Error::other(format!("callgrind counted nothing: {log}")))
}

/// Where callgrind writes what it collected for this process id.
pub(super) fn log_of(id: &str) -> PathBuf {
    std::env::temp_dir().join(format!("compare-callgrind-{id}.log"))
}
