//! Happy Eyeballs (RFC 8305): all addresses of a host, the families in turn, a new attempt every 250 ms or as soon as one
//! has failed. The first connection wins; the other attempts are dropped.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::net::TcpStream;

use super::tcp::{self, TcpOptions};

/// The connection attempt delay (RFC 8305 section 5).
const DELAY: Duration = Duration::from_millis(250);

pub(super) async fn connect(
    addresses: Vec<SocketAddr>,
    options: &TcpOptions,
) -> io::Result<TcpStream> {
    let usable = |address: &SocketAddr| {
        options
            .local_address
            .is_none_or(|local| local.is_ipv4() == address.is_ipv4())
    };
    let addresses: Vec<_> = addresses.into_iter().filter(usable).collect();
    race(interleave(addresses), |address| {
        tcp::connect(address, options)
    })
    .await
}

/// The families in turn, beginning with that of the first address (RFC 8305 section 4).
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv4() == first_is_v4);
    let mut ordered = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        match (first.next(), second.next()) {
            (None, None) => return ordered,
            (one, other) => ordered.extend(one.into_iter().chain(other)),
        }
    }
}

async fn race<T, F>(addresses: Vec<SocketAddr>, attempt: impl Fn(SocketAddr) -> F) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut waiting = addresses.into_iter();
    let mut running = FuturesUnordered::new();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no usable address");
    loop {
        let more = match waiting.next() {
            Some(address) => {
                running.push(attempt(address));
                true
            }
            None => false,
        };
        let delay = tokio::time::sleep(DELAY);
        tokio::pin!(delay);
        loop {
            tokio::select! {
                biased;
                outcome = running.next() => match outcome {
                    Some(Ok(connection)) => return Ok(connection),
                    Some(Err(error)) => {
                        failure = error;
                        if more { break }
                    }
                    None => return Err(failure),
                },
                () = &mut delay, if more => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use tokio::time::Instant;

    fn v4(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 80))
    }

    fn v6(last: u16) -> SocketAddr {
        SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, last], 80))
    }

    #[test]
    fn families_take_turns() {
        let ordered = interleave(vec![v6(1), v6(2), v6(3), v4(1)]);
        assert_eq!(ordered, [v6(1), v4(1), v6(2), v6(3)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_address_costs_a_quarter_of_a_second() {
        let begun = Instant::now();
        let won = race(vec![v6(1), v4(1)], |address| async move {
            if address == v6(1) {
                std::future::pending::<()>().await;
            }
            Ok(address)
        });
        assert_eq!(won.await.unwrap(), v4(1));
        assert_eq!(begun.elapsed(), DELAY);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_address_costs_nothing_and_the_last_failure_is_told() {
        let begun = Instant::now();
        let tried = Mutex::new(Vec::new());
        let lost = race(vec![v6(1), v4(1), v6(2)], |address| {
            tried.lock().unwrap().push(address);
            async move { Err::<(), _>(io::Error::other(address.to_string())) }
        });
        assert_eq!(lost.await.unwrap_err().to_string(), v6(2).to_string());
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(tried.into_inner().unwrap().len(), 3);
    }
}
