//! Our own servers and clients and the floor, without the peers: what the instruction budgets run.
//!
//! ```text
//! subject serve NAME
//! subject load ADDRESS WORKLOAD REQUESTS
//! subject call NAME ADDRESS CALLERS REQUESTS
//! subject download NAME ADDRESS CALLERS REQUESTS
//! ```

use std::io;

use benches::allocations::Counting;
use benches::clients::Wanted;
use benches::load::{Generator, Workload, workload};
use benches::{clients, servers};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", name] => servers::run(name),
        ["load", address, name, requests] => {
            let load = workload(name).ok_or_else(|| io::Error::other("no such load"))?;
            let alone = Workload {
                connections: 1,
                ..*load
            };
            let address = address.parse().map_err(io::Error::other)?;
            let requests = requests.parse().map_err(io::Error::other)?;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                Generator::open(address, alone)
                    .await?
                    .round(requests)
                    .await?;
                Ok(())
            })
        }
        [
            verb @ ("call" | "download"),
            name,
            address,
            callers,
            requests,
        ] => {
            let address = address.parse().map_err(io::Error::other)?;
            let callers = callers.parse().map_err(io::Error::other)?;
            let requests = requests.parse().map_err(io::Error::other)?;
            let wanted = match verb {
                "call" => Wanted::Hello,
                _ => Wanted::Download,
            };
            clients::run(name, address, callers, requests, wanted)
        }
        _ => Err(io::Error::other(
            "serve NAME, load ADDRESS WORKLOAD REQUESTS, call or download NAME ADDRESS CALLERS REQUESTS",
        )),
    }
}
