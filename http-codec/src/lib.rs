//! HTTP/1.1 frames: heads, content and trailers, in both directions, strict and fast.
//!
//! ```text
//! io              ReadHalf, WriteHalf, lent bodies, Upgraded                    feature "io"
//! codec           ServerCodec, ClientCodec for tokio_util::codec::Framed
//! ------------------------------------------------------------------------
//! body            Body, BodyDecoder, BodyEncoder                            octets in,
//! head            RequestHead, ResponseHead, their decoders, head::write    values out;
//! framing         BodyLength: RFC 9112 section 6.3 as two tables            no socket
//! fields          Content-Length, Transfer-Encoding, Connection, Host, trailers
//! exchange, limits, leniency, grammar, error
//! ```
//!
//! A module uses only those below it. Start with the [`manual`]: how a message is [framed](manual::framing), how
//! [smuggling](manual::smuggling) is refused, and what [costs](manual::performance) what.

pub mod body;
pub mod codec;
mod digits;
mod error;
mod exchange;
pub mod fields;
pub mod framing;
pub mod grammar;
pub mod head;
#[cfg(feature = "io")]
pub mod io;
mod leniency;
mod limits;
pub mod manual;
mod output;
mod run;
mod target;
mod write_buf;

pub use body::{Body, BodyDecoder, BodyEncoder, BodyError, BodyErrorKind, BoxError, Lender, Piece};
#[cfg(feature = "io")]
pub use body::{BodySender, ReaderGone};
pub use codec::{ClientCodec, CodecError, Message, RawRequest, RawResponse, ServerCodec};
pub use error::*;
pub use exchange::*;
pub use fields::connection::ConnectionOptions;
pub use fields::trailer::TrailerNames;
pub use framing::{BodyLength, LengthField};
pub use head::{
    ConnectionField, Field, FieldLines, Fields, Framing, RawFields, ReasonPhrase, RequestHead,
    RequestHeadDecoder, RequestLine, ResponseHead, ResponseHeadDecoder, StatusLine,
};
pub use leniency::*;
pub use limits::*;
pub use output::Output;
pub use target::TargetForm;
pub use write_buf::WriteBuf;

/// The example of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
