//! Content: the one [`Body`], and the octets on the wire that it is framed in.

mod adapt;
#[allow(
    clippy::module_inception,
    reason = "the body is what this module is about"
)]
mod body;
#[cfg(feature = "io")]
mod channel;
mod chunked;
mod decoder;
mod encoder;
mod error;
mod from;
mod lender;
mod poll;
#[cfg(feature = "io")]
mod reader;
mod trailers;

pub use body::Body;
#[cfg(feature = "io")]
pub use channel::{BodySender, ReaderGone};
pub use decoder::BodyDecoder;
pub use encoder::BodyEncoder;
pub use error::{BodyError, BodyErrorKind, BoxError};
pub use lender::{Lender, Piece};
