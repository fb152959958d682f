//! The clients: each calls the floor server from a process of its own.

use std::io;

use indicatif::ProgressBar;

use super::start::Starter;
use super::{Figure, MEASURED_CORE, Quantity, Side};
use crate::clients::Client;
use crate::process::{Child, Tool, collected, strace};

/// The core of the server that the clients call.
const SERVER_CORE: usize = 1;

/// Requests per CPU second (as nanoseconds a request) and allocations, in interleaved rounds.
pub(super) fn client_rounds(
    starter: &Starter,
    clients: &[&'static Client],
    connections: usize,
    requests: usize,
    rounds: usize,
    bar: &ProgressBar,
) -> io::Result<Vec<Figure>> {
    let server = Child::again(Tool::Core(SERVER_CORE), &["serve", "floor"])?;
    let workload = load_of(connections);
    let mut samples = vec![[Vec::new(), Vec::new(), Vec::new()]; clients.len()];
    for _ in 0..rounds {
        for (client, samples) in clients.iter().zip(&mut samples) {
            bar.set_message(format!("{workload} {}", client.name));
            let tool = Tool::Core(MEASURED_CORE);
            let mut child = starter.call(client, tool, &server, connections, requests)?;
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
                Figure::of_rounds(Side::Client, client.name, workload, quantity, samples)
            })
    });
    Ok(figures.collect())
}

/// User instructions of one client per sequential `GET`: the difference of two run lengths.
pub(super) fn client_instructions(
    starter: &Starter,
    client: &'static Client,
    requests: usize,
) -> io::Result<Figure> {
    let server = Child::again(Tool::Core(SERVER_CORE), &["serve", "floor"])?;
    let run =
        |requests: usize| collected(starter.call(client, Tool::Callgrind, &server, 1, requests)?);
    let (short, long) = (requests / 5, requests);
    let each = (run(long)? as f64 - run(short)? as f64) / more(short, long);
    Ok(Figure::counted(
        Side::Client,
        client.name,
        "get-1",
        Quantity::Instructions,
        each,
    ))
}

/// System calls of one client per request, from one caller or many: the difference of two run lengths.
pub(super) fn client_syscalls(
    starter: &Starter,
    client: &'static Client,
    connections: usize,
    requests: usize,
) -> io::Result<Figure> {
    let server = Child::again(Tool::Core(SERVER_CORE), &["serve", "floor"])?;
    let run = |requests: usize| {
        let child = starter.call(client, Tool::Strace, &server, connections, requests)?;
        strace::traced(child)
    };
    let (short, long) = (requests / 5, requests);
    let each = (run(long)? as f64 - run(short)? as f64) / more(short, long);
    Ok(Figure::counted(
        Side::Client,
        client.name,
        load_of(connections),
        Quantity::SystemCalls,
        each,
    ))
}

/// The load that so many callers are.
fn load_of(connections: usize) -> &'static str {
    if connections == 1 { "get-1" } else { "get-64" }
}

/// How many requests more the longer run sends: each warms up with an eighth of its own.
fn more(short: usize, long: usize) -> f64 {
    (long - short) as f64 * 9.0 / 8.0
}
