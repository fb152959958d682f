//! What happened in one exchange, and when: Go's `httptrace` as one value.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::persist_conn::ConnectionFacts;
use crate::pool::Source;

/// The course of one exchange. All times since `start` count from the moment at which the request was handed to the
/// transport.
///
/// It is handed to the hook ([`Options::with_trace`](crate::Options::with_trace)) once: when the content of the response
/// ended or was dropped, or when the exchange failed or was cancelled. An exchange that was replayed on another connection
/// gives one trace for each attempt.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Trace {
    /// Whether the connection had served another exchange, or had been idle since it was made.
    pub reused: bool,
    /// For how long it had been idle, where it came from the idle ones.
    pub idle: Option<Duration>,
    /// What making the connection took, where it was made for this exchange.
    pub dial: Option<DialTimes>,
    /// Our address on the connection.
    pub local_addr: Option<SocketAddr>,
    /// The peer's address on the connection; the proxy's, where there is one.
    pub peer_addr: Option<SocketAddr>,
    /// When a connection was there.
    pub got_connection: Option<Duration>,
    /// When the head of the request had been written. A small request leaves in one piece: then its content had been, too.
    pub wrote_head: Option<Duration>,
    /// When the request had been written.
    pub wrote_request: Option<Duration>,
    /// When `100 Continue` came.
    pub got_continue: Option<Duration>,
    /// Interim responses that came.
    pub interim: u32,
    /// When the first octets of the response were there.
    pub first_octet: Option<Duration>,
    /// When the head of the response was there.
    pub head: Option<Duration>,
    /// When the content ended, or was dropped.
    pub done: Option<Duration>,
    /// Whether the response was read to its end.
    pub complete: bool,
}

/// What the parts of making a connection took.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DialTimes {
    /// Looking up the addresses.
    pub resolve: Option<Duration>,
    /// Connecting, over all addresses that were tried.
    pub connect: Option<Duration>,
    /// Asking the proxy for a tunnel.
    pub tunnel: Option<Duration>,
    /// The TLS handshake.
    pub handshake: Option<Duration>,
}

/// Who hears of a finished exchange.
#[derive(Clone)]
pub(crate) struct Hook(pub(crate) Arc<dyn Fn(&Trace) + Send + Sync>);

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// Writes a [`Trace`]; hands it over when dropped.
pub(crate) struct Recorder(Box<Recording>);

struct Recording {
    hook: Hook,
    start: Instant,
    trace: Trace,
}

impl Recorder {
    pub(crate) fn new(hook: &Hook, start: Instant) -> Recorder {
        Recorder(Box::new(Recording {
            hook: hook.clone(),
            start,
            trace: Trace::default(),
        }))
    }

    pub(crate) fn got_connection(&mut self, source: Source, facts: &ConnectionFacts) {
        let now = self.now();
        let trace = &mut self.0.trace;
        trace.got_connection = now;
        trace.reused = source != Source::Dialed;
        trace.idle = match source {
            Source::Idle(since) => Some(since.elapsed()),
            _ => None,
        };
        trace.dial = (source == Source::Dialed).then_some(facts.dial);
        trace.local_addr = facts.local;
        trace.peer_addr = facts.peer;
    }

    pub(crate) fn wrote_head(&mut self) {
        if self.0.trace.wrote_head.is_none() {
            self.0.trace.wrote_head = self.now();
        }
    }

    pub(crate) fn first_octet(&mut self) {
        if self.0.trace.first_octet.is_none() {
            self.0.trace.first_octet = self.now();
        }
    }

    pub(crate) fn wrote_request(&mut self) {
        self.0.trace.wrote_request = self.now();
    }

    pub(crate) fn interim(&mut self, is_continue: bool) {
        let now = self.now();
        let trace = &mut self.0.trace;
        trace.interim += 1;
        if is_continue {
            trace.got_continue = now;
        }
    }

    pub(crate) fn head(&mut self) {
        self.0.trace.head = self.now();
    }

    pub(crate) fn done(mut self, complete: bool) {
        self.0.trace.complete = complete;
    }

    fn now(&self) -> Option<Duration> {
        Some(self.0.start.elapsed())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.0.trace.done = self.now();
        (self.0.hook.0)(&self.0.trace);
    }
}
