//! Servers and clients side by side, in one run.
//!
//! ```text
//! cargo run --release -p benches --features peers --bin compare
//! cargo run --release -p benches --features peers --bin compare -- --quick
//! ... compare -- --servers ours,hyper --workloads get-64 --figures cpu
//! ```
//!
//! A run may be made in parts: `--figures instructions,syscalls --out one`, then `--figures cpu,crowd --add one --out two`.
//! A whole run writes into `benches/results`; a part of one is printed, and written where `--out` says.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use benches::allocations::Counting;
use benches::clients::{self, CLIENTS, Wanted};
use benches::load::WORKLOADS;
use benches::measure::{Instrument, Plan, Run};
use benches::report::{Machine, Report};
use benches::servers::{self, SERVERS};
use clap::{Parser, Subcommand, ValueEnum};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Measures our servers and clients beside their peers.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Few rounds and short runs: for a look, not for the record.
    #[arg(long)]
    quick: bool,
    /// Only these servers.
    #[arg(long, value_delimiter = ',')]
    servers: Option<Vec<String>>,
    /// Only these clients.
    #[arg(long, value_delimiter = ',')]
    clients: Option<Vec<String>>,
    /// Only these loads.
    #[arg(long, value_delimiter = ',')]
    workloads: Option<Vec<String>>,
    /// Only these figures.
    #[arg(long, value_delimiter = ',')]
    figures: Option<Vec<Instrument>>,
    /// How many interleaved rounds a CPU figure has.
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// Where the results go: `benches/results` for a whole run, nowhere for a part of one.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Figures that this run does not take are taken over from the results in these directories.
    #[arg(long, value_delimiter = ',')]
    add: Vec<PathBuf>,
}

/// What a child process of this program is.
#[derive(Debug, Subcommand)]
enum Part {
    /// Runs one server (used by the measurement itself).
    #[command(hide = true)]
    Serve { name: String },
    /// Runs one client (used by the measurement itself).
    #[command(hide = true)]
    Call {
        name: String,
        address: SocketAddr,
        callers: usize,
        requests: usize,
    },
    /// The same with answers of 1 MiB.
    #[command(hide = true)]
    Download {
        name: String,
        address: SocketAddr,
        callers: usize,
        requests: usize,
    },
}

impl Arguments {
    /// Whether nothing is left out.
    fn is_whole(&self) -> bool {
        let parts = [&self.servers, &self.clients, &self.workloads];
        !self.quick && self.figures.is_none() && parts.iter().all(|part| part.is_none())
    }

    fn directory(&self) -> Option<PathBuf> {
        let results = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/results"));
        let whole = self.is_whole().then(results);
        self.out.clone().or(whole)
    }

    fn plan(&self) -> io::Result<Plan> {
        Ok(Plan {
            servers: chosen(SERVERS, self.servers.as_deref(), |server| server.name)?,
            clients: chosen(CLIENTS, self.clients.as_deref(), |client| client.name)?,
            workloads: chosen(WORKLOADS, self.workloads.as_deref(), |load| load.name)?,
            instruments: match &self.figures {
                Some(some) => some.clone(),
                None => Instrument::value_variants().to_vec(),
            },
            rounds: if self.quick {
                self.rounds.min(5)
            } else {
                self.rounds
            },
            quick: self.quick,
        })
    }
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.part {
        Some(Part::Serve { name }) => servers::run(name),
        Some(Part::Call {
            name,
            address,
            callers,
            requests,
        }) => clients::run(name, *address, *callers, *requests, Wanted::Hello),
        Some(Part::Download {
            name,
            address,
            callers,
            requests,
        }) => clients::run(name, *address, *callers, *requests, Wanted::Download),
        None => compare(&arguments),
    }
}

fn compare(arguments: &Arguments) -> io::Result<()> {
    // Before this process keeps to one of its cores.
    let machine = Machine::here();
    let plan = arguments.plan()?;
    let rounds = plan.rounds;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut report = Report {
        machine,
        rounds,
        whole: arguments.is_whole() || !arguments.add.is_empty(),
        figures: runtime.block_on(Run::new(plan)?.all())?,
    };
    for directory in &arguments.add {
        report.add(Report::read(directory)?);
    }
    println!("{}", report.markdown());
    match arguments.directory() {
        Some(directory) => report.write(&directory),
        None => Ok(()),
    }
}

/// The named ones, or all; `none` names nothing.
fn chosen<T>(
    all: &'static [T],
    names: Option<&[String]>,
    name: fn(&T) -> &'static str,
) -> io::Result<Vec<&'static T>> {
    let Some(names) = names else {
        return Ok(all.iter().collect());
    };
    let named = names.iter().filter(|wanted| *wanted != "none");
    let found = named.map(|wanted| {
        let one = all.iter().find(|one| name(one) == wanted);
        one.ok_or_else(|| {
            let known: Vec<_> = all.iter().map(name).collect();
            io::Error::other(format!("{wanted} is none of {}", known.join(", ")))
        })
    });
    found.collect()
}
