//! Rounds of load: connections opened first, then a bounded number of requests.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::workload::{Ask, Persistence, Workload};

/// The longest that one round may take, on a slow instrument too: a server that no longer answers fails the run, and does not
/// hold it.
const LONGEST: Duration = Duration::from_secs(120);

/// What one round took.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// How many requests were answered.
    pub requests: usize,
    /// From the first request to the last answer.
    pub wall: Duration,
    /// Each exchange's own time (each batch's, when pipelined).
    pub latencies: Vec<Duration>,
}

/// The open connections of one round against one server.
#[derive(Debug)]
pub struct Generator {
    address: SocketAddr,
    workload: Workload,
    asks: &'static [Ask],
    connections: Vec<Connection>,
}

impl Generator {
    /// Opens the workload's connections and asks once on each, so that what follows is steady.
    pub async fn open(address: SocketAddr, workload: Workload) -> io::Result<Generator> {
        // A run has a few dozen of these, and its tasks want them for as long as it lives.
        let asks: &'static [Ask] = Vec::leak((workload.asks)());
        let mut connections = Vec::with_capacity(workload.connections);
        for _ in 0..workload.connections {
            let mut connection = Connection::open(address).await?;
            connection.exchange(&[&asks[0]]).await?;
            connections.push(connection);
        }
        Ok(Generator {
            address,
            workload,
            asks,
            connections,
        })
    }

    /// How many connections it has.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Sends `requests` requests, divided over the connections.
    pub async fn round(&mut self, requests: usize) -> io::Result<Round> {
        let share = requests.div_ceil(self.connections.len().max(1));
        let start = Instant::now();
        let mut tasks = Vec::with_capacity(self.connections.len());
        for connection in self.connections.drain(..) {
            let (address, workload, asks) = (self.address, self.workload, self.asks);
            tasks.push(tokio::spawn(run(
                connection, address, workload, asks, share,
            )));
        }
        let mut round = Round::default();
        let end = tokio::time::Instant::now() + LONGEST;
        for task in tasks {
            let done = tokio::time::timeout_at(end, task).await;
            let done = done.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
            let (connection, latencies) = done.map_err(io::Error::other)??;
            self.connections.push(connection);
            round.latencies.extend(latencies);
        }
        round.wall = start.elapsed();
        round.requests = share.next_multiple_of(self.workload.depth) * self.connections.len();
        Ok(round)
    }
}

/// One connection's share, in batches of the workload's depth.
async fn run(
    mut connection: Connection,
    address: SocketAddr,
    workload: Workload,
    asks: &'static [Ask],
    share: usize,
) -> io::Result<(Connection, Vec<Duration>)> {
    let mut latencies = Vec::with_capacity(share / workload.depth);
    let mut turn = asks.iter().cycle();
    let mut batch = Vec::with_capacity(workload.depth);
    let mut sent = 0;
    while sent < share {
        match workload.persistence {
            Persistence::Requests(limit) if sent % limit == 0 => {
                connection = Connection::open(address).await?;
            }
            Persistence::Requests(_) | Persistence::Kept => {}
        }
        batch.clear();
        batch.extend(turn.by_ref().take(workload.depth));
        let start = Instant::now();
        connection.exchange(&batch).await?;
        latencies.push(start.elapsed());
        sent += batch.len();
    }
    Ok((connection, latencies))
}
