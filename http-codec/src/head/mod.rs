//! Heads: start line and field section, as spans over the octets they came in.

mod drip;
mod facts;
mod fields;
mod lines;
mod names;
mod parts;
mod reason;
mod request;
mod request_decoder;
mod response;
mod response_decoder;
mod scan;
mod span;
mod start_line;
pub mod write;

pub use fields::{Field, FieldLines, Fields, RawFields};
pub use reason::ReasonPhrase;
pub use request::RequestHead;
pub use request_decoder::RequestHeadDecoder;
pub use response::ResponseHead;
pub use response_decoder::ResponseHeadDecoder;
pub use write::{ConnectionField, Framing, RequestLine, StatusLine};

pub(crate) use lines::{Bounds, LineReader, Section};
pub(crate) use parts::fill;
pub(crate) use span::{FieldSpan, Seen};
