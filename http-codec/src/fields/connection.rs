//! `Connection = #connection-option` (RFC 9110 section 7.6.1).

use http::{HeaderMap, Version};

use crate::exchange::Persistence;
use crate::grammar;

/// The connection options that a message names, over all its `Connection` lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConnectionOptions {
    /// `close`.
    pub close: bool,
    /// `keep-alive`.
    pub keep_alive: bool,
    /// `upgrade`.
    pub upgrade: bool,
}

impl ConnectionOptions {
    /// The options of a field section.
    pub fn of(fields: &HeaderMap) -> Self {
        let mut options = ConnectionOptions::default();
        for value in fields.get_all(http::header::CONNECTION) {
            options.note(value.as_bytes());
        }
        options
    }

    /// Adds those of one field line. Options of other names are not ours to know.
    pub fn note(&mut self, value: &[u8]) {
        if value.eq_ignore_ascii_case(b"keep-alive") {
            self.keep_alive = true;
            return;
        }
        for option in grammar::list(value) {
            match option.len() {
                5 if option.eq_ignore_ascii_case(b"close") => self.close = true,
                7 if option.eq_ignore_ascii_case(b"upgrade") => self.upgrade = true,
                10 if option.eq_ignore_ascii_case(b"keep-alive") => self.keep_alive = true,
                _ => {}
            }
        }
    }

    /// Whether the connection persists after a message of this version (RFC 9112 section 9.3):
    /// `close` wins over everything, and HTTP/1.0 persists only where it is asked to.
    pub fn persistence(self, version: Version) -> Persistence {
        if self.close || (version == Version::HTTP_10 && !self.keep_alive) {
            Persistence::Close
        } else {
            Persistence::KeepAlive
        }
    }
}

/// Whether a field belongs to one connection only, by its name alone, so that an intermediary
/// does not forward it (RFC 9110 section 7.6.1). What `Connection` itself names comes on top.
pub fn is_hop_by_hop(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 8] = [
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"transfer-encoding",
        b"upgrade",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}
