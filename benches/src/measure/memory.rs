//! Resident memory per idle connection, after one request on each.

use std::io;
use std::time::Duration;

use super::start::Starter;
use super::{Figure, MEASURED_CORE, Quantity, Side};
use crate::load::{WORKLOADS, hold};
use crate::process::{Tool, resident};
use crate::servers::Server;

/// Opens `connections`, asks once on each, lets them rest, and looks at the server's memory.
pub(super) async fn memory(
    starter: &Starter,
    server: &'static Server,
    connections: usize,
) -> io::Result<Figure> {
    let child = starter.start(server, Tool::Core(MEASURED_CORE))?;
    let asks = (WORKLOADS[0].asks)();
    let warm = hold(child.address, 10, asks.first()).await?;
    let before = resident(child.id())?;
    let held = hold(child.address, connections, asks.first()).await?;
    // What a server gives back, it gives back after a moment of idling.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = resident(child.id())?;
    drop((warm, held));
    let each = after.saturating_sub(before) as f64 / connections as f64;
    Ok(Figure::counted(
        Side::Server,
        server.name,
        "idle",
        Quantity::IdleMemory,
        each,
    ))
}
