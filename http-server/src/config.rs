//! What an operator may set, with defaults that are safe on the open internet.
//!
//! Deadlines say how long each phase of a connection may take; bounds say how much of anything one peer may hold. All
//! of them are on without being asked for. Heads have their own limits in [`http_codec::Limits`].

use std::time::Duration;

use http_codec::{Leniency, Limits};

/// How long each phase of a connection may take. `None` turns a deadline off.
///
/// One timer per connection serves them all, so that none of them costs a request anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// From accept until the transport is ready (TLS handshake, PROXY header). Default: 10 s. Then: closed.
    pub handshake: Option<Duration>,
    /// From accept until the first octet of the first request. Default: 30 s. Then: closed in silence.
    pub first_octet: Option<Duration>,
    /// From a head's first octet until its last, in all. Default: 10 s. Then: 408, or in silence when set below 5 s.
    pub head: Option<Duration>,
    /// Between two requests of a connection. Default: 75 s. Then: closed in silence.
    pub idle: Option<Duration>,
    /// Content that is asked for and does not come. Default: 10 s without an octet. Then: 408.
    pub content: Option<Duration>,
    /// From sending a request to a response: the handler's time. Default: none. Then: 503.
    pub response: Option<Duration>,
    /// A peer that does not take what we write. Default: 30 s without an octet. Then: closed. (What a TCP peer takes shows in steps of
    /// some hundred KiB: who reads less in this time looks like who reads nothing.)
    pub write: Option<Duration>,
    /// A service that is not ready to be called. Default: 1 s. Then: 503.
    pub ready: Option<Duration>,
    /// What may still be streamed to a peer that has closed its side. Default: 30 s. Then: closed.
    pub half_closed: Option<Duration>,
    /// A request body that a handler neither reads nor drops, once its response is sent. Default: 30 s. Then: the body
    /// fails with [`Revoked`](http_codec::BodyErrorKind::Revoked) and the connection is closed.
    pub forgotten: Option<Duration>,
    /// A connection in all. Default: none. Then: closed after the current response, at once when idle.
    pub age: Option<Duration>,
    /// The lingering close: how long what the peer still sends is read and thrown away, so that no reset destroys the
    /// last response (RFC 9112 section 9.6). Default: 1 s.
    pub linger: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = |count| Some(Duration::from_secs(count));
        Deadlines {
            handshake: seconds(10),
            first_octet: seconds(30),
            head: seconds(10),
            idle: seconds(75),
            content: seconds(10),
            response: None,
            write: seconds(30),
            ready: seconds(1),
            half_closed: seconds(30),
            forgotten: seconds(30),
            age: None,
            linger: Duration::from_secs(1),
        }
    }
}

/// The lowest rate at which content may arrive while it is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MinimumRate {
    /// Octets a second. Default: 240. Zero turns the rate off.
    pub octets: u64,
    /// How long a body is waited for before the rate counts. Default: 5 s.
    pub grace: Duration,
}

impl MinimumRate {
    /// `octets` a second, measured once a body has been waited for during `grace`.
    pub const fn new(octets: u64, grace: Duration) -> Self {
        MinimumRate { octets, grace }
    }
}

impl Default for MinimumRate {
    fn default() -> Self {
        MinimumRate::new(240, Duration::from_secs(5))
    }
}

/// How much one server, and one peer, may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// Connections in all. Default: the process's limit of open files less 64. At the limit nothing is accepted.
    pub connections: usize,
    /// Connections of one peer address. Default: none. Over it a connection is closed as it is accepted.
    pub connections_per_peer: Option<usize>,
    /// Requests on one connection. Default: none. The last one is answered with `Connection: close`.
    pub requests: Option<u64>,
    /// Octets of content that an unread request body may still bring before its connection is given up. Default: 256 KiB.
    pub drain: u64,
    /// How long such a body is waited for. Default: 50 ms.
    pub drain_time: Duration,
    /// Octets that may be unwritten before no further head or content is taken up. Default: 64 KiB.
    pub unwritten: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            connections: descriptor_limit().saturating_sub(64).max(16),
            connections_per_peer: None,
            requests: None,
            drain: 256 * 1024,
            drain_time: Duration::from_millis(50),
            unwritten: 64 * 1024,
        }
    }
}

/// Everything that an operator may set; see [`ServerBuilder`](crate::ServerBuilder).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Config {
    /// How long each phase may take.
    pub deadlines: Deadlines,
    /// The lowest rate of a request's content.
    pub minimum_rate: MinimumRate,
    /// How much a peer may hold.
    pub bounds: Bounds,
    /// Limits of a request's head, content, trailers and chunk framing. Content that is announced to be larger than
    /// [`Limits::content`] is a 413 without a call of the service; content that shows to be larger fails for its reader.
    pub limits: Limits,
    /// Where the decoder is to be less strict than the standard. Default: nowhere.
    pub leniency: Leniency,
    /// Whether a peer that goes away cancels the handler. Default: false; see
    /// [`cancel_on_disconnect`](crate::ServerBuilder::cancel_on_disconnect).
    pub cancel_on_disconnect: bool,
}

/// Longer than any connection lives, and short enough to be added to any moment.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

impl Config {
    /// The same with nothing in it that is too long to reckon with: `Duration::MAX` is a hundred years.
    pub(crate) fn bounded(mut self) -> Self {
        let deadlines = &mut self.deadlines;
        for deadline in [
            &mut deadlines.handshake,
            &mut deadlines.first_octet,
            &mut deadlines.head,
            &mut deadlines.idle,
            &mut deadlines.content,
            &mut deadlines.response,
            &mut deadlines.write,
            &mut deadlines.ready,
            &mut deadlines.half_closed,
            &mut deadlines.forgotten,
            &mut deadlines.age,
        ] {
            *deadline = deadline.map(|deadline| deadline.min(LONGEST));
        }
        deadlines.linger = deadlines.linger.min(LONGEST);
        self.bounds.drain_time = self.bounds.drain_time.min(LONGEST);
        self.minimum_rate.grace = self.minimum_rate.grace.min(LONGEST);
        self
    }
}

/// The soft limit of open files, as the process has it now.
#[cfg(target_os = "linux")]
fn descriptor_limit() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|rest| rest.split_whitespace().next());
    soft.map_or(1024, |soft| soft.parse().unwrap_or(usize::MAX / 2))
}

/// Without a portable way to ask, the smallest limit that is common.
#[cfg(not(target_os = "linux"))]
fn descriptor_limit() -> usize {
    1024
}
