//! What a response must know of its request: one small value, copied, never shared.

use http::Version;

/// The facts of a request that decide how its response is framed and whether the connection
/// lives on (RFC 9110 section 9, RFC 9112 sections 6.3 and 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// What the method says about the response's content.
    pub method: MethodClass,
    /// `HTTP/1.0` or `HTTP/1.1`; a higher minor version counts as 1.1.
    pub version: Version,
    /// Whether the request lets the connection persist.
    pub persistence: Persistence,
    /// What the request expects before it sends its content.
    pub expectation: Expectation,
    /// Whether the request offers an upgrade that may be taken: `Connection: upgrade` and
    /// `Upgrade`, HTTP/1.1, no content (RFC 9110 section 7.8).
    pub upgrade: bool,
}

impl Default for Exchange {
    /// That of `GET / HTTP/1.1`.
    fn default() -> Self {
        Exchange {
            method: MethodClass::Other,
            version: Version::HTTP_11,
            persistence: Persistence::KeepAlive,
            expectation: Expectation::None,
            upgrade: false,
        }
    }
}

/// The three kinds of method that message framing tells apart (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodClass {
    /// `HEAD`: the response has no content, whatever its fields say.
    Head,
    /// `CONNECT`: a 2xx answer turns the connection into a tunnel.
    Connect,
    /// Every other method.
    Other,
}

impl MethodClass {
    /// The class of a method as it stands on the wire. Methods are case-sensitive.
    pub fn of(method: &[u8]) -> Self {
        match method {
            b"HEAD" => MethodClass::Head,
            b"CONNECT" => MethodClass::Connect,
            _ => MethodClass::Other,
        }
    }
}

impl From<&http::Method> for MethodClass {
    fn from(method: &http::Method) -> Self {
        if *method == http::Method::HEAD {
            MethodClass::Head
        } else if *method == http::Method::CONNECT {
            MethodClass::Connect
        } else {
            MethodClass::Other
        }
    }
}

/// Whether a connection may carry another exchange (RFC 9112 section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// It may.
    KeepAlive,
    /// It closes after this exchange.
    Close,
}

impl Persistence {
    /// Whether the connection may carry another exchange.
    pub const fn is_keep_alive(self) -> bool {
        matches!(self, Persistence::KeepAlive)
    }

    /// `KeepAlive` only if both say so.
    pub const fn and(self, other: Persistence) -> Self {
        match (self, other) {
            (Persistence::KeepAlive, Persistence::KeepAlive) => Persistence::KeepAlive,
            _ => Persistence::Close,
        }
    }
}

/// What an `Expect` field asks for (RFC 9110 section 10.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing; also `100-continue` in HTTP/1.0 or without content, where it has no meaning.
    None,
    /// `100-continue`: the client waits for an interim response before it sends its content.
    Continue,
    /// Something else: a server may answer 417.
    Unknown,
}
