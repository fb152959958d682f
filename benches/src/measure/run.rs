//! One run: every instrument on everything that was chosen, in one order, with a bar.

use std::io;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use super::Figure;
use super::start::Starter;
use crate::clients::{Client, LOADS, takes};
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
        let servers = self.plan.servers.len();
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
        let loads = self.client_loads();
        let calls = |counts: fn(&Workload) -> bool| -> usize {
            let counted = loads.iter().filter(|(load, _)| counts(load));
            counted.map(|(load, _)| self.callers(load).len()).sum()
        };
        let both = |counts: fn(&Workload) -> bool| cells(counts) + calls(counts);
        let rounds = self.plan.rounds;
        let each = [
            (Instrument::Cpu, both(|_| true) * rounds),
            (Instrument::Instructions, both(counts_instructions)),
            (Instrument::Syscalls, both(counts_syscalls)),
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
        for (load, requests) in self.client_loads() {
            let clients = self.callers(load);
            if self.wants(Instrument::Cpu) && !clients.is_empty() {
                let rounds = self.plan.rounds;
                let found = super::client_rounds(
                    &self.starter,
                    &clients,
                    load,
                    requests,
                    rounds,
                    &self.bar,
                )?;
                self.figures.extend(found);
            }
            for client in clients {
                self.count_client(client, load, requests.min(3_200))?;
            }
        }
        Ok(())
    }

    /// The loads of clients, of those that were chosen.
    fn client_loads(&self) -> Vec<(&'static Workload, usize)> {
        let chosen = |name| self.plan.workloads.iter().find(|load| load.name == name);
        let loads = LOADS
            .iter()
            .filter_map(|(name, requests)| Some((*chosen(*name)?, *requests)));
        loads.collect()
    }

    /// The clients that take this load.
    fn callers(&self, load: &Workload) -> Vec<&'static Client> {
        let clients = self.plan.clients.iter().copied();
        clients.filter(|client| takes(client, load)).collect()
    }

    /// What repeats, and so is counted once.
    fn count_client(
        &mut self,
        client: &'static Client,
        load: &Workload,
        requests: usize,
    ) -> io::Result<()> {
        self.bar
            .set_message(format!("counting {} {}", load.name, client.name));
        if self.wants(Instrument::Syscalls) && counts_syscalls(load) {
            let found = super::client_syscalls(&self.starter, client, load, requests)?;
            self.figures.push(found);
            self.bar.inc(1);
        }
        if self.wants(Instrument::Instructions) && counts_instructions(load) {
            if client.kind == Kind::Own {
                let found = super::client_instructions(&self.starter, client, load, 1_000)?;
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
