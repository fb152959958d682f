//! What can go wrong on a call, and where it went wrong.
//!
//! An [`Error`] is opaque and one pointer wide. It knows its [`ErrorKind`], the [`Phase`] in which it
//! happened, and its [`Progress`]: how much had been exchanged by then, which decides whether the same
//! request may be sent again.

use std::error::Error as StdError;
use std::fmt;

use http_codec::BoxError;

/// Why a call failed.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    phase: Phase,
    progress: Progress,
    reused: bool,
    message: Option<Box<str>>,
    url: Option<Box<str>>,
    source: Option<BoxError>,
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be sent as it is: its URL, a field, or an option is not valid.
    Request,
    /// The name of the host could not be resolved.
    Resolve,
    /// No connection could be made to any address.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The proxy refused or failed.
    Proxy,
    /// Reading from or writing to the connection failed.
    Io,
    /// The peer closed the connection before its response was complete.
    Closed,
    /// The peer's response breaks the rules of HTTP/1.1.
    Malformed,
    /// The peer's response exceeds a limit.
    TooLarge,
    /// The content of the request failed while it was being sent.
    Body,
    /// A deadline passed; [`Error::phase`] tells which.
    Timeout,
    /// A redirect could not be followed, or there were too many.
    Redirect,
    /// The status says that the request failed ([`ResponseExt::error_for_status`](crate::ResponseExt::error_for_status)).
    Status,
    /// The content of the response could not be read or understood.
    Content,
    /// The connection cannot be taken over for another protocol.
    Upgrade,
    /// A layer between the client and its transport failed; its error is in `source()`.
    Layer,
    /// There is no runtime to do the work on, or it is shutting down.
    Runtime,
}

/// Where in a call something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Before anything was tried: the request itself.
    Prepare,
    /// Waiting for a connection to be free.
    Wait,
    /// Looking up the addresses of the host.
    Resolve,
    /// Making a connection.
    Connect,
    /// Asking a proxy for a tunnel.
    Tunnel,
    /// The TLS handshake.
    Handshake,
    /// Sending the request.
    Send,
    /// Waiting for the head of the response.
    Head,
    /// Reading the content of the response.
    Content,
    /// What the client does around a round trip: redirects, decoding.
    Call,
}

/// How far an exchange had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// Not one octet of the request had been written.
    #[default]
    Nothing,
    /// Some octets of the request had been written.
    Started,
    /// The whole request had been written.
    Sent,
    /// Some octets of a response had arrived.
    Received,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, phase: Phase) -> Error {
        Error(Box::new(Inner {
            kind,
            phase,
            progress: Progress::Nothing,
            reused: false,
            message: None,
            url: None,
            source: None,
        }))
    }

    pub(crate) fn request(message: impl Into<Box<str>>) -> Error {
        Error::new(ErrorKind::Request, Phase::Prepare).with_message(message)
    }

    pub(crate) fn timeout(phase: Phase) -> Error {
        Error::new(ErrorKind::Timeout, phase)
    }

    pub(crate) fn no_runtime() -> Error {
        Error::new(ErrorKind::Runtime, Phase::Prepare).with_message("no tokio runtime is current")
    }

    pub(crate) fn with_message(mut self, message: impl Into<Box<str>>) -> Error {
        self.0.message = Some(message.into());
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_progress(mut self, progress: Progress) -> Error {
        self.0.progress = progress;
        self
    }

    pub(crate) fn with_reused(mut self, reused: bool) -> Error {
        self.0.reused = reused;
        self
    }

    pub(crate) fn with_url(mut self, uri: &http::Uri) -> Error {
        if self.0.url.is_none() {
            self.0.url = Some(without_credentials(uri).into());
        }
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where in the call it happened; for a timeout, the phase whose deadline passed.
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// How much of the exchange had happened.
    pub fn progress(&self) -> Progress {
        self.0.progress
    }

    /// The URL that was called, without user name, password and fragment.
    pub fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// Whether a deadline passed.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether no usable connection could be made: resolving, connecting, the proxy or TLS.
    pub fn is_connect(&self) -> bool {
        matches!(
            self.0.phase,
            Phase::Resolve | Phase::Connect | Phase::Tunnel | Phase::Handshake
        )
    }

    /// Whether the peer closed the connection on us, in good order or by a reset.
    pub fn is_closed(&self) -> bool {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        match self.0.kind {
            ErrorKind::Closed => true,
            ErrorKind::Io => causes(self).any(|cause| {
                cause.downcast_ref::<std::io::Error>().is_some_and(|error| {
                    matches!(
                        error.kind(),
                        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
                    )
                })
            }),
            _ => false,
        }
    }

    /// Whether the request provably did not reach the peer's application, so that sending it again
    /// cannot do anything twice: nothing of it had been written.
    pub fn is_retryable(&self) -> bool {
        self.0.progress == Progress::Nothing
            && matches!(
                self.0.kind,
                ErrorKind::Resolve
                    | ErrorKind::Connect
                    | ErrorKind::Tls
                    | ErrorKind::Proxy
                    | ErrorKind::Io
                    | ErrorKind::Closed
                    | ErrorKind::Timeout
            )
    }

    /// Whether the connection had served another exchange before, or had been idle since it was made.
    pub fn is_reused(&self) -> bool {
        self.0.reused
    }

    /// This error and its causes in one line, joined by `: `.
    pub fn report(&self) -> String {
        let mut line = self.to_string();
        for cause in causes(self) {
            line.push_str(": ");
            line.push_str(&cause.to_string());
        }
        line
    }
}

/// The causes of an error, the nearest first.
fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The URL as it may be shown: no userinfo, no fragment.
pub(crate) fn without_credentials(uri: &http::Uri) -> String {
    let mut shown = String::new();
    if let Some(authority) = uri.authority() {
        if let Some(scheme) = uri.scheme_str() {
            shown.push_str(scheme);
            shown.push_str("://");
        }
        let authority = authority.as_str();
        shown.push_str(
            authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host),
        );
    }
    match uri.path_and_query().map(|target| target.as_str()) {
        // An asterisk is of the request line, not of the URI (RFC 9110 section 7.1).
        Some("*") if !shown.is_empty() => {}
        Some(target) => shown.push_str(target),
        // An authority alone, which `CONNECT` may have, has no path.
        None => {}
    }
    shown
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.message, self.0.kind) {
            (Some(message), _) => f.write_str(message)?,
            (None, ErrorKind::Timeout) => f.write_str(self.0.phase.deadline())?,
            (None, kind) => f.write_str(kind.clause())?,
        }
        match &self.0.url {
            Some(url) => write!(f, " ({url})"),
            None => Ok(()),
        }
    }
}

impl ErrorKind {
    fn clause(self) -> &'static str {
        match self {
            ErrorKind::Request => "the request cannot be sent",
            ErrorKind::Resolve => "the host's name could not be resolved",
            ErrorKind::Connect => "no connection could be made",
            ErrorKind::Tls => "the TLS handshake failed",
            ErrorKind::Proxy => "the proxy failed",
            ErrorKind::Io => "the connection failed",
            ErrorKind::Closed => "the peer closed the connection before its response was complete",
            ErrorKind::Malformed => "the response is malformed",
            ErrorKind::TooLarge => "the response exceeds a limit",
            ErrorKind::Body => "the content of the request failed",
            ErrorKind::Timeout => "a deadline passed",
            ErrorKind::Redirect => "the redirect could not be followed",
            ErrorKind::Status => "the status tells of a failure",
            ErrorKind::Content => "the content of the response could not be read",
            ErrorKind::Upgrade => "the connection cannot be taken over",
            ErrorKind::Layer => "a layer below the client failed",
            ErrorKind::Runtime => "there is no runtime",
        }
    }
}

impl Phase {
    fn deadline(self) -> &'static str {
        match self {
            Phase::Prepare => "timed out before anything was sent",
            Phase::Wait => "timed out waiting for a free connection",
            Phase::Resolve => "timed out resolving the host's name",
            Phase::Connect => "timed out connecting",
            Phase::Tunnel => "timed out waiting for the proxy",
            Phase::Handshake => "timed out in the TLS handshake",
            Phase::Send => "timed out sending the request",
            Phase::Head => "timed out waiting for the head of the response",
            Phase::Content => "timed out reading the content of the response",
            Phase::Call => "the call as a whole timed out",
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind)
            .field("phase", &self.0.phase)
            .field("progress", &self.0.progress);
        if let Some(message) = &self.0.message {
            out.field("message", message);
        }
        if let Some(url) = &self.0.url {
            out.field("url", url);
        }
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_never_shown() {
        let uri: http::Uri = "http://user:secret@example.com:81/a?b=c".parse().unwrap();
        let error = Error::timeout(Phase::Head).with_url(&uri);
        assert_eq!(error.url(), Some("http://example.com:81/a?b=c"));
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    #[test]
    fn every_form_of_a_url_is_named() {
        for (uri, named) in [
            ("http://example.com", "http://example.com/"),
            ("user@example.com:443", "example.com:443"),
            ("/a?b", "/a?b"),
        ] {
            assert_eq!(without_credentials(&uri.parse().unwrap()), named);
        }
    }

    #[test]
    fn display_is_one_clause_and_the_report_adds_the_causes() {
        let cause = std::io::Error::other("broken wire");
        let error = Error::new(ErrorKind::Io, Phase::Send).with_source(cause);
        assert_eq!(error.to_string(), "the connection failed");
        assert_eq!(error.report(), "the connection failed: broken wire");
    }

    #[test]
    fn a_reset_is_a_close_too() {
        use std::io::ErrorKind::{ConnectionReset, InvalidData};
        let failed = |kind: std::io::ErrorKind| {
            let cause = std::io::Error::from(kind);
            Error::new(ErrorKind::Io, Phase::Head).with_source(cause)
        };
        assert!(failed(ConnectionReset).is_closed());
        assert!(!failed(InvalidData).is_closed());
        assert!(Error::new(ErrorKind::Closed, Phase::Head).is_closed());
        assert!(!Error::timeout(Phase::Head).is_closed());
    }

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
