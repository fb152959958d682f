//! Whole exchanges over loopback: our server beside hyper's, our clients beside hyper-util and reqwest.
//!
//! ```text
//! cargo bench -p benches --features peers --bench loopback
//! ```
//!
//! Servers run in a process of their own (this program, started again); what is timed is a round of the load generator, or of a
//! client's calls. Wall-clock time of a loopback exchange is mostly the kernel's: `compare` tells servers apart, this one tells
//! whether something became much slower.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use benches::allocations::Counting;
use benches::clients::{self, Wanted};
use benches::load::{Generator, Workload, workload};
use benches::process::{Child, Tool};
use benches::servers;
use criterion::{BenchmarkId, Criterion, Throughput};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SERVERS: [&str; 6] = [
    "floor",
    "ours",
    "ours-mux",
    "ours-engine",
    "hyper-timer",
    "axum",
];

const LOADS: [&str; 6] = [
    "get-1",
    "get-64",
    "browser-64",
    "pipelined-16",
    "echo-64",
    "chunked-64",
];

const CLIENTS: [&str; 5] = ["floor", "ours", "ours-client", "hyper-util", "reqwest"];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [first, name] if first == "serve" => return servers::run(name),
        _ => {}
    }
    benches::process::stay_on(1)?;
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for name in LOADS {
        bench_servers(&mut criterion, name)?;
    }
    bench_clients(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// The servers under one load: a request, on however many connections the load has.
fn bench_servers(criterion: &mut Criterion, name: &str) -> io::Result<()> {
    let load = workload(name).ok_or_else(|| io::Error::other("no such load"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(1));
    for server in SERVERS {
        let child = Child::again(Tool::Core(0), &["serve", server])?;
        let mut generator = runtime.block_on(Generator::open(child.address, *load))?;
        group.bench_function(BenchmarkId::from_parameter(server), |bencher| {
            bencher.iter_custom(|count| {
                let round = runtime.block_on(generator.round(least(load, count)));
                let round = round.expect("every answer is right");
                each(round.wall, round.requests, count)
            });
        });
    }
    group.finish();
    Ok(())
}

/// A round gives each connection something to do.
fn least(load: &Workload, count: u64) -> usize {
    (count as usize).max(load.connections * load.depth)
}

/// The clients against the floor: a `GET`, sequentially and from 64 callers.
fn bench_clients(criterion: &mut Criterion) -> io::Result<()> {
    let server = Child::again(Tool::Core(0), &["serve", "floor"])?;
    for callers in [1, 64] {
        let mut group = criterion.benchmark_group(format!("client, {callers} callers"));
        group.throughput(Throughput::Elements(1));
        for client in CLIENTS {
            group.bench_function(BenchmarkId::from_parameter(client), |bencher| {
                bencher.iter_custom(|count| called(client, server.address, callers, count));
            });
        }
        group.finish();
    }
    Ok(())
}

fn called(client: &str, address: SocketAddr, callers: usize, count: u64) -> Duration {
    // Enough that the warm-up, an eighth of it, has dialled every connection.
    let requests = (count as usize).max(16 * callers);
    let spent = clients::spend(client, address, callers, requests, Wanted::Hello);
    let spent = spent.expect("every answer is right");
    each(spent.wall, spent.requests, count)
}

/// The time of `count` requests, when `requests` took `wall`.
fn each(wall: Duration, requests: usize, count: u64) -> Duration {
    wall.mul_f64(count as f64 / requests as f64)
}
