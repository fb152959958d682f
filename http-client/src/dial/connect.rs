//! Connections that the application makes itself.

use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

/// Any transport of octets.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Io for T {}

/// Where a connection must lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS will be spoken on it; the connector does not do that itself.
    pub https: bool,
}

/// What a [`Connect`] gives.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<Box<dyn Io>>> + Send>>;

/// Makes connections in place of the resolver and TCP (Go's `DialContext`): in memory for tests, over another network,
/// through a jump host.
///
/// Implemented for closures:
///
/// ```
/// use http_client::{Connecting, Io, Target, Transport};
///
/// let transport = Transport::builder()
///     .connector(|_: &Target| -> Connecting {
///         Box::pin(async {
///             let (ours, _theirs) = tokio::io::duplex(1024);
///             Ok(Box::new(ours) as Box<dyn Io>)
///         })
///     })
///     .build();
/// # let _ = transport;
/// ```
pub trait Connect: Send + Sync + 'static {
    /// Begins to connect. The future is dropped when the deadline for connecting passes.
    fn connect(&self, target: &Target) -> Connecting;
}

impl<F: Fn(&Target) -> Connecting + Send + Sync + 'static> Connect for F {
    fn connect(&self, target: &Target) -> Connecting {
        self(target)
    }
}
