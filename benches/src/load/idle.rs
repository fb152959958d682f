//! Connections that are open and quiet.

use std::io;
use std::net::SocketAddr;

use super::connection::Connection;
use super::workload::Ask;

/// Opens so many connections, asks once on each if there is something to ask, and hands them over.
pub async fn hold(
    address: SocketAddr,
    connections: usize,
    ask: Option<&Ask>,
) -> io::Result<Vec<Connection>> {
    let mut held = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut connection = Connection::open(address).await?;
        if let Some(ask) = ask {
            connection.exchange(&[ask]).await?;
        }
        held.push(connection);
    }
    Ok(held)
}
