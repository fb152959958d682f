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
//! are ours alone: they are written from [`Framing`], and left out where an application set them, or written in their
//! place and spelling where its lines are [to keep those](FieldLines::framing_in_place).

use http::{Method, StatusCode};

use super::fields::FieldLines;
use super::reason::ReasonPhrase;
use crate::digits::short_decimal;
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

impl ConnectionField {
    /// The connection option; empty for none.
    const fn option(self) -> &'static [u8] {
        match self {
            ConnectionField::None => b"",
            ConnectionField::Close => b"close",
            ConnectionField::KeepAlive => b"keep-alive",
        }
    }
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

/// The length of an IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
pub const IMF_FIXDATE: usize = 29;

/// Writes a response head. `date` is the value of `Date` as ready octets; an application's own
/// `Date` stands instead.
///
/// Nothing can fail: the types of the arguments hold nothing that would split the message.
pub fn response_head(
    out: &mut impl Output,
    line: StatusLine<'_>,
    fields: &impl FieldLines,
    framing: Framing,
    date: Option<&[u8; IMF_FIXDATE]>,
) {
    status_line(out, line);
    let seen = application_fields(out, fields, framing, None);
    framing_fields(out, fields, framing, &seen);
    match date {
        Some(date) if !seen.date => out.put_parts([b"date: ", date, b"\r\n\r\n"]),
        _ => out.put(b"\r\n"),
    }
}

#[inline(always)]
fn status_line<O: Output>(out: &mut O, line: StatusLine<'_>) {
    if line.reason.is_none() {
        // Each in a place of its own, so that its length is known where it is copied.
        match line.status.as_u16() {
            200 => return out.put_parts([b"HTTP/1.1 200 OK\r\n"]),
            204 => return out.put_parts([b"HTTP/1.1 204 No Content\r\n"]),
            304 => return out.put_parts([b"HTTP/1.1 304 Not Modified\r\n"]),
            404 => return out.put_parts([b"HTTP/1.1 404 Not Found\r\n"]),
            _ => {}
        }
    }
    let reason = match line.reason {
        Some(reason) => reason.as_bytes(),
        None => line
            .status
            .canonical_reason()
            .unwrap_or_default()
            .as_bytes(),
    };
    let code = line.status.as_str().as_bytes();
    out.put_parts([b"HTTP/1.1 ", code, b" ", reason, b"\r\n"]);
}

/// Writes a request head. `host` is the value of `Host`, written first; an application's own is
/// left out, or [says where it stands](FieldLines::framing_in_place).
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
    out.put_parts([
        line.method.as_str().as_bytes(),
        b" ",
        target,
        b" HTTP/1.1\r\n",
    ]);
    if !names_host(fields) {
        field(out, b"host", host);
    }
    let seen = application_fields(out, fields, framing, Some(host));
    framing_fields(out, fields, framing, &seen);
    out.put(b"\r\n");
    Ok(())
}

/// What was seen among the application's fields.
#[derive(Default)]
struct Seen {
    date: bool,
    connection: bool,
    /// Written already, in the place that the application gave them.
    host: bool,
    length: bool,
}

/// The application's fields; `host` is that of a request.
fn application_fields<O: Output>(
    out: &mut O,
    fields: &impl FieldLines,
    framing: Framing,
    host: Option<&[u8]>,
) -> Seen {
    let in_place = fields.framing_in_place();
    let mut seen = Seen::default();
    fields.for_each(|name, value| {
        if !is_length_of_ours(name.len()) {
            return field(out, name, value);
        }
        // Most names are told apart by length and first letter.
        let first = name.first().map_or(0, |first| first | 0x20);
        match (name.len(), first, host) {
            (4, b'd', _) => seen.date |= name.eq_ignore_ascii_case(b"date"),
            (4, b'h', Some(host)) if name.eq_ignore_ascii_case(b"host") => {
                if in_place && !std::mem::replace(&mut seen.host, true) {
                    field(out, name, host);
                }
                return;
            }
            (10, b'c', _) if name.eq_ignore_ascii_case(b"connection") => {
                if in_place && !seen.connection {
                    merged_connection(out, name, fields, framing.connection);
                }
                seen.connection = true;
                return;
            }
            (14, b'c', _) if name.eq_ignore_ascii_case(b"content-length") => {
                let ours = matches!(framing.length, LengthField::ContentLength(_));
                if in_place && ours && !std::mem::replace(&mut seen.length, true) {
                    length_field(out, name, framing.length);
                }
                return;
            }
            (17, b't', _) if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                let ours = framing.length == LengthField::Chunked;
                if in_place && ours && !std::mem::replace(&mut seen.length, true) {
                    length_field(out, name, framing.length);
                }
                return;
            }
            _ => {}
        }
        field(out, name, value);
    });
    seen
}

/// Whether a name of ours is this long: `Date` and `Host`, `Connection`, `Content-Length`, `Transfer-Encoding`.
#[inline(always)]
const fn is_length_of_ours(length: usize) -> bool {
    const LENGTHS: u32 = 1 << 4 | 1 << 10 | 1 << 14 | 1 << 17;
    length < 32 && LENGTHS >> length & 1 == 1
}

/// Whether `Host` is to stand where the application's fields name it.
fn names_host(fields: &impl FieldLines) -> bool {
    let mut named = false;
    if fields.framing_in_place() {
        fields.for_each(|name, _| named |= name.eq_ignore_ascii_case(b"host"));
    }
    named
}

/// What the application's fields left to write of ours.
fn framing_fields<O: Output>(out: &mut O, fields: &impl FieldLines, framing: Framing, seen: &Seen) {
    match framing.length {
        _ if seen.length => {}
        LengthField::None => {}
        LengthField::ContentLength(octets) => match short_decimal(octets) {
            Some((digits, count)) => {
                out.put_padded(b"content-length: ", &digits, count, b"\r\n");
            }
            None => length_field(out, b"content-length", framing.length),
        },
        LengthField::Chunked => length_field(out, b"transfer-encoding", framing.length),
    }
    if seen.connection {
        if !fields.framing_in_place() {
            merged_connection(out, b"connection", fields, framing.connection);
        }
        return;
    }
    let ours = framing.connection.option();
    if !ours.is_empty() {
        field(out, b"connection", ours);
    }
}

/// `Content-Length` or `Transfer-Encoding`, as spelled.
#[inline(always)]
fn length_field(out: &mut impl Output, name: &[u8], length: LengthField) {
    match length {
        LengthField::None => {}
        LengthField::ContentLength(octets) => {
            field(out, name, itoa::Buffer::new().format(octets).as_bytes());
        }
        LengthField::Chunked => field(out, name, b"chunked"),
    }
}

/// One `Connection` line of our option and of the application's, without its `close` and
/// `keep-alive`.
#[cold]
fn merged_connection<O: Output>(
    out: &mut O,
    spelled: &[u8],
    fields: &impl FieldLines,
    ours: ConnectionField,
) {
    let ours = ours.option();
    let mut any = !ours.is_empty();
    if any {
        out.put(spelled);
        out.put(b": ");
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
                if !any {
                    out.put(spelled);
                }
                out.put(if any { b", " } else { b": " });
                out.put(option);
                any = true;
            }
        }
    });
    if any {
        out.put(b"\r\n");
    }
}

/// `field-name ":" SP field-value CRLF` (RFC 9112 section 5).
#[inline(always)]
fn field(out: &mut impl Output, name: &[u8], value: &[u8]) {
    out.put_parts([name, b": ", value, b"\r\n"]);
}
