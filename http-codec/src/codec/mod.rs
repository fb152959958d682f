//! The codec of a whole connection, for [`tokio_util::codec::Framed`]: messages as a stream of frames.
//!
//! ```text
//! connection = *( Head *Data [ Trailers ] End )
//! ```
//!
//! [`ServerCodec`] reads requests and writes responses, [`ClientCodec`] the other way round. Each keeps
//! what it owes or is owed, so that the answers to pipelined requests are framed for the requests that
//! they belong to. After 101, or 2xx to `CONNECT`, both pass octets through as data: the connection is a
//! tunnel then, and `Framed::into_parts` gives back the transport with what is buffered.

mod client;
mod error;
mod message;
mod server;

pub use client::ClientCodec;
pub use error::CodecError;
pub use message::{Message, RawRequest, RawResponse};
pub use server::ServerCodec;
