//! The address of the client behind proxies.
//!
//! `X-Forwarded-For: client, proxy1, proxy2` is written by whoever sends it, so it is believed only as far as trusted
//! proxies have written it: from the right, past the addresses that are trusted, to the first that is not.

use std::fmt;
use std::net::{AddrParseError, IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use http::Request;
use http::header::{HeaderMap, HeaderName};
use http_codec::Body;

type Peer = Arc<dyn Fn(&Request<Body>) -> Option<IpAddr> + Send + Sync>;

/// How the address of the client is found out.
///
/// ```
/// use http_mux::engine::ClientIp;
///
/// let by_proxy = ClientIp::new().trust("10.0.0.0/8".parse()?);
/// # drop(by_proxy);
/// # Ok::<(), http_mux::engine::NetworkError>(())
/// ```
#[derive(Clone)]
pub struct ClientIp {
    trusted: Vec<Network>,
    headers: Vec<HeaderName>,
    platform: Option<HeaderName>,
    peer: Peer,
}

impl Default for ClientIp {
    fn default() -> Self {
        Self::new()
    }
}

impl ClientIp {
    /// The peer's address, from the request's body, which knows it behind `http-server`, or from an extension of the request of
    /// type `SocketAddr`; no proxy is trusted.
    pub fn new() -> Self {
        let headers = ["x-forwarded-for", "x-real-ip"].map(HeaderName::from_static);
        Self {
            trusted: Vec::new(),
            headers: headers.into(),
            platform: None,
            peer: Arc::new(peer),
        }
    }

    /// Believes the peers of this network what they say about whom they speak for.
    #[must_use]
    pub fn trust(mut self, proxies: Network) -> Self {
        self.trusted.push(proxies);
        self
    }

    /// The fields that name the client, in this order. Default: `X-Forwarded-For`, `X-Real-IP`.
    #[must_use]
    pub fn headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.headers = names.into_iter().collect();
        self
    }

    /// Believes this field whoever sends it: for a platform that sets it on every request and lets nobody else set it, such as
    /// `CF-Connecting-IP` or `Fly-Client-IP`.
    #[must_use]
    pub fn platform(mut self, name: HeaderName) -> Self {
        self.platform = Some(name);
        self
    }

    /// Learns the peer's address in another way, which depends on the server.
    #[must_use]
    pub fn peer_by(
        mut self,
        peer: impl Fn(&Request<Body>) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        self.peer = Arc::new(peer);
        self
    }

    /// The address of the peer, whoever it speaks for.
    pub fn peer(&self, request: &Request<Body>) -> Option<IpAddr> {
        (self.peer)(request).map(|address| address.to_canonical())
    }

    /// The address of the client. One of IPv4 in IPv6 clothes (`::ffff:192.0.2.1`) is given as IPv4, whoever names it.
    pub fn of(&self, request: &Request<Body>) -> Option<IpAddr> {
        let headers = request.headers();
        let named = self
            .platform
            .as_ref()
            .and_then(|name| address(headers.get(name)?.as_bytes()));
        if named.is_some() {
            return named;
        }
        let peer = self.peer(request)?;
        if !self.trusts(peer) {
            return Some(peer);
        }
        self.headers
            .iter()
            .find_map(|name| self.forwarded(headers, name))
            .or(Some(peer))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// From the right, the first address that is not trusted, or the leftmost; nothing if one on the way is no address.
    fn forwarded(&self, headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
        let mut found = None;
        let lines = headers.get_all(name).iter().rev();
        // Item by item: what a client has put before what the proxies have added is never looked at.
        for item in lines.flat_map(|line| line.as_bytes().rsplit(|&octet| octet == b',')) {
            let address = address(item)?;
            found = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        found
    }
}

fn peer(request: &Request<Body>) -> Option<IpAddr> {
    let told = request
        .body()
        .lender()
        .and_then(|lender| lender.peer_addr());
    let address = told.or_else(|| request.extensions().get::<SocketAddr>().copied())?;
    Some(address.ip())
}

/// The address that an item of a field is.
fn address(item: &[u8]) -> Option<IpAddr> {
    let address: IpAddr = std::str::from_utf8(item).ok()?.trim().parse().ok()?;
    Some(address.to_canonical())
}

impl fmt::Debug for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIp")
            .field("trusted", &self.trusted)
            .field("headers", &self.headers)
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

/// A range of addresses: `10.0.0.0/8`, or one address. An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) counts as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// Bits from the left that count.
    bits: u8,
}

impl Network {
    /// Whether the address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let differ = u32::from(ours) ^ u32::from(theirs);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let differ = u128::from(ours) ^ u128::from(theirs);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            bits: if address.is_ipv4() { 32 } else { 128 },
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let whole = Self::from(address.parse::<IpAddr>()?);
        match bits.map(str::parse) {
            None => Ok(whole),
            Some(Ok(bits)) if bits <= whole.bits => Ok(Self { bits, ..whole }),
            Some(_) => Err(NetworkError(())),
        }
    }
}

/// The text names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkError(());

impl From<AddrParseError> for NetworkError {
    fn from(_: AddrParseError) -> Self {
        Self(())
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an address, or an address and a number of bits: `10.0.0.0/8`")
    }
}

impl std::error::Error for NetworkError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &str) -> String {
        let rule = ClientIp::new()
            .trust("10.0.0.0/8".parse().expect("a network"))
            .trust("::1".parse().expect("an address"));
        let peer = SocketAddr::new(peer.parse().expect("an address"), 1);
        let request = Request::get("/")
            .header("x-forwarded-for", forwarded)
            .extension(peer)
            .body(Body::empty());
        rule.of(&request.expect("a request"))
            .expect("an address")
            .to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("9.9.9.9", "1.1.1.1"), "9.9.9.9");
    }

    #[test]
    fn a_trusted_chain_is_followed_to_the_first_stranger() {
        assert_eq!(client("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2"), "1.1.1.1");
        assert_eq!(client("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
        assert_eq!(client("::ffff:10.0.0.1", "1.1.1.1"), "1.1.1.1");
        assert_eq!(client("10.0.0.1", "::ffff:1.1.1.1"), "1.1.1.1");
        assert_eq!(client("::ffff:9.9.9.9", ""), "9.9.9.9");
    }

    #[test]
    fn what_a_client_puts_in_front_changes_nothing() {
        let rule = ClientIp::new().trust("10.0.0.0/8".parse().expect("a network"));
        let request = Request::get("/")
            .header("x-forwarded-for", &b"6.6.6.6, \xff"[..])
            .header("x-forwarded-for", &b"\xff, 1.1.1.1, 10.0.0.2"[..])
            .header("x-real-ip", "6.6.6.6")
            .extension(SocketAddr::from(([10, 0, 0, 1], 1)))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(rule.of(&request), Some([1, 1, 1, 1].into()));
    }

    /// As Gin has it: one client has one address.
    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_ipv4_whoever_names_it() {
        let mapped = "::ffff:192.0.2.1";
        let platform = ClientIp::new().platform(HeaderName::from_static("fly-client-ip"));
        let told = ClientIp::new().peer_by(|_| "::ffff:192.0.2.1".parse().ok());
        for rule in [platform, told] {
            let request = Request::get("/").header("fly-client-ip", mapped);
            let request = request.body(Body::empty()).expect("a request");
            assert_eq!(rule.of(&request), Some([192, 0, 2, 1].into()));
        }
    }

    #[test]
    fn one_bad_item_voids_the_field() {
        assert_eq!(client("::1", "1.1.1.1, junk"), "::1");
    }
}
