//! The clients: each calls the floor server from a process of its own.

use std::io;

use indicatif::ProgressBar;

use super::start::Starter;
use super::{Figure, MEASURED_CORE, Quantity, Side};
use crate::clients::Client;
use crate::load::Workload;
use crate::process::{Child, Tool, collected, strace};

/// The core of the server that the clients call.
const SERVER_CORE: usize = 1;

/// Requests per CPU second (as nanoseconds a request) and allocations, in interleaved rounds.
pub(super) fn client_rounds(
    starter: &Starter,
    clients: &[&'static Client],
    load: &Workload,
    requests: usize,
    rounds: usize,
    bar: &ProgressBar,
) -> io::Result<Vec<Figure>> {
    let server = Child::again(Tool::Core(SERVER_CORE), &["serve", "floor"])?;
    let mut samples = vec![[Vec::new(), Vec::new(), Vec::new()]; clients.len()];
    for round in 0..rounds {
        // The order turns, so that nobody always runs after the same neighbour.
        for turn in 0..clients.len() {
            let at = (round + turn) % clients.len();
            let (client, samples) = (clients[at], &mut samples[at]);
            bar.set_message(format!("{} {}", load.name, client.name));
            let tool = Tool::Core(MEASURED_CORE);
            let mut child = starter.call(client, tool, &server, load, requests)?;
            let report = child.finish()?;
            for (number, samples) in report.split_whitespace().zip(samples) {
                samples.push(number.parse::<f64>().map_err(io::Error::other)?);
            }
            bar.inc(1);
        }
    }
    let quantities = [Quantity::Cpu, Quantity::Allocations, Quantity::Rate];
    let figures = clients.iter().zip(samples).flat_map(|(client, samples)| {
        quantities
            .into_iter()
            .zip(samples)
            .map(|(quantity, samples)| {
                Figure::of_rounds(Side::Client, client.name, load.name, quantity, samples)
            })
    });
    Ok(figures.collect())
}

/// User instructions of one client per sequential `GET`: the difference of two run lengths.
pub(super) fn client_instructions(
    starter: &Starter,
    client: &'static Client,
    load: &Workload,
    requests: usize,
) -> io::Result<Figure> {
    let server = Child::again(Tool::Core(SERVER_CORE), &["serve", "floor"])?;
    let run = |requests: usize| {
        let child = starter.call(client, Tool::Callgrind, &server, load, requests)?;
        collected(child)
    };
    let (short, long) = (requests / 5, requests);
    let each = (run(long)? as f64 - run(short)? as f64) / more(short, long);
    Ok(Figure::counted(
        Side::Client,
        client.name,
        load.name,
        Quantity::Instructions,
        each,
    ))
}

/// System calls of one client per request, from one caller or many: the difference of two run lengths.
pub(super) fn client_syscalls(
    starter: &Starter,
    client: &'static Client,
    load: &Workload,
    requests: usize,
) -> io::Result<Figure> {
    let server = Child::again(Tool::Core(SERVER_CORE), &["serve", "floor"])?;
    let run = |requests: usize| {
        let child = starter.call(client, Tool::Strace, &server, load, requests)?;
        strace::traced(child)
    };
    let (short, long) = (requests / 5, requests);
    let each = (run(long)? as f64 - run(short)? as f64) / more(short, long);
    Ok(Figure::counted(
        Side::Client,
        client.name,
        load.name,
        Quantity::SystemCalls,
        each,
    ))
}

/// How many requests more the longer run sends: each warms up with an eighth of its own.
fn more(short: usize, long: usize) -> f64 {
    (long - short) as f64 * 9.0 / 8.0
}
