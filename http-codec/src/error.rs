//! Two errors for two culprits: [`DecodeError`] is the peer's fault, [`EncodeError`] ours.

use std::fmt;

use http::StatusCode;

/// A message that the peer sent and that we refuse.
///
/// [`kind`](DecodeError::kind) says what was wrong, [`position`](DecodeError::position) where, and
/// [`status`](DecodeError::status) what a server may answer. Nothing behind the offence can be
/// trusted to be a message: the connection closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    position: u64,
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind, position: u64) -> Self {
        DecodeError { kind, position }
    }

    pub(crate) const fn at(kind: DecodeErrorKind, position: usize) -> Self {
        DecodeError {
            kind,
            position: position as u64,
        }
    }

    /// What was wrong.
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// The octet at which it showed: counted from the first octet of the start line for a head,
    /// and from the first octet behind the head for content and trailers.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// The status that a server may answer with before it closes.
    pub const fn status(&self) -> StatusCode {
        use DecodeErrorKind::*;
        match self.kind {
            TargetTooLong(_) => StatusCode::URI_TOO_LONG,
            HeadTooLarge(_)
            | LineTooLong(_)
            | TooManyFields(_)
            | TrailerTooLarge(_)
            | TooManyTrailerFields(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            ContentTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            UnsupportedCoding => StatusCode::NOT_IMPLEMENTED,
            UnsupportedVersion => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether the peer closed in the middle of a message.
    pub const fn is_truncated(&self) -> bool {
        matches!(self.kind, DecodeErrorKind::Truncated(_))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {}", self.kind, self.position)
    }
}

impl std::error::Error for DecodeError {}

/// What was wrong with a message, with the value of the limit or count that it met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The head is larger than [`Limits::head`](crate::Limits::head) octets.
    HeadTooLarge(usize),
    /// The request-target is longer than [`Limits::target`](crate::Limits::target) octets.
    TargetTooLong(usize),
    /// The method is longer than [`Limits::method`](crate::Limits::method) octets.
    MethodTooLong(usize),
    /// A line is longer than [`Limits::line`](crate::Limits::line) octets.
    LineTooLong(usize),
    /// There are more field lines than [`Limits::fields`](crate::Limits::fields).
    TooManyFields(usize),
    /// A carriage return without its line feed (RFC 9112 section 2.2).
    BareCr,
    /// A line feed without its carriage return (RFC 9112 section 2.2).
    BareLf,
    /// An empty line where a message must begin.
    EmptyLine,
    /// The method is not a token (RFC 9112 section 3.1).
    Method,
    /// The request-target holds an octet that no URI has, or has no known form (RFC 9112 section
    /// 3.2).
    Target,
    /// The form of the request-target does not belong to its method (RFC 9112 section 3.2).
    TargetForm,
    /// The protocol version is not `HTTP/` DIGIT `.` DIGIT, or the line has more or fewer parts.
    Version,
    /// The major version is not 1 (RFC 9110 section 2.5), or this is the preface of HTTP/2.
    UnsupportedVersion,
    /// The status code is not three digits from 100 to 999 (RFC 9112 section 4).
    Status,
    /// The reason phrase holds a control octet (RFC 9112 section 4).
    Reason,
    /// A line of a field section begins with a space or a tab (obs-fold, RFC 9112 section 5.2).
    ObsFold,
    /// A field name is empty, not a token, or not followed at once by a colon (RFC 9112 section 5.1).
    FieldName,
    /// A field value holds a control octet (RFC 9110 section 5.5).
    FieldValue,
    /// HTTP/1.1 without `Host` (RFC 9112 section 3.2).
    HostMissing,
    /// More than one `Host` (RFC 9112 section 3.2).
    HostRepeated,
    /// A `Host` or authority that is not `uri-host [":" port]` (RFC 9110 section 7.2).
    Host,
    /// A `Content-Length` that is not `1*DIGIT` within 63 bits (RFC 9110 section 8.6).
    ContentLength,
    /// More than one `Content-Length` (RFC 9112 section 6.3).
    ContentLengthRepeated,
    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112 section 6.3).
    LengthAndCoding,
    /// A `Transfer-Encoding` that is repeated, empty, malformed, or does not end with one
    /// `chunked` (RFC 9112 section 6.1).
    TransferCoding,
    /// `Transfer-Encoding` in HTTP/1.0 (RFC 9112 section 6.1).
    CodingInOldVersion,
    /// A transfer coding that is not undone here (RFC 9112 section 6.1).
    UnsupportedCoding,
    /// Chunked content whose `Trailer` announces a field that frames messages (RFC 9110 section 6.5.1).
    Trailer,
    /// A chunk size that is not `1*HEXDIG` (RFC 9112 section 7.1).
    ChunkSize,
    /// A chunk size of more than 16 digits (RFC 9112 section 7.1).
    ChunkSizeTooLong,
    /// A chunk extension that breaks its grammar (RFC 9112 section 7.1.1).
    ChunkExtension,
    /// A chunk-size line longer than [`Limits::chunk_line`](crate::Limits::chunk_line) octets.
    ChunkLineTooLong(usize),
    /// More octets of chunk extensions than
    /// [`Limits::chunk_extensions`](crate::Limits::chunk_extensions).
    ChunkExtensionsTooLarge(usize),
    /// Chunk data that is not followed by CRLF (RFC 9112 section 7.1).
    ChunkEnd,
    /// More content than [`Limits::content`](crate::Limits::content) octets.
    ContentTooLarge(u64),
    /// A trailer section larger than [`Limits::trailer`](crate::Limits::trailer) octets.
    TrailerTooLarge(usize),
    /// More trailer field lines than [`Limits::trailer_fields`](crate::Limits::trailer_fields).
    TooManyTrailerFields(usize),
    /// The peer closed before the message was complete; the number of octets that are known to be
    /// missing, at least 1 (RFC 9112 section 8).
    Truncated(u64),
    /// More interim responses than [`Limits::interim`](crate::Limits::interim).
    TooManyInterim(usize),
    /// More pipelined requests than [`Limits::owed`](crate::Limits::owed).
    TooManyOwed(usize),
    /// A response that no request waits for.
    Unsolicited,
    /// A 101 (Switching Protocols) that was not asked for, or names no protocol (RFC 9110 section 15.2.2).
    Upgrade,
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use DecodeErrorKind::*;
        let text = match *self {
            HeadTooLarge(limit) => return write!(f, "head exceeds {limit} octets"),
            TargetTooLong(limit) => return write!(f, "request-target exceeds {limit} octets"),
            MethodTooLong(limit) => return write!(f, "method exceeds {limit} octets"),
            LineTooLong(limit) => return write!(f, "line exceeds {limit} octets"),
            TooManyFields(limit) => return write!(f, "head exceeds {limit} field lines"),
            ChunkLineTooLong(limit) => return write!(f, "chunk-size line exceeds {limit} octets"),
            ChunkExtensionsTooLarge(limit) => {
                return write!(f, "chunk extensions exceed {limit} octets");
            }
            ContentTooLarge(limit) => return write!(f, "content exceeds {limit} octets"),
            TrailerTooLarge(limit) => return write!(f, "trailer section exceeds {limit} octets"),
            TooManyTrailerFields(limit) => {
                return write!(f, "trailer section exceeds {limit} field lines");
            }
            Truncated(missing) => {
                return write!(f, "message ends at least {missing} octets early");
            }
            TooManyInterim(limit) => return write!(f, "more than {limit} interim responses"),
            TooManyOwed(limit) => return write!(f, "more than {limit} requests unanswered"),
            BareCr => "carriage return without line feed",
            BareLf => "line feed without carriage return",
            EmptyLine => "empty line before the start line",
            Method => "method is not a token",
            Target => "malformed request-target",
            TargetForm => "form of request-target does not fit the method",
            Version => "malformed protocol version",
            UnsupportedVersion => "unsupported protocol version",
            Status => "malformed status code",
            Reason => "control octet in reason phrase",
            ObsFold => "folded field line",
            FieldName => "malformed field name",
            FieldValue => "control octet in field value",
            HostMissing => "missing host",
            HostRepeated => "repeated host",
            Host => "malformed host",
            ContentLength => "malformed content-length",
            ContentLengthRepeated => "repeated content-length",
            LengthAndCoding => "both content-length and transfer-encoding",
            TransferCoding => "malformed transfer-encoding",
            CodingInOldVersion => "transfer-encoding in HTTP/1.0",
            UnsupportedCoding => "unsupported transfer coding",
            Trailer => "framing field announced as a trailer",
            ChunkSize => "malformed chunk size",
            ChunkSizeTooLong => "chunk size exceeds 16 digits",
            ChunkExtension => "malformed chunk extension",
            ChunkEnd => "chunk data not followed by a line end",
            Unsolicited => "response without a request",
            Upgrade => "protocol switched without an offer",
        };
        f.write_str(text)
    }
}

/// A message that we were asked to send and that would not be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeError {
    kind: EncodeErrorKind,
}

impl EncodeError {
    pub(crate) const fn new(kind: EncodeErrorKind) -> Self {
        EncodeError { kind }
    }

    /// What was wrong.
    pub const fn kind(&self) -> EncodeErrorKind {
        self.kind
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use EncodeErrorKind::*;
        match self.kind {
            Excess(octets) => write!(f, "content exceeds its length by {octets} octets"),
            Missing(octets) => write!(f, "content falls short of its length by {octets} octets"),
            Target => f.write_str("request-target holds an octet that cannot be sent"),
            Host => f.write_str("host holds an octet that cannot be sent"),
            FieldName => f.write_str("field name is not a token"),
            FieldValue => f.write_str("field value holds a control octet"),
            Reason => f.write_str("reason phrase holds a control octet"),
            Order => f.write_str("part of a message out of its order"),
        }
    }
}

impl std::error::Error for EncodeError {}

/// What was wrong with a message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// More content than the announced length, by this many octets; what fits has been written.
    Excess(u64),
    /// Less content than the announced length, by this many octets.
    Missing(u64),
    /// A request-target that is empty or holds an octet which would end it.
    Target,
    /// A host with an octet that no host has.
    Host,
    /// A field name that is not a token.
    FieldName,
    /// A field value with a control octet.
    FieldValue,
    /// A reason phrase with a control octet.
    Reason,
    /// Content without a head, or a head inside of content.
    Order,
}
