//! HTTP/1.1 frames.

pub mod body;
pub mod codec;
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
mod output;
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
    ConnectionField, Field, FieldLines, Fields, Framing, RawFields, ReasonPhrase, RequestHead, RequestHeadDecoder,
    RequestLine, ResponseHead, ResponseHeadDecoder, StatusLine,
};
pub use leniency::*;
pub use limits::*;
pub use output::Output;
pub use target::TargetForm;
pub use write_buf::WriteBuf;
