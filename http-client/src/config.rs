//! The settings of a transport: what a request may take, and how connections are made.

use std::time::Duration;

use http_codec::{Leniency, Limits};
use tokio::time::Instant;

/// How long each phase of a call may take. `None` is for ever.
///
/// The phase whose deadline passed is named by the error ([`Error::phase`](crate::Error::phase)).
///
/// ```
/// use std::time::Duration;
/// let deadlines = http_client::Deadlines::default().with_head(Duration::from_secs(5));
/// assert_eq!(deadlines.connect, Some(Duration::from_secs(10)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// Waiting for a connection to be free or made, everything included. Default: none of its own.
    pub wait: Option<Duration>,
    /// Looking up the addresses of a host. Default 10 s.
    pub resolve: Option<Duration>,
    /// Connecting, over all addresses of a host together. Default 10 s.
    pub connect: Option<Duration>,
    /// The answer of a proxy to `CONNECT`, or of a SOCKS server. Default 30 s.
    pub tunnel: Option<Duration>,
    /// The TLS handshake. Default 10 s.
    pub handshake: Option<Duration>,
    /// Waiting for `100 Continue` before the content is sent anyway (RFC 9110 section 10.1.1). Default 1 s.
    pub expect_continue: Option<Duration>,
    /// From the last octet of the request to the end of the head of the response. Default 30 s.
    pub head: Option<Duration>,
    /// Between two octets of content, in either direction, while we wait for the peer. Default 90 s.
    pub content: Option<Duration>,
    /// The whole call, to the last octet of the response, redirects and retries included. Default: none.
    pub total: Option<Duration>,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = |count| Some(Duration::from_secs(count));
        Deadlines {
            wait: None,
            resolve: seconds(10),
            connect: seconds(10),
            tunnel: seconds(30),
            handshake: seconds(10),
            expect_continue: seconds(1),
            head: seconds(30),
            content: seconds(90),
            total: None,
        }
    }
}

macro_rules! with {
    ($($set:ident $field:ident,)*) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](Deadlines::", stringify!($field), ").")]
        #[must_use]
        pub fn $set(mut self, duration: impl Into<Option<Duration>>) -> Self {
            self.$field = duration.into();
            self
        }
    )*};
}

impl Deadlines {
    /// No deadline at all.
    pub const fn none() -> Self {
        Deadlines {
            wait: None,
            resolve: None,
            connect: None,
            tunnel: None,
            handshake: None,
            expect_continue: None,
            head: None,
            content: None,
            total: None,
        }
    }

    with! {
        with_wait wait,
        with_resolve resolve,
        with_connect connect,
        with_tunnel tunnel,
        with_handshake handshake,
        with_expect_continue expect_continue,
        with_head head,
        with_content content,
        with_total total,
    }
}

/// When so much time will have passed: never, where it is for ever or more than there is.
pub(crate) fn until(from: Instant, limit: Option<Duration>) -> Option<Instant> {
    limit.and_then(|limit| from.checked_add(limit))
}

/// What a transport holds responses to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) limits: Limits,
    pub(crate) leniency: Leniency,
}

impl Default for Reading {
    fn default() -> Self {
        Reading {
            limits: Limits::response(),
            leniency: Leniency::default(),
        }
    }
}
