//! One run: every instrument on everything that was chosen, in one order, with a bar.

use std::io;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use super::Figure;
use super::start::Starter;
use crate::clients::Client;
use crate::load::{Counted, Workload};
use crate::servers::{Kind, Server, serves};

/// What finds figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Instrument {
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

/// What to measure.
#[derive(Debug)]
pub struct Plan {
    /// These servers, as far as their programs are found.
    pub servers: Vec<&'static Server>,
    /// These clients, as far as their programs are found.
    pub clients: Vec<&'static Client>,
    /// Under these loads.
    pub workloads: Vec<&'static Workload>,
    /// By these means.
    pub instruments: Vec<Instrument>,
    /// How many interleaved rounds a CPU figure has.
    pub rounds: usize,
    /// Shorter runs and a smaller crowd.
    pub quick: bool,
}

/// One run: what is measured, and what was found so far.
#[derive(Debug)]
pub struct Run {
    plan: Plan,
    starter: Starter,
    bar: ProgressBar,
    figures: Vec<Figure>,
}

impl Run {
    /// Prepares what is not of this binary.
    pub fn new(mut plan: Plan) -> io::Result<Run> {
        let starter = Starter::new(&plan.servers, &plan.clients)?;
        plan.servers
            .retain(|server| starter.has(server.name, server.kind));
        plan.clients
            .retain(|client| starter.has(client.name, client.kind));
        Ok(Run {
            plan,
            starter,
            bar: ProgressBar::no_length(),
            figures: Vec::new(),
        })
    }

    fn wants(&self, instrument: Instrument) -> bool {
        self.plan.instruments.contains(&instrument)
    }

    fn of(&self, workload: &Workload) -> Vec<&'static Server> {
        self.plan
            .servers
            .iter()
            .copied()
            .filter(|server| serves(server, workload))
            .collect()
    }

    /// Measures, and shows how far it is.
    pub async fn all(mut self) -> io::Result<Vec<Figure>> {
        // The measured process has a core of its own, and the load this one.
        crate::process::stay_on(1)?;
        crate::process::open_many_files()?;
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
        self.bar.set_style(style.map_err(io::Error::other)?);
        self.bar.set_length(self.steps());
        self.measure_servers().await?;
        self.measure_clients()?;
        self.bar.finish_and_clear();
        Ok(self.figures)
    }

    /// How many steps of the bar there are.
    fn steps(&self) -> u64 {
        let (servers, clients) = (self.plan.servers.len(), self.plan.clients.len());
        let crowds = self
            .plan
            .servers
            .iter()
            .filter(|server| server.crowd)
            .count();
        let cells = |counts: fn(&Workload) -> bool| -> usize {
            let counted = self.plan.workloads.iter().filter(|load| counts(load));
            counted.map(|load| self.of(load).len()).sum()
        };
        let rounds = self.plan.rounds;
        let each = [
            (
                Instrument::Cpu,
                cells(|_| true) * rounds + 2 * clients * rounds,
            ),
            (
                Instrument::Instructions,
                cells(counts_instructions) + clients,
            ),
            (Instrument::Syscalls, cells(counts_syscalls) + 2 * clients),
            (Instrument::Memory, servers),
            (Instrument::Crowd, crowds * rounds),
            (Instrument::Wrk, servers * self.wrk_rounds()),
        ];
        each.iter()
            .filter(|(instrument, _)| self.wants(*instrument))
            .map(|(_, steps)| *steps as u64)
            .sum()
    }

    /// How many seconds of wrk each server gets.
    fn wrk_rounds(&self) -> usize {
        match super::has_wrk() {
            true => self.plan.rounds.min(5),
            false => 0,
        }
    }

    async fn measure_servers(&mut self) -> io::Result<()> {
        for workload in self.plan.workloads.clone() {
            let servers = self.of(workload);
            if self.wants(Instrument::Cpu) && !servers.is_empty() {
                let rounds = self.plan.rounds;
                let found =
                    super::rounds(&self.starter, &servers, workload, rounds, &self.bar).await?;
                self.figures.extend(found);
            }
            for server in servers {
                self.count(server, workload).await?;
            }
        }
        for server in self.plan.servers.clone() {
            self.crowds(server).await?;
        }
        if self.wants(Instrument::Wrk) && self.wrk_rounds() > 0 {
            let found = super::wrk(
                &self.starter,
                &self.plan.servers,
                self.wrk_rounds(),
                &self.bar,
            )?;
            self.figures.extend(found);
        }
        Ok(())
    }

    /// What repeats, and so is counted once.
    async fn count(&mut self, server: &'static Server, workload: &Workload) -> io::Result<()> {
        self.bar
            .set_message(format!("{} {}", workload.name, server.name));
        if self.wants(Instrument::Instructions) && counts_instructions(workload) {
            if server.kind == Kind::Own {
                let requests = if self.plan.quick { 400 } else { 800 } * workload.depth;
                let found = super::instructions(&self.starter, server, workload, requests).await?;
                self.figures.push(found);
            }
            self.bar.inc(1);
        }
        if self.wants(Instrument::Syscalls) && counts_syscalls(workload) {
            let requests = workload.requests.min(3200);
            let found = super::syscalls(&self.starter, server, workload, requests).await?;
            self.figures.push(found);
            self.bar.inc(1);
        }
        Ok(())
    }

    /// What many open connections cost.
    async fn crowds(&mut self, server: &'static Server) -> io::Result<()> {
        let crowd = if self.plan.quick { 2_000 } else { 10_000 };
        if self.wants(Instrument::Memory) {
            self.bar.set_message(format!("memory {}", server.name));
            let found = super::memory(&self.starter, server, crowd).await?;
            self.figures.push(found);
            self.bar.inc(1);
        }
        if self.wants(Instrument::Crowd) && server.crowd {
            let rounds = self.plan.rounds;
            let found = super::crowd(&self.starter, server, crowd, rounds, &self.bar).await?;
            self.figures.extend(found);
        }
        Ok(())
    }

    fn measure_clients(&mut self) -> io::Result<()> {
        let (clients, rounds) = (self.plan.clients.clone(), self.plan.rounds);
        if clients.is_empty() {
            return Ok(());
        }
        if self.wants(Instrument::Cpu) {
            for (callers, requests) in [(1, 2_000), (64, 8_000)] {
                let found = super::client_rounds(
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
        for client in &clients {
            self.count_client(client)?;
        }
        Ok(())
    }

    /// What repeats, and so is counted once.
    fn count_client(&mut self, client: &'static Client) -> io::Result<()> {
        self.bar.set_message(format!("counting {}", client.name));
        if self.wants(Instrument::Syscalls) {
            for callers in [1, 64] {
                let found = super::client_syscalls(&self.starter, client, callers, 3_200)?;
                self.figures.push(found);
                self.bar.inc(1);
            }
        }
        if self.wants(Instrument::Instructions) {
            if client.kind == Kind::Own {
                let found = super::client_instructions(&self.starter, client, 1_000)?;
                self.figures.push(found);
            }
            self.bar.inc(1);
        }
        Ok(())
    }
}

fn counts_instructions(workload: &Workload) -> bool {
    matches!(workload.counted, Counted::Both | Counted::Instructions)
}

fn counts_syscalls(workload: &Workload) -> bool {
    matches!(workload.counted, Counted::Both | Counted::SystemCalls)
}
