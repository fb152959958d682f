//! Measures the crates beside their peers, and holds their budgets.
//!
//! ```text
//! app        what every server serves: one set of answers, whatever routes to them
//! servers    one module a server; each runs alone in a child process of this binary
//! clients    one module a client; each calls the floor server from a child process
//! load       the load generator: our own codec on plain sockets; it checks every answer
//! process    child processes: their CPU time, memory and allocations
//! measure    one module an instrument: rounds, instructions, system calls, memory, wrk
//! report     Markdown, JSON and charts
//! ```
//!
//! Wall-clock time on a shared machine says little about a server that needs a few microseconds
//! a request. Instructions, allocations and system calls repeat to the digit, and CPU time holds
//! as a ratio inside one run of interleaved rounds: these are what the figures rest on.

pub mod allocations;
pub mod app;
pub mod clients;
pub mod load;
#[cfg(feature = "peers")]
pub mod measure;
pub mod process;
#[cfg(feature = "peers")]
pub mod report;
pub mod servers;
