//! The clients: each sends a bounded number of `GET`s from a process of its own.
//!
//! A client prints the address that it calls (so that the parent sees it alive), then, when it is
//! done: CPU nanoseconds, allocator calls and requests per second of wall-clock time.

mod floor;
mod hyper_connection;
mod hyper_util;
mod ours;
mod reqwest;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use crate::allocations;
use crate::process::of_this_process;
use crate::servers::runtime;

/// A client's name and title.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Its name in flags and figures.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
}

/// Every client, in the order of the tables.
pub const CLIENTS: &[Client] = &[
    Client {
        name: "floor",
        title: "bare tokio loop (the floor)",
    },
    Client {
        name: "ours",
        title: "**http-client**, `Transport`",
    },
    Client {
        name: "ours-client",
        title: "**http-client**, `Client`",
    },
    Client {
        name: "hyper-connection",
        title: "hyper's bare connection",
    },
    Client {
        name: "hyper-util",
        title: "hyper-util",
    },
    Client {
        name: "reqwest",
        title: "reqwest",
    },
];

/// The client of this name.
pub fn client(name: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.name == name)
}

/// One caller of many: sends so many requests, one after the other.
trait Caller: Clone + Send + 'static {
    fn call(self, requests: usize) -> impl Future<Output = io::Result<()>> + Send;
}

/// Calls and reports.
pub fn run(name: &str, address: SocketAddr, callers: usize, requests: usize) -> io::Result<()> {
    println!("{address}");
    let runtime = runtime()?;
    match name {
        "floor" => runtime.block_on(measure(floor::Floor::new(address), callers, requests)),
        "hyper-connection" => runtime.block_on(measure(
            hyper_connection::Bare::new(address),
            callers,
            requests,
        )),
        "hyper-util" => runtime.block_on(measure(
            hyper_util::Pooled::new(address)?,
            callers,
            requests,
        )),
        "reqwest" => runtime.block_on(measure(reqwest::Whole::new(address), callers, requests)),
        _ => Err(io::Error::other(format!("no client is called {name}"))),
    }
}

/// Warms up, then measures.
async fn measure(caller: impl Caller, callers: usize, requests: usize) -> io::Result<()> {
    let share = requests.div_ceil(callers);
    // What dials and what grows is not the question.
    together(&caller, callers, share.div_ceil(8)).await?;
    let (cpu, allocated, start) = (of_this_process()?, allocations::count(), Instant::now());
    together(&caller, callers, share).await?;
    let each = (share * callers) as f64;
    let cpu = (of_this_process()? - cpu).as_nanos() as f64 / each;
    let allocated = (allocations::count() - allocated) as f64 / each;
    let rate = each / start.elapsed().as_secs_f64();
    println!("{cpu} {allocated} {rate}");
    Ok(())
}

async fn together(caller: &impl Caller, callers: usize, share: usize) -> io::Result<()> {
    let tasks: Vec<_> = (0..callers)
        .map(|_| tokio::spawn(caller.clone().call(share)))
        .collect();
    for task in tasks {
        task.await.map_err(io::Error::other)??;
    }
    Ok(())
}

/// An answer that is not what was asked for.
fn wrong(what: impl ToString) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("wrong answer: {}", what.to_string()),
    )
}
