#![doc = include_str!("../README.md")]
//!
//! # The way of a request
//!
//! ```text
//!   Client       redirects, cookies, codings, retries       client/
//!     |
//!   Transport    route, pool, replay                        transport, pool/, replay
//!     |
//!   exchange     write loop and read loop, joined           exchange, write_loop, read_loop
//!     |
//!   connection   two halves; one is lent to the content     persist_conn, lent, upload
//!     |
//!   dial         resolve, connect, proxy, TLS               dial/, proxy/
//! ```
//!
//! # Cancel safety
//!
//! Dropping the future of a call closes the connection that it uses: a request that is half sent or half answered leaves nothing
//! that another could use. A connection that is being made is finished in a task and kept. Dropping a response reads up to 64 KiB of
//! its rest, within 50 ms, to keep its connection; else that closes.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod client;
mod config;
#[cfg(feature = "cookies")]
mod cookies;
#[cfg(feature = "_decode")]
mod decode;
mod dial;
mod error;
mod exchange;
mod hop_by_hop;
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
#[cfg(feature = "spans")]
mod spans;
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
pub use hop_by_hop::strip_hop_by_hop;
pub use http_codec::io::Upgraded;
pub use http_codec::{Body, BodyError, BodyErrorKind, BodySender, BoxError, Leniency, Limits};
pub use multipart::{Form, Part};
pub use options::Options;
pub use pool::{HostStats, Stats};
pub use proxy::{Proxies, Proxy};
pub use response::ResponseExt;
pub use retry::Retries;
pub use trace::{DialTimes, Trace};
pub use transport::{ResponseFuture, Transport, TransportBuilder};
pub use upgrade::upgrade;
pub use {http, http_body};
