//! What a process has used so far.

use std::fs;
use std::io;
use std::time::Duration;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};

/// CPU time of a process, all its threads together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time on a core, user and system together.
    pub cpu: Duration,
}

impl Usage {
    /// Of another process, from the scheduler's own account in nanoseconds.
    pub fn of(process: u32) -> io::Result<Usage> {
        let mut nanoseconds = 0;
        for task in fs::read_dir(format!("/proc/{process}/task"))? {
            let account = fs::read_to_string(task?.path().join("schedstat"))?;
            let first = account.split(' ').next().unwrap_or("0");
            nanoseconds += first.parse::<u64>().map_err(io::Error::other)?;
        }
        Ok(Usage {
            cpu: Duration::from_nanos(nanoseconds),
        })
    }

    /// Summed over a process and its children (nginx: the master does nothing, its worker serves).
    pub fn of_family(process: u32) -> io::Result<Usage> {
        let mut cpu = Usage::of(process)?.cpu;
        for child in children(process)? {
            cpu += Usage::of(child)?.cpu;
        }
        Ok(Usage { cpu })
    }
}

/// CPU time of this process, user and system.
pub fn of_this_process() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let time = |time: nix::sys::time::TimeVal| {
        Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000)
    };
    Ok(time(usage.user_time()) + time(usage.system_time()))
}

/// Resident memory of a process and its children, in octets.
pub fn resident(process: u32) -> io::Result<u64> {
    let mut octets = 0;
    for process in children(process)?.into_iter().chain([process]) {
        let status = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("Rss:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        octets += 1024
            * number
                .and_then(|number| number.parse::<u64>().ok())
                .unwrap_or(0);
    }
    Ok(octets)
}

/// The direct children of a process.
fn children(process: u32) -> io::Result<Vec<u32>> {
    let list = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    Ok(list
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect())
}

/// Allows this process, and its children, as many open files as the system lets it have.
pub fn open_many_files() -> io::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}

/// Keeps this process on one core, so that the load and what it measures do not share one.
#[cfg(target_os = "linux")]
pub fn stay_on(core: usize) -> io::Result<()> {
    let mut cores = nix::sched::CpuSet::new();
    cores.set(core)?;
    nix::sched::sched_setaffinity(nix::unistd::Pid::from_raw(0), &cores)?;
    Ok(())
}

/// Elsewhere the scheduler decides.
#[cfg(not(target_os = "linux"))]
pub fn stay_on(_: usize) -> io::Result<()> {
    Ok(())
}
