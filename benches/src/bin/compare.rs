//! Servers and clients side by side, in one run.
//!
//! ```text
//! cargo run --release -p benches --features peers --bin compare
//! cargo run --release -p benches --features peers --bin compare -- --quick
//! ... compare -- --servers ours,hyper --workloads get-64 --figures cpu
//! ```
//!
//! A whole run writes into `benches/results`; a part of one is printed, and written where `--out` says.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use benches::allocations::Counting;
use benches::clients::{self, CLIENTS, Client};
use benches::load::{WORKLOADS, Workload};
use benches::measure::{self, Figure, Starter};
use benches::report::{Machine, Report};
use benches::servers::{self, Kind, SERVERS, Server, serves};
use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Instrument {
    /// Rate, latency, CPU and allocations, in interleaved rounds.
    Cpu,
    /// User instructions, by valgrind.
    Instructions,
    /// System calls, by strace.
    Syscalls,
    /// Memory of idle connections.
    Memory,
    /// A few active among 10,000 open connections.
    Crowd,
    /// Rate and CPU under wrk, a load generator of others.
    Wrk,
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
        }) => clients::run(name, *address, *callers, *requests),
        None => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(Run::new(arguments)?.all())
        }
    }
}

/// One run: what was selected, and what was found so far.
struct Run {
    arguments: Arguments,
    servers: Vec<&'static Server>,
    clients: Vec<&'static Client>,
    workloads: Vec<&'static Workload>,
    starter: Starter,
    bar: ProgressBar,
    figures: Vec<Figure>,
}

impl Run {
    fn new(mut arguments: Arguments) -> io::Result<Run> {
        if arguments.quick {
            arguments.rounds = arguments.rounds.min(5);
        }
        let servers = chosen(SERVERS, arguments.servers.as_deref(), |server| server.name)?;
        let clients = chosen(CLIENTS, arguments.clients.as_deref(), |client| client.name)?;
        let starter = Starter::new(&servers, &clients)?;
        Ok(Run {
            servers: servers
                .into_iter()
                .filter(|server| starter.has(server.name, server.kind))
                .collect(),
            clients: clients
                .into_iter()
                .filter(|client| starter.has(client.name, client.kind))
                .collect(),
            workloads: chosen(WORKLOADS, arguments.workloads.as_deref(), |load| load.name)?,
            arguments,
            starter,
            bar: ProgressBar::no_length(),
            figures: Vec::new(),
        })
    }

    fn wants(&self, instrument: Instrument) -> bool {
        self.arguments
            .figures
            .as_ref()
            .is_none_or(|figures| figures.contains(&instrument))
    }

    fn of(&self, workload: &Workload) -> Vec<&'static Server> {
        self.servers
            .iter()
            .copied()
            .filter(|server| serves(server, workload))
            .collect()
    }

    async fn all(mut self) -> io::Result<()> {
        // The measured process has a core of its own, and the load this one.
        benches::process::stay_on(1)?;
        benches::process::open_many_files()?;
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
        self.bar.set_style(style.map_err(io::Error::other)?);
        self.bar.set_length(self.steps());
        self.measure_servers().await?;
        self.measure_clients()?;
        self.bar.finish_and_clear();
        let report = Report {
            machine: Machine::here(),
            rounds: self.arguments.rounds,
            whole: self.arguments.is_whole(),
            figures: self.figures,
        };
        println!("{}", report.markdown());
        match self.arguments.directory() {
            Some(directory) => report.write(&directory),
            None => Ok(()),
        }
    }

    /// How many steps of the bar there are.
    fn steps(&self) -> u64 {
        let (servers, clients) = (self.servers.len(), self.clients.len());
        let cells: usize = self.workloads.iter().map(|load| self.of(load).len()).sum();
        let rounds = self.arguments.rounds;
        let each = [
            (Instrument::Cpu, cells * rounds + 2 * clients * rounds),
            (Instrument::Instructions, cells + clients),
            (Instrument::Syscalls, cells),
            (Instrument::Memory, servers),
            (Instrument::Crowd, servers * rounds),
            (Instrument::Wrk, servers * self.wrk_rounds()),
        ];
        each.iter()
            .filter(|(instrument, _)| self.wants(*instrument))
            .map(|(_, steps)| *steps as u64)
            .sum()
    }

    /// How many seconds of wrk each server gets.
    fn wrk_rounds(&self) -> usize {
        match measure::has_wrk() {
            true => self.arguments.rounds.min(5),
            false => 0,
        }
    }

    async fn measure_servers(&mut self) -> io::Result<()> {
        for workload in self.workloads.clone() {
            let servers = self.of(workload);
            if self.wants(Instrument::Cpu) && !servers.is_empty() {
                let rounds = self.arguments.rounds;
                let found =
                    measure::rounds(&self.starter, &servers, workload, rounds, &self.bar).await?;
                self.figures.extend(found);
            }
            for server in servers {
                self.count(server, workload).await?;
            }
        }
        for server in self.servers.clone() {
            self.crowds(server).await?;
        }
        if self.wants(Instrument::Wrk) && self.wrk_rounds() > 0 {
            let found = measure::wrk(&self.starter, &self.servers, self.wrk_rounds(), &self.bar)?;
            self.figures.extend(found);
        }
        Ok(())
    }

    /// What repeats, and so is counted once.
    async fn count(&mut self, server: &'static Server, workload: &Workload) -> io::Result<()> {
        self.bar
            .set_message(format!("{} {}", workload.name, server.name));
        let heavy = workload.requests < 1000;
        if self.wants(Instrument::Instructions) {
            if server.kind == Kind::Own {
                let requests = if heavy {
                    10
                } else if self.arguments.quick {
                    500
                } else {
                    1500
                };
                let requests = requests * workload.depth;
                let found =
                    measure::instructions(&self.starter, server, workload, requests).await?;
                self.figures.push(found);
            }
            self.bar.inc(1);
        }
        if self.wants(Instrument::Syscalls) {
            let requests = workload.requests.min(3200);
            let found = measure::syscalls(&self.starter, server, workload, requests).await?;
            self.figures.push(found);
            self.bar.inc(1);
        }
        Ok(())
    }

    /// What many open connections cost.
    async fn crowds(&mut self, server: &'static Server) -> io::Result<()> {
        let crowd = if self.arguments.quick { 2_000 } else { 9_900 };
        if self.wants(Instrument::Memory) {
            self.bar.set_message(format!("memory {}", server.name));
            let found = measure::memory(&self.starter, server, crowd).await?;
            self.figures.push(found);
            self.bar.inc(1);
        }
        if self.wants(Instrument::Crowd) {
            let rounds = self.arguments.rounds;
            let found = measure::crowd(&self.starter, server, crowd, rounds, &self.bar).await?;
            self.figures.extend(found);
        }
        Ok(())
    }

    fn measure_clients(&mut self) -> io::Result<()> {
        let (clients, rounds) = (self.clients.clone(), self.arguments.rounds);
        if clients.is_empty() {
            return Ok(());
        }
        if self.wants(Instrument::Cpu) {
            for (callers, requests) in [(1, 2_000), (64, 8_000)] {
                let found = measure::client_rounds(
                    &self.starter,
                    &clients,
                    callers,
                    requests,
                    rounds,
                    &self.bar,
                )?;
                self.figures.extend(found);
            }
        }
        if self.wants(Instrument::Instructions) {
            for client in clients.iter().filter(|client| client.kind == Kind::Own) {
                self.bar
                    .set_message(format!("instructions {}", client.name));
                let found = measure::client_instructions(&self.starter, client, 1_000)?;
                self.figures.push(found);
                self.bar.inc(1);
            }
        }
        Ok(())
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
