//! Heads on their way out: no formatting machinery, octets put behind each other.
//!
//! ```text
//! status-line / request-line CRLF
//! fields of the application, without those that are ours
//! [ Content-Length / Transfer-Encoding ] [ Connection ] [ Date ]
//! CRLF
//! ```
//!
//! `Content-Length`, `Transfer-Encoding` and the options `close` and `keep-alive` of `Connection`
//! are ours alone: they are written from [`Framing`], and left out where an application set them.

use http::{Method, StatusCode};

use super::fields::FieldLines;
use super::reason::ReasonPhrase;
use crate::error::{EncodeError, EncodeErrorKind};
use crate::fields::host::{self, HostValue};
use crate::framing::LengthField;
use crate::grammar;
use crate::output::Output;

/// The fields of a head that frame its message and its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framing {
    /// `Content-Length`, `Transfer-Encoding`, or neither.
    pub length: LengthField,
    /// What `Connection` says about persistence. Other options that the application set there are
    /// kept beside it.
    pub connection: ConnectionField,
}

impl Framing {
    /// Framing without a word on persistence: HTTP/1.1 that stays open.
    pub const fn new(length: LengthField) -> Self {
        Framing {
            length,
            connection: ConnectionField::None,
        }
    }

    /// With this word on persistence.
    pub const fn with_connection(mut self, connection: ConnectionField) -> Self {
        self.connection = connection;
        self
    }
}

/// What a head says about the persistence of its connection (RFC 9112 section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionField {
    /// Nothing: HTTP/1.1 that stays open.
    None,
    /// `close`.
    Close,
    /// `keep-alive`: the answer to an HTTP/1.0 client that asked for it.
    KeepAlive,
}

/// The parts of a status line. The version is always `HTTP/1.1` (RFC 9110 section 2.5).
#[derive(Debug, Clone, Copy)]
pub struct StatusLine<'a> {
    /// The status code.
    pub status: StatusCode,
    /// The reason phrase; `None` is the usual one, or none where there is no usual one.
    pub reason: Option<&'a ReasonPhrase>,
}

impl StatusLine<'_> {
    /// A status line with the usual reason phrase.
    pub const fn new(status: StatusCode) -> Self {
        StatusLine {
            status,
            reason: None,
        }
    }
}

/// The parts of a request line. The version is always `HTTP/1.1`.
#[derive(Debug, Clone, Copy)]
pub struct RequestLine<'a> {
    /// The method.
    pub method: &'a Method,
    /// The request-target in its form on the wire: origin, absolute, authority or asterisk.
    pub target: &'a str,
}

/// Writes a response head. `date` is the value of `Date` as ready octets; an application's own
/// `Date` stands instead.
///
/// Nothing can fail: the types of the arguments hold nothing that would split the message.
pub fn response_head(
    out: &mut impl Output,
    line: StatusLine<'_>,
    fields: &impl FieldLines,
    framing: Framing,
    date: Option<&[u8]>,
) {
    status_line(out, line);
    let seen = application_fields(out, fields, false);
    framing_fields(out, fields, framing, seen.connection);
    if let Some(date) = date {
        if !seen.date {
            out.put(b"date: ");
            out.put(date);
            out.put(b"\r\n");
        }
    }
    out.put(b"\r\n");
}

fn status_line<O: Output>(out: &mut O, line: StatusLine<'_>) {
    if line.reason.is_none() {
        let usual: &[u8] = match line.status.as_u16() {
            200 => b"HTTP/1.1 200 OK\r\n",
            204 => b"HTTP/1.1 204 No Content\r\n",
            206 => b"HTTP/1.1 206 Partial Content\r\n",
            302 => b"HTTP/1.1 302 Found\r\n",
            304 => b"HTTP/1.1 304 Not Modified\r\n",
            404 => b"HTTP/1.1 404 Not Found\r\n",
            _ => b"",
        };
        if !usual.is_empty() {
            return out.put(usual);
        }
    }
    out.put(b"HTTP/1.1 ");
    out.put(line.status.as_str().as_bytes());
    out.put(b" ");
    match line.reason {
        Some(reason) => out.put(reason.as_bytes()),
        None => out.put(
            line.status
                .canonical_reason()
                .unwrap_or_default()
                .as_bytes(),
        ),
    }
    out.put(b"\r\n");
}

/// Writes a request head. `host` is the value of `Host`, written first; an application's own is
/// left out.
///
/// # Errors
///
/// `Target` or `Host` if it holds an octet that would end it; nothing has been written then.
pub fn request_head(
    out: &mut impl Output,
    line: RequestLine<'_>,
    host: &[u8],
    fields: &impl FieldLines,
    framing: Framing,
) -> Result<(), EncodeError> {
    if !host.is_empty() && host::parse(host).is_none() {
        return Err(EncodeError::new(EncodeErrorKind::Host));
    }
    put_request_head(out, line, host, fields, framing)
}

/// The same with a `Host` that has been checked before.
///
/// # Errors
///
/// `Target`, as [`request_head`].
pub fn request_head_to(
    out: &mut impl Output,
    line: RequestLine<'_>,
    host: &HostValue,
    fields: &impl FieldLines,
    framing: Framing,
) -> Result<(), EncodeError> {
    put_request_head(out, line, host.as_bytes(), fields, framing)
}

fn put_request_head(
    out: &mut impl Output,
    line: RequestLine<'_>,
    host: &[u8],
    fields: &impl FieldLines,
    framing: Framing,
) -> Result<(), EncodeError> {
    let target = line.target.as_bytes();
    if !grammar::is_target(target) {
        return Err(EncodeError::new(EncodeErrorKind::Target));
    }
    out.put(line.method.as_str().as_bytes());
    out.put(b" ");
    out.put(target);
    out.put(b" HTTP/1.1\r\n");
    field(out, b"host", host);
    let seen = application_fields(out, fields, true);
    framing_fields(out, fields, framing, seen.connection);
    out.put(b"\r\n");
    Ok(())
}

/// What was seen among the application's fields.
#[derive(Default)]
struct Seen {
    date: bool,
    connection: bool,
}

fn application_fields<O: Output>(out: &mut O, fields: &impl FieldLines, request: bool) -> Seen {
    let mut seen = Seen::default();
    fields.for_each(|name, value| {
        // Most names are told apart by length and first letter.
        let first = name.first().map_or(0, |first| first | 0x20);
        match (name.len(), first) {
            (4, b'd') => seen.date |= name.eq_ignore_ascii_case(b"date"),
            (4, b'h') if request && name.eq_ignore_ascii_case(b"host") => return,
            (10, b'c') if name.eq_ignore_ascii_case(b"connection") => {
                seen.connection = true;
                return;
            }
            (14, b'c') if name.eq_ignore_ascii_case(b"content-length") => return,
            (17, b't') if name.eq_ignore_ascii_case(b"transfer-encoding") => return,
            _ => {}
        }
        field(out, name, value);
    });
    seen
}

fn framing_fields<O: Output>(
    out: &mut O,
    fields: &impl FieldLines,
    framing: Framing,
    connection: bool,
) {
    match framing.length {
        LengthField::None => {}
        LengthField::ContentLength(octets) => {
            out.put(b"content-length: ");
            out.put(itoa::Buffer::new().format(octets).as_bytes());
            out.put(b"\r\n");
        }
        LengthField::Chunked => out.put(b"transfer-encoding: chunked\r\n"),
    }
    let ours: &[u8] = match framing.connection {
        ConnectionField::None => b"",
        ConnectionField::Close => b"close",
        ConnectionField::KeepAlive => b"keep-alive",
    };
    if connection {
        merged_connection(out, fields, ours);
    } else if !ours.is_empty() {
        field(out, b"connection", ours);
    }
}

/// One `Connection` line of our option and of the application's, without its `close` and
/// `keep-alive`.
#[cold]
fn merged_connection<O: Output>(out: &mut O, fields: &impl FieldLines, ours: &[u8]) {
    let mut any = !ours.is_empty();
    if any {
        out.put(b"connection: ");
        out.put(ours);
    }
    fields.for_each(|name, value| {
        if !name.eq_ignore_ascii_case(b"connection") {
            return;
        }
        for option in grammar::list(value) {
            let dropped = option.eq_ignore_ascii_case(b"close")
                || option.eq_ignore_ascii_case(b"keep-alive")
                || !grammar::is_token(option);
            if !dropped {
                out.put(if any { b", " } else { b"connection: " });
                out.put(option);
                any = true;
            }
        }
    });
    if any {
        out.put(b"\r\n");
    }
}

/// `name: value CRLF`
fn field(out: &mut impl Output, name: &[u8], value: &[u8]) {
    out.put(name);
    out.put(b": ");
    out.put(value);
    out.put(b"\r\n");
}
