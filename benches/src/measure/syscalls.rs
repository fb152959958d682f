//! System calls per request, by strace.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::start::Starter;
use super::{Figure, MEASURED_CORE, Quantity, Side};
use crate::load::{Generator, Workload};
use crate::process::{Child, Tool, strace};
use crate::servers::{Kind, Server};

/// Counts every system call of one server under one load.
pub(super) async fn syscalls(
    starter: &Starter,
    server: &'static Server,
    workload: &Workload,
    requests: usize,
) -> io::Result<Figure> {
    let child = starter.start(server, Tool::Core(MEASURED_CORE))?;
    let mut generator = Generator::open(child.address, *workload).await?;
    generator.round(requests / 10).await?;
    let log = strace::log();
    let processes = traced(&child, server)?;
    let mut tracer = Command::new("strace")
        .args(["-f", "-c", "-o"])
        .arg(&log)
        .args(processes.iter().map(|id| format!("-p{id}")))
        .stderr(Stdio::null())
        .spawn()?;
    attached(&processes).await?;
    let round = generator.round(requests).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let id = i32::try_from(tracer.id()).map_err(io::Error::other)?;
    kill(Pid::from_raw(id), Signal::SIGINT).map_err(io::Error::other)?;
    tracer.wait()?;
    let calls = strace::calls(&std::fs::read_to_string(&log)?);
    std::fs::remove_file(log)?;
    let each = calls as f64 / round.requests as f64;
    Ok(Figure::counted(
        Side::Server,
        server.name,
        workload.name,
        Quantity::SystemCalls,
        each,
    ))
}

/// The processes to follow: nginx serves from its worker.
fn traced(child: &Child, server: &Server) -> io::Result<Vec<u32>> {
    let id = child.id();
    let list = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    let mut traced: Vec<u32> = list
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect();
    if server.kind == Kind::Own || traced.is_empty() {
        traced.push(id);
    }
    Ok(traced)
}

/// Waits until every thread of these processes has its tracer, which says nothing itself.
async fn attached(processes: &[u32]) -> io::Result<()> {
    for _ in 0..500 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let mut all = true;
        for process in processes {
            for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
                let status = std::fs::read_to_string(task?.path().join("status"))?;
                all &= !status.lines().any(|line| line == "TracerPid:\t0");
            }
        }
        if all {
            return Ok(());
        }
    }
    Err(io::Error::other("strace does not attach"))
}
