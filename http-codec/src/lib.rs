//! HTTP/1.1 frames.

pub mod body;
mod error;
mod exchange;
mod fields;
mod framing;
mod grammar;
mod leniency;
mod limits;
mod output;
mod write_buf;

pub use body::{Body, BodyError, BodyErrorKind, BoxError, Lender, Piece};
#[cfg(feature = "io")]
pub use body::{BodySender, ReaderGone};
pub use error::*;
pub use exchange::*;
pub use leniency::*;
pub use limits::*;
pub use output::Output;
pub use write_buf::WriteBuf;
