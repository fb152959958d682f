//! A second opinion: `wrk`, a load generator that is not ours.
//!
//! It runs for a time, not for a number of requests, and looks at statuses alone.

use std::io;
use std::process::{Command, Stdio};

use indicatif::ProgressBar;

use super::start::Starter;
use super::{Figure, MEASURED_CORE, Quantity, Side};
use crate::process::{Child, Tool, Usage};
use crate::servers::Server;

/// The core of `wrk`.
const LOAD_CORE: usize = 1;

/// Whether `wrk` is installed.
pub(super) fn has_wrk() -> bool {
    let version = Command::new("wrk")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok()
}

/// Rate and CPU of these servers for `GET /` on 64 connections, a second a round, interleaved.
pub(super) fn wrk(
    starter: &Starter,
    servers: &[&'static Server],
    rounds: usize,
    bar: &ProgressBar,
) -> io::Result<Vec<Figure>> {
    let mut contenders = Vec::new();
    for server in servers {
        let child = starter.start(server, Tool::Core(MEASURED_CORE))?;
        contenders.push((server, child, [Vec::new(), Vec::new()]));
    }
    for _ in 0..rounds {
        for (server, child, [rates, cpus]) in &mut contenders {
            bar.set_message(format!("wrk {}", server.name));
            let before = Usage::of_family(child.id())?;
            let (requests, rate) = one_second(child)?;
            let after = Usage::of_family(child.id())?;
            rates.push(rate);
            cpus.push((after.cpu - before.cpu).as_nanos() as f64 / requests);
            bar.inc(1);
        }
    }
    let quantities = [Quantity::WrkRate, Quantity::WrkCpu];
    let figures = contenders.into_iter().flat_map(|(server, _, samples)| {
        quantities
            .into_iter()
            .zip(samples)
            .map(|(quantity, samples)| {
                Figure::of_rounds(Side::Server, server.name, "get-64", quantity, samples)
            })
    });
    Ok(figures.collect())
}

/// How many requests were answered within a second, and how many that is per second.
fn one_second(server: &Child) -> io::Result<(f64, f64)> {
    let output = Command::new("taskset")
        .args(["-c", &LOAD_CORE.to_string()])
        .args(["wrk", "-t1", "-c64", "-d1s"])
        .arg(format!("http://{}/", server.address))
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let wrong = || io::Error::other(format!("wrk: {text}"));
    // It tells of both only when there were any.
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(wrong());
    }
    let number = |line: &str| line.split_whitespace().next()?.parse::<f64>().ok();
    let requests = text.lines().find(|line| line.contains(" requests in "));
    let rate = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    let requests = requests.and_then(number).ok_or_else(wrong)?;
    Ok((requests, rate.and_then(number).ok_or_else(wrong)?))
}
