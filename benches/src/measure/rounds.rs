//! Interleaved rounds: each round asks every server in turn, so that a noisy minute hits all alike.

use std::io;
use std::time::Duration;

use indicatif::ProgressBar;

use super::start::Starter;
use super::{Figure, MEASURED_CORE, Quantity, Side};
use crate::load::{Generator, Round, Workload};
use crate::process::{Child, Tool, Usage};
use crate::servers::Server;

/// One server and what its rounds gave.
struct Contender {
    server: &'static Server,
    child: Child,
    generator: Generator,
    samples: Vec<Sample>,
}

/// What one round gave.
struct Sample {
    cpu: f64,
    allocations: Option<f64>,
    rate: f64,
    percentiles: [f64; 3],
}

/// Rate, latency, CPU and allocations of these servers under one load.
pub(super) async fn rounds(
    starter: &Starter,
    servers: &[&'static Server],
    workload: &Workload,
    count: usize,
    bar: &ProgressBar,
) -> io::Result<Vec<Figure>> {
    let mut contenders = Vec::new();
    for server in servers {
        let child = starter.start(server, Tool::Core(MEASURED_CORE))?;
        let mut generator = Generator::open(child.address, *workload).await?;
        // The first requests grow buffers and fault pages in.
        generator.round(workload.requests.div_ceil(4)).await?;
        contenders.push(Contender {
            server,
            child,
            generator,
            samples: Vec::new(),
        });
    }
    for round in 0..count {
        // The order turns, so that nobody always runs after the same neighbour.
        let first = round % contenders.len().max(1);
        contenders.rotate_left(first);
        for contender in &mut contenders {
            bar.set_message(format!("{} {}", workload.name, contender.server.name));
            let sample = sample(contender, workload.requests)
                .await
                .map_err(|error| {
                    io::Error::other(format!(
                        "{} under {}: {error}",
                        contender.server.name, workload.name
                    ))
                })?;
            contender.samples.push(sample);
            bar.inc(1);
        }
    }
    contenders.sort_by_key(|contender| {
        servers
            .iter()
            .position(|server| server.name == contender.server.name)
    });
    Ok(contenders
        .iter()
        .flat_map(|contender| figures(contender, workload))
        .collect())
}

async fn sample(contender: &mut Contender, requests: usize) -> io::Result<Sample> {
    let id = contender.child.id();
    // While the others had their turn, its connections rested, and it gave back what busy ones need.
    let each_once = contender.generator.connections();
    contender.generator.round(each_once).await?;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let (before, allocated) = (Usage::of_family(id)?, contender.child.allocations()?);
    let round = contender.generator.round(requests).await?;
    // Asleep again: the scheduler's account is exact for a thread that is not running.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let (after, since) = (Usage::of_family(id)?, contender.child.allocations()?);
    let each = round.requests as f64;
    Ok(Sample {
        cpu: (after.cpu - before.cpu).as_nanos() as f64 / each,
        allocations: since
            .zip(allocated)
            .map(|(since, before)| (since - before) as f64 / each),
        rate: each / round.wall.as_secs_f64(),
        percentiles: percentiles(round),
    })
}

/// p50, p99 and p99.9 of a round, in microseconds.
fn percentiles(mut round: Round) -> [f64; 3] {
    round.latencies.sort();
    [0.5, 0.99, 0.999].map(|share| {
        let last = round.latencies.len().saturating_sub(1) as f64;
        let at = (last * share).round() as usize;
        round
            .latencies
            .get(at)
            .map_or(f64::NAN, |latency| latency.as_nanos() as f64 / 1000.0)
    })
}

fn figures(contender: &Contender, workload: &Workload) -> Vec<Figure> {
    let figure = |quantity, of: &dyn Fn(&Sample) -> Option<f64>| {
        let rounds: Vec<f64> = contender.samples.iter().filter_map(of).collect();
        let some = !rounds.is_empty();
        some.then(|| {
            Figure::of_rounds(
                Side::Server,
                contender.server.name,
                workload.name,
                quantity,
                rounds,
            )
        })
    };
    [
        figure(Quantity::Cpu, &|sample| Some(sample.cpu)),
        figure(Quantity::Allocations, &|sample| sample.allocations),
        figure(Quantity::Rate, &|sample| Some(sample.rate)),
        figure(Quantity::P50, &|sample| Some(sample.percentiles[0])),
        figure(Quantity::P99, &|sample| Some(sample.percentiles[1])),
        figure(Quantity::P999, &|sample| Some(sample.percentiles[2])),
    ]
    .into_iter()
    .flatten()
    .collect()
}
