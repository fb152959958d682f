//! User instructions per request, by callgrind: the difference of two run lengths.
//!
//! `(instructions(long) - instructions(short)) / (long - short)` leaves out start and stop, and
//! repeats to the digit for a server that does the same for each request.

use std::io;

use super::start::Starter;
use super::{Figure, Quantity, Side};
use crate::load::{Generator, Workload};
use crate::process::{Tool, collected};
use crate::servers::Server;

/// Counts one server under one load, on one connection, whatever the load's own number.
pub(super) async fn instructions(
    starter: &Starter,
    server: &'static Server,
    workload: &Workload,
    requests: usize,
) -> io::Result<Figure> {
    let (short, long) = (requests / 5, requests);
    let less = run(starter, server, workload, short).await?;
    let more = run(starter, server, workload, long).await?;
    let each = (more as f64 - less as f64) / (long - short) as f64;
    Ok(Figure::counted(
        Side::Server,
        server.name,
        workload.name,
        Quantity::Instructions,
        each,
    ))
}

async fn run(
    starter: &Starter,
    server: &Server,
    workload: &Workload,
    requests: usize,
) -> io::Result<u64> {
    let child = starter.start(server, Tool::Callgrind)?;
    let alone = Workload {
        connections: 1,
        ..*workload
    };
    Generator::open(child.address, alone)
        .await?
        .round(requests)
        .await?;
    collected(child)
}
