//! May this request be sent again? Go's `shouldRetryRequest` as a pure function.
//!
//! A kept-alive connection can die at the very moment at which a request is written to it. The client cannot
//! know whether the peer saw the request, so it sends again only what does no harm when it is done twice
//! (RFC 9110 section 9.2.2), or what the peer cannot have seen.

use http::{HeaderMap, Method};

use crate::error::{Error, ErrorKind, Progress};

/// What the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// The connection had served an exchange before, or had waited in the pool for its first one: the peer may have
    /// tired of it.
    pub(crate) reused: bool,
    /// How far this attempt came.
    pub(crate) progress: Progress,
    /// The failure was the connection's, not ours and not a deadline's.
    pub(crate) lost: bool,
    /// [`harmless`]: the method or an idempotency key says that twice is as good as once.
    pub(crate) harmless: bool,
    /// The content can be produced again.
    pub(crate) rewindable: bool,
}

impl Attempt {
    pub(crate) fn new(error: &Error, harmless: bool, rewindable: bool) -> Attempt {
        Attempt {
            reused: error.is_reused(),
            progress: error.progress(),
            lost: matches!(error.kind(), ErrorKind::Io | ErrorKind::Closed),
            harmless,
            rewindable,
        }
    }

    /// Whether another connection may be tried.
    pub(crate) fn may_replay(self) -> bool {
        self.reused
            && self.lost
            && self.rewindable
            && match self.progress {
                Progress::Nothing => true,
                Progress::Started | Progress::Sent => self.harmless,
                Progress::Received => false,
            }
    }
}

/// Whether a request may be done twice: a safe method, or a key by which the peer recognises it.
pub(crate) fn harmless(method: &Method, fields: &HeaderMap) -> bool {
    *method == Method::GET
        || *method == Method::HEAD
        || *method == Method::OPTIONS
        || *method == Method::TRACE
        || (!fields.is_empty()
            && (fields.contains_key("idempotency-key") || fields.contains_key("x-idempotency-key")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(reused: bool, progress: Progress, harmless: bool, rewindable: bool) -> bool {
        Attempt {
            reused,
            progress,
            lost: true,
            harmless,
            rewindable,
        }
        .may_replay()
    }

    #[test]
    fn the_table_of_go() {
        use Progress::{Nothing, Received, Sent, Started};
        // reused, progress, harmless, rewindable => replayed
        let table = [
            (true, Nothing, false, true, true),
            (true, Nothing, false, false, false),
            (true, Nothing, true, true, true),
            (true, Started, true, true, true),
            (true, Started, false, true, false),
            (true, Sent, true, true, true),
            (true, Sent, true, false, false),
            (true, Sent, false, true, false),
            (true, Received, true, true, false),
            (false, Nothing, true, true, false),
            (false, Started, true, true, false),
            (false, Sent, true, true, false),
            (false, Received, true, true, false),
        ];
        for (reused, progress, harmless, rewindable, replayed) in table {
            assert_eq!(
                attempt(reused, progress, harmless, rewindable),
                replayed,
                "{reused} {progress:?} {harmless} {rewindable}"
            );
        }
    }

    #[test]
    fn a_failure_that_is_not_the_connections_is_never_replayed() {
        for kind in [ErrorKind::Timeout, ErrorKind::Body, ErrorKind::Malformed] {
            let error = Error::new(kind, crate::Phase::Head).with_reused(true);
            assert!(!Attempt::new(&error, true, true).may_replay(), "{kind:?}");
        }
    }

    #[test]
    fn the_methods_and_the_keys() {
        let none = HeaderMap::new();
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE] {
            assert!(harmless(&method, &none), "{method}");
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            assert!(!harmless(&method, &none), "{method}");
            for key in ["idempotency-key", "x-idempotency-key"] {
                let mut fields = HeaderMap::new();
                fields.insert(key, http::HeaderValue::from_static(""));
                assert!(harmless(&method, &fields), "{method} {key}");
            }
        }
    }
}
