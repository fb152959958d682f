//! Whether a crowd of quiet connections makes the few active ones dearer.

use std::io;
use std::time::Duration;

use indicatif::ProgressBar;

use super::start::Starter;
use super::{Figure, MEASURED_CORE, Quantity, Side};
use crate::load::{Generator, Workload, hold, workload};
use crate::process::{Child, Tool, Usage};
use crate::servers::Server;

/// CPU per request of 100 active connections: alone (`active-100`), and among `crowd` open ones
/// (`active-100-of-10000`), in interleaved rounds of two processes.
pub(super) async fn crowd(
    starter: &Starter,
    server: &'static Server,
    crowd: usize,
    rounds: usize,
    bar: &ProgressBar,
) -> io::Result<Vec<Figure>> {
    let Some(get) = workload("get-64") else {
        return Ok(Vec::new());
    };
    let active = Workload {
        connections: 100,
        ..*get
    };
    let alone = starter.start(server, Tool::Core(MEASURED_CORE))?;
    let crowded = starter.start(server, Tool::Core(MEASURED_CORE))?;
    let asks = (active.asks)();
    let held = hold(crowded.address, crowd - active.connections, asks.first()).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut sides = [(alone, Vec::new()), (crowded, Vec::new())];
    let mut loads = Vec::new();
    for (child, _) in &sides {
        loads.push(Generator::open(child.address, active).await?);
    }
    for _ in 0..rounds {
        for ((child, samples), load) in sides.iter_mut().zip(&mut loads) {
            bar.set_message(format!("crowd {}", server.name));
            samples.push(cpu(child, load, active.requests).await?);
        }
        bar.inc(1);
    }
    drop(held);
    let names = ["active-100", "active-100-of-10000"];
    let figures = sides.into_iter().zip(names).map(|((_, samples), name)| {
        Figure::of_rounds(Side::Server, server.name, name, Quantity::Cpu, samples)
    });
    Ok(figures.collect())
}

async fn cpu(child: &Child, load: &mut Generator, requests: usize) -> io::Result<f64> {
    // As in the rounds: what rested is busy again.
    load.round(load.connections()).await?;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let before = Usage::of(child.id())?;
    let round = load.round(requests).await?;
    tokio::time::sleep(Duration::from_millis(2)).await;
    let after = Usage::of(child.id())?;
    Ok((after.cpu - before.cpu).as_nanos() as f64 / round.requests as f64)
}
