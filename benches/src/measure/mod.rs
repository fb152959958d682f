//! The instruments: one module each.
//!
//! Everything they find is a [`Figure`]; tables, charts and verdicts are made of those alone.

mod clients;
mod crowd;
mod instructions;
mod memory;
mod rounds;
mod run;
mod start;
mod syscalls;
mod wrk;

use serde::{Deserialize, Serialize};

pub use run::{Instrument, Plan, Run};

use clients::{client_instructions, client_rounds, client_syscalls};
use crowd::crowd;
use instructions::instructions;
use memory::memory;
use rounds::rounds;
use syscalls::syscalls;
use wrk::{has_wrk, wrk};

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Requests per second of wall-clock time.
    Rate,
    /// CPU nanoseconds per request, user and system.
    Cpu,
    /// Microseconds within which half of the exchanges were done.
    P50,
    /// Microseconds within which 99 of 100 exchanges were done.
    P99,
    /// Microseconds within which 999 of 1,000 exchanges were done.
    P999,
    /// Allocator calls per request.
    Allocations,
    /// User instructions per request.
    Instructions,
    /// System calls per request.
    SystemCalls,
    /// Octets of resident memory per idle connection.
    IdleMemory,
    /// Requests per second of wall-clock time, as `wrk` counts them.
    WrkRate,
    /// CPU nanoseconds per request under `wrk`.
    WrkCpu,
}

impl Quantity {
    /// All of them, in the order of the tables.
    pub const ALL: [Quantity; 11] = [
        Quantity::Instructions,
        Quantity::Allocations,
        Quantity::SystemCalls,
        Quantity::Cpu,
        Quantity::Rate,
        Quantity::P50,
        Quantity::P99,
        Quantity::P999,
        Quantity::IdleMemory,
        Quantity::WrkRate,
        Quantity::WrkCpu,
    ];

    /// Its heading, with the unit.
    pub fn title(self) -> &'static str {
        match self {
            Quantity::Rate => "requests per second",
            Quantity::Cpu => "CPU ns per request",
            Quantity::P50 => "p50, microseconds",
            Quantity::P99 => "p99, microseconds",
            Quantity::P999 => "p99.9, microseconds",
            Quantity::Allocations => "allocations per request",
            Quantity::Instructions => "user instructions per request",
            Quantity::SystemCalls => "system calls per request",
            Quantity::IdleMemory => "octets per idle connection",
            Quantity::WrkRate => "requests per second by wrk",
            Quantity::WrkCpu => "CPU ns per request under wrk",
        }
    }
}

/// Which side was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The process of the server.
    Server,
    /// The process of the client.
    Client,
}

/// One number with its spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which side was measured.
    pub side: Side,
    /// Who: the name of a server or client.
    pub subject: &'static str,
    /// Under which load.
    pub workload: &'static str,
    /// What was counted.
    pub quantity: Quantity,
    /// The middle of the rounds; the number itself where it repeats exactly.
    pub median: f64,
    /// The lower quartile of the rounds.
    pub low: f64,
    /// The upper quartile of the rounds.
    pub high: f64,
}

impl Figure {
    /// Whether both tell the same of the same.
    pub fn is_of(&self, other: &Figure) -> bool {
        (self.side, self.quantity) == (other.side, other.quantity)
            && (self.subject, self.workload) == (other.subject, other.workload)
    }

    /// A number that was counted once, because it repeats.
    pub fn counted(
        side: Side,
        subject: &'static str,
        workload: &'static str,
        quantity: Quantity,
        number: f64,
    ) -> Figure {
        Figure {
            side,
            subject,
            workload,
            quantity,
            median: number,
            low: number,
            high: number,
        }
    }

    /// The middle and the quartiles of several rounds.
    pub fn of_rounds(
        side: Side,
        subject: &'static str,
        workload: &'static str,
        quantity: Quantity,
        mut rounds: Vec<f64>,
    ) -> Figure {
        rounds.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = rounds.len().saturating_sub(1) as f64;
            rounds
                .get((last * share).round() as usize)
                .copied()
                .unwrap_or(f64::NAN)
        };
        Figure {
            side,
            subject,
            workload,
            quantity,
            median: at(0.5),
            low: at(0.25),
            high: at(0.75),
        }
    }
}

/// Where the measured process runs; the load runs on the other core.
const MEASURED_CORE: usize = 0;
