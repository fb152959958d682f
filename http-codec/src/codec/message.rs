//! The frames that messages are made of.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::fields::content_length;
use crate::grammar;
use crate::head::{FieldLines, RawFields, ReasonPhrase};

/// One frame of a message.
#[derive(Debug, Clone)]
pub enum Message<H> {
    /// The head. An interim response is a head alone, with no end behind it.
    Head(H),
    /// Some of the content; in a tunnel, whatever octets there are.
    Data(Bytes),
    /// The trailer fields of chunked content, at most once and just before the end.
    Trailers(HeaderMap),
    /// The message is complete.
    End,
}

/// A request head to send, with its field lines in a given order and spelling.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// The method.
    pub method: Method,
    /// The request-target as it goes onto the wire.
    pub target: String,
    /// The value of `Host`, written first.
    pub host: Vec<u8>,
    /// The other field lines.
    pub fields: RawFields,
}

/// A response head to send, with its field lines in a given order and spelling.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// The status code.
    pub status: StatusCode,
    /// A reason phrase other than the usual one.
    pub reason: Option<ReasonPhrase>,
    /// The field lines.
    pub fields: RawFields,
}

/// What the fields of a head to send declare about its content.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// One good `Content-Length`.
    pub(super) length: Option<u64>,
    /// `chunked` was asked for.
    pub(super) chunked: bool,
    /// `Connection: close`.
    pub(super) close: bool,
    /// `Connection: upgrade`, and an `Upgrade`.
    pub(super) upgrade: bool,
}

impl Declared {
    pub(super) fn of(fields: &impl FieldLines) -> Self {
        let mut declared = Declared::default();
        let mut options = crate::ConnectionOptions::default();
        let mut lengths = 0;
        fields.for_each(|name, value| {
            if name.eq_ignore_ascii_case(b"content-length") {
                lengths += 1;
                let length = grammar::decimal(value);
                declared.length = length.filter(|_| lengths == 1 || declared.length == length);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                declared.chunked = true;
            } else if name.eq_ignore_ascii_case(b"connection") {
                options.note(value);
            } else if name.eq_ignore_ascii_case(b"upgrade") {
                declared.upgrade = true;
            }
        });
        declared.close = options.close;
        declared.upgrade &= options.upgrade;
        declared
    }

    /// The same for a map, where the lookup is cheaper.
    pub(super) fn of_map(fields: &HeaderMap) -> Self {
        let options = crate::ConnectionOptions::of(fields);
        Declared {
            length: content_length::declared(fields),
            chunked: fields.contains_key(http::header::TRANSFER_ENCODING),
            close: options.close,
            upgrade: options.upgrade && fields.contains_key(http::header::UPGRADE),
        }
    }
}
