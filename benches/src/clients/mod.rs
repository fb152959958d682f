//! The clients: each sends a bounded number of `GET`s from a process of its own.
//!
//! A client prints the address that it calls (so that the parent sees it alive), then, when it is
//! done: CPU nanoseconds a request, allocator calls a request, and requests per second of wall-clock time.

mod floor;
mod ours;

#[cfg(feature = "peers")]
mod hyper_connection;
#[cfg(feature = "peers")]
mod hyper_util;
#[cfg(feature = "peers")]
mod reqwest;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http::Uri;

use crate::allocations;
use crate::load::Workload;
use crate::process::of_this_process;
use crate::servers::{Kind, runtime};

/// A client's name and title.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Its name in flags and figures.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// How it is started.
    pub kind: Kind,
}

const fn own(name: &'static str, title: &'static str) -> Client {
    Client {
        name,
        title,
        kind: Kind::Own,
    }
}

/// Every client, in the order of the tables.
pub const CLIENTS: &[Client] = &[
    own("floor", "bare tokio loop (the floor)"),
    own("ours", "**http-client**, `Transport`"),
    own("ours-client", "**http-client**, `Client`"),
    own("hyper-connection", "hyper's bare connection"),
    own("hyper-util", "hyper-util"),
    own("reqwest", "reqwest"),
    Client {
        name: "go",
        title: "Go `net/http`",
        kind: Kind::Foreign,
    },
];

/// The client of this name.
pub fn client(name: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.name == name)
}

/// The loads that clients are put under, and how many requests one round has: few of 1 MiB are as long as many small ones.
pub const LOADS: [(&str, usize); 3] = [("get-1", 2_000), ("get-64", 8_000), ("1m-4", 400)];

/// Whether clients read 1 MiB under this load.
pub fn is_download(load: &Workload) -> bool {
    load.name.starts_with("1m")
}

/// Whether the client can do what the load asks for: programs of other worlds only send small requests.
pub fn takes(client: &Client, load: &Workload) -> bool {
    client.kind == Kind::Own || !is_download(load)
}

/// What callers ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// `GET /`: a small answer, taken as a whole.
    Hello,
    /// `GET /1m`: 1 MiB, read to its end piece by piece.
    Download,
}

/// Octets of a download.
const DOWNLOAD: usize = 1024 * 1024;

/// One caller of many: sends so many requests, one after the other.
trait Caller: Clone + Send + 'static {
    fn call(self, requests: usize) -> impl Future<Output = io::Result<()>> + Send;
    fn download(self, requests: usize) -> impl Future<Output = io::Result<()>> + Send;
}

/// What the calls took, warming up aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// How many requests were answered.
    pub requests: usize,
    /// CPU time of this process, all threads together.
    pub cpu: Duration,
    /// Allocator calls of this process; 0 unless it counts them.
    pub allocations: u64,
    /// From the first request to the last answer.
    pub wall: Duration,
}

/// Calls and reports on standard output.
pub fn run(
    name: &str,
    address: SocketAddr,
    callers: usize,
    requests: usize,
    wanted: Wanted,
) -> io::Result<()> {
    println!("{address}");
    let spent = spend(name, address, callers, requests, wanted)?;
    let each = spent.requests as f64;
    let cpu = spent.cpu.as_nanos() as f64 / each;
    let allocations = spent.allocations as f64 / each;
    println!("{cpu} {allocations} {}", each / spent.wall.as_secs_f64());
    Ok(())
}

/// Calls from `callers` tasks, on a multi-thread runtime of one worker.
pub fn spend(
    name: &str,
    address: SocketAddr,
    callers: usize,
    requests: usize,
    wanted: Wanted,
) -> io::Result<Spent> {
    let load = (callers, requests, wanted);
    match name {
        "floor" => measure(floor::Floor::new(address), load),
        "ours" => measure(ours::RoundTrip::new(address)?, load),
        "ours-client" => measure(ours::Whole::new(address)?, load),
        #[cfg(feature = "peers")]
        "hyper-connection" => measure(hyper_connection::Bare::new(address), load),
        #[cfg(feature = "peers")]
        "hyper-util" => measure(hyper_util::Pooled::new(address)?, load),
        #[cfg(feature = "peers")]
        "reqwest" => measure(reqwest::Whole::new(address), load),
        _ => Err(io::Error::other(format!("no client is called {name}"))),
    }
}

/// Warms up, then measures.
fn measure(
    caller: impl Caller,
    (callers, requests, wanted): (usize, usize, Wanted),
) -> io::Result<Spent> {
    let share = requests.div_ceil(callers);
    runtime()?.block_on(async {
        // What dials and what grows is not the question.
        together(&caller, callers, share.div_ceil(8), wanted).await?;
        let (cpu, allocated, start) = (of_this_process()?, allocations::count(), Instant::now());
        together(&caller, callers, share, wanted).await?;
        Ok(Spent {
            requests: share * callers,
            cpu: of_this_process()? - cpu,
            allocations: allocations::count() - allocated,
            wall: start.elapsed(),
        })
    })
}

async fn together(
    caller: &impl Caller,
    callers: usize,
    share: usize,
    wanted: Wanted,
) -> io::Result<()> {
    let tasks: Vec<_> = (0..callers)
        .map(|_| match wanted {
            Wanted::Hello => tokio::spawn(caller.clone().call(share)),
            Wanted::Download => tokio::spawn(caller.clone().download(share)),
        })
        .collect();
    for task in tasks {
        task.await.map_err(io::Error::other)??;
    }
    Ok(())
}

fn url(address: SocketAddr, path: &str) -> io::Result<Uri> {
    format!("http://{address}{path}")
        .parse()
        .map_err(io::Error::other)
}

/// Whether a download was as long as it should be.
fn whole(octets: usize) -> io::Result<()> {
    match octets {
        DOWNLOAD => Ok(()),
        _ => Err(wrong(format!("{octets} octets"))),
    }
}

/// An answer that is not what was asked for.
fn wrong(what: impl ToString) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("wrong answer: {}", what.to_string()),
    )
}
