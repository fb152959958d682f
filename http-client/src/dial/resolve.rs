//! From names to addresses.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

/// What a [`Resolve`] gives: the addresses in the order of preference.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Looks up the addresses of hosts. The default is the system's resolver.
///
/// Implemented for closures.
pub trait Resolve: Send + Sync + 'static {
    /// Begins to look up `host`, which may be an address already.
    fn resolve(&self, host: &str, port: u16) -> Resolving;
}

impl<F: Fn(&str, u16) -> Resolving + Send + Sync + 'static> Resolve for F {
    fn resolve(&self, host: &str, port: u16) -> Resolving {
        self(host, port)
    }
}

/// `getaddrinfo`, on a thread of the runtime's pool.
#[derive(Debug)]
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, host: &str, port: u16) -> Resolving {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Box::pin(std::future::ready(Ok(vec![SocketAddr::new(address, port)])));
        }
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((&*host, port)).await?.collect()) })
    }
}
