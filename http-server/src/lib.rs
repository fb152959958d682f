//! An HTTP/1.1 server on tokio for any tower service: strict, fast, every deadline on.
//!
//! ```no_run
//! use std::convert::Infallible;
//! use http::{Request, Response};
//! use http_server::{Body, Server, service_fn};
//! use tokio::net::TcpListener;
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let hello = service_fn(|_request: Request<Body>| async {
//!         Ok::<_, Infallible>(Response::new(Body::from("hello\n")))
//!     });
//!     let listener = TcpListener::bind("127.0.0.1:8080").await?;
//!     Server::new().serve(listener, hello).await
//! }
//! ```
//!
//! A service is anything that is `tower_service::Service<http::Request<Body>>` with an `http::Response<B>` for any
//! [`http_body::Body`]: a closure ([`service_fn`]), a router, a stack of layers. It is cloned once per connection and runs in
//! the connection's own task.
//!
//! [`Server`] has all of its deadlines and bounds set to what is safe on the open internet; [`ServerBuilder`] changes them.
//! [`handle`] gives a handler what goes beyond a request and a response: who the peer is, whether it is still there, interim
//! responses, upgrades. [`testing`] serves a service in one line.
//!
//! # Features
//!
//! | feature | brings | default |
//! |---|---|---|
//! | `tls` | `listener::Tls` on rustls with the *ring* provider (the same as `tls-ring`) | no |
//! | `tls-aws-lc-rs` | the same with the *aws-lc-rs* provider | no |
//! | `spans` | a `tracing` span a request, with OpenTelemetry's names | no |
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The README's examples, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

mod accept;
mod clocks;
mod config;
mod connection;
mod content;
mod core;
mod date;
mod error;
mod exchange;
mod handle;
mod info;
mod interim;
mod lane;
mod linger;
mod link;
pub mod listener;
mod loan;
pub mod raw;
mod receive;
mod refuse;
mod respond;
mod send;
mod serve_raw;
mod server;
mod service_fn;
mod settle;
mod spans;
mod stats;
pub mod testing;
mod upgrade;
mod waker;
mod with_handle;
#[cfg(unix)]
mod workers;

pub use config::{Bounds, Config, Deadlines, MinimumRate};
pub use handle::{Handle, OrderError, handle};
pub use http_codec::io::Upgraded;
pub use http_codec::{Body, BodyError, BodyErrorKind, Leniency, Limits};
pub use info::{ConnectionInfo, ConnectionState};
pub use respond::abort;
pub use server::{Server, ServerBuilder, ShutdownReport};
pub use service_fn::{ServiceFn, service_fn};
pub use stats::{ErrorStats, Stats};
pub use upgrade::{NotUpgraded, Upgrading};
pub use with_handle::{WithHandle, with_handle};
#[cfg(unix)]
pub use workers::Workers;
