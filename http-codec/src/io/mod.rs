//! Halves of a connection, and how one is lent (feature `io`).
//!
//! ```text
//!            +-------------+   lend    +--------+   ticket   +--------+
//!  socket -> |  ReadHalf   | --------> |  Home  | <--------- |  Body  |
//!            +-------------+ <-------- +--------+            +--------+
//!                              home
//!            +-------------+
//!  socket <- |  WriteHalf  |   never lent
//!            +-------------+
//! ```
//!
//! A connection owns its reading half by value while it waits for a head. While content is being read, the half lies in the
//! connection's [`Home`], and the body holds the one ticket to it. Ownership is the state machine: nobody can parse the next
//! head early, read content twice, or reuse a connection that is busy.

mod deadline;
mod home;
mod read_half;
mod split;
mod upgraded;
mod write_half;

pub use deadline::Deadline;
pub use home::{Activity, Fault, Home, Return};
pub use read_half::{BoxRead, ReadHalf};
pub use split::split;
pub use upgraded::Upgraded;
pub use write_half::{BoxWrite, WriteHalf};
