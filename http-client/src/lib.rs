//! An HTTP/1.1 client on tokio: a pooled transport with Go's rules, and a client above it.

mod dial;
mod error;
mod origin;
mod pool;
mod replay;

pub use error::{Error, ErrorKind, Phase, Progress};
