//! The load generator: plain sockets and our own codec.
//!
//! It is bounded (a number of requests, never a duration) and checks the status and every octet of
//! every answer: a server that is fast because it answers wrongly fails the run.

mod answer;
mod connection;
mod generator;
mod idle;
mod workload;

pub use answer::{Answer, Expected};
pub use connection::Connection;
pub use generator::{Generator, Round};
pub use idle::hold;
pub use workload::{Ask, Counted, Persistence, WORKLOADS, Workload, workload};
