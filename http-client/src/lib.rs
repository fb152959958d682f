//! An HTTP/1.1 client on tokio: a pooled transport with Go's rules, and a client above it.

mod client;
mod config;
#[cfg(feature = "cookies")]
mod cookies;
#[cfg(any(
    feature = "gzip",
    feature = "br",
    feature = "zstd",
    feature = "deflate"
))]
mod decode;
mod dial;
mod error;
mod exchange;
mod lent;
mod multipart;
mod options;
mod origin;
mod persist_conn;
mod pool;
mod prepare;
mod progress;
mod proxy;
mod read_loop;
mod replay;
mod response;
mod retry;
mod trace;
mod transport;
mod upgrade;
mod upload;
mod write_loop;

pub use client::{Client, ClientBuilder, Follow, Hop, IntoUri, Redirects, RequestBuilder};
pub use config::Deadlines;
#[cfg(feature = "cookies")]
pub use cookies::{CookieJar, Jar};
pub use dial::connect::{Connect, Connecting, Io, Target};
pub use dial::resolve::{Resolve, Resolving};
pub use dial::tcp::TcpOptions;
#[cfg(feature = "_tls")]
pub use dial::tls::{Tls, TlsBuilder};
pub use error::{Error, ErrorKind, Phase, Progress};
pub use http_codec::io::Upgraded;
pub use http_codec::{Body, BodyError, BodyErrorKind, Leniency, Limits};
pub use multipart::{Form, Part};
pub use options::Options;
pub use pool::{HostStats, Stats};
pub use proxy::{Proxies, Proxy};
pub use response::ResponseExt;
pub use retry::Retries;
pub use trace::{DialTimes, Trace};
pub use transport::{ResponseFuture, Transport, TransportBuilder};
pub use upgrade::upgrade;
