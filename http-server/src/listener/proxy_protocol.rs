//! The PROXY protocol, versions 1 and 2: who the client is, told by the proxy in front.
//!
//! ```text
//! v1   PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 CRLF
//! v2   CR LF CR LF NUL CR LF Q U I T LF | version, command | family | length (2) | addresses, TLVs
//! ```
//!
//! Only from peers that are trusted: anybody else could claim to be anybody. A trusted peer must send the header; it is read to
//! its last octet and not one further, so that the transport stays what it was.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt};

use super::{Handshake, Listener};
use crate::info::ConnectionInfo;

/// The first octets of version 2.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// The longest header of version 1, its line end included.
const LONGEST_LINE: usize = 107;

/// The most that addresses and TLVs of version 2 may take.
const LONGEST_BLOCK: usize = 4096;

/// A listener behind a proxy that speaks the PROXY protocol.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use http_server::listener::ProxyProtocol;
/// use tokio::net::TcpListener;
///
/// let listener = TcpListener::bind("0.0.0.0:8080").await?;
/// let listener = ProxyProtocol::new(listener).trust("10.0.0.0".parse().expect("an address"), 8);
/// # drop(listener);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ProxyProtocol<L> {
    listener: L,
    trusted: Vec<(IpAddr, u8)>,
}

impl<L> ProxyProtocol<L> {
    /// Nobody is trusted yet: every connection is served as it is, and a PROXY header is a malformed request.
    pub const fn new(listener: L) -> Self {
        ProxyProtocol {
            listener,
            trusted: Vec::new(),
        }
    }

    /// Trusts the peers whose address begins with the first `length` bits of `prefix`, and requires the header of them.
    #[must_use]
    pub fn trust(mut self, prefix: IpAddr, length: u8) -> Self {
        // An IPv4 address that is written as one of IPv6 begins with 96 bits that are no part of it.
        let ahead = if prefix.is_ipv6() && prefix.to_canonical().is_ipv4() {
            96
        } else {
            0
        };
        let length = length.checked_sub(ahead).unwrap_or(length);
        self.trusted.push((prefix.to_canonical(), length));
        self
    }

    fn proxied<H: Handshake>(&self, handshake: H) -> Proxied<H> {
        let is_trusted = self.is_trusted(handshake.peer_addr());
        Proxied {
            handshake,
            is_trusted,
        }
    }

    fn is_trusted(&self, peer: Option<SocketAddr>) -> bool {
        peer.is_some_and(|peer| {
            let peer = peer.ip().to_canonical();
            self.trusted
                .iter()
                .any(|(prefix, length)| begins_with(peer, *prefix, *length))
        })
    }
}

impl<L> Listener for ProxyProtocol<L>
where
    L: Listener,
{
    type Handshake = Proxied<L::Handshake>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let handshake = self.listener.accept().await?;
        Ok(self.proxied(handshake))
    }

    fn accept_queued(&mut self) -> Option<Self::Handshake> {
        let handshake = self.listener.accept_queued()?;
        Some(self.proxied(handshake))
    }
}

/// A connection whose PROXY header is still to be read.
#[derive(Debug)]
pub struct Proxied<H> {
    handshake: H,
    is_trusted: bool,
}

impl<H: Handshake> Handshake for Proxied<H> {
    type Io = H::Io;

    /// None from a proxy: its connections are those of many clients.
    fn peer_addr(&self) -> Option<SocketAddr> {
        self.handshake.peer_addr().filter(|_| !self.is_trusted)
    }

    async fn establish(self) -> io::Result<(Self::Io, ConnectionInfo)> {
        let (mut io, mut info) = self.handshake.establish().await?;
        if self.is_trusted {
            let header = read(&mut io).await?;
            if let (Some(client), Some(server)) = (header.client, header.server) {
                info.set_addresses(client, server);
            }
            info.extensions_mut().insert(header);
        }
        Ok((io, info))
    }
}

/// What a PROXY header said. In the [`extensions`](ConnectionInfo::extensions) of connections that had one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ProxyHeader {
    /// The client's address; `None` for a connection of the proxy's own (health checks) and for families without one.
    pub client: Option<SocketAddr>,
    /// The address that the client connected to.
    pub server: Option<SocketAddr>,
    /// 1 or 2.
    pub version: u8,
}

/// Reads a header, and nothing behind it.
async fn read(io: &mut (impl AsyncRead + Unpin)) -> io::Result<ProxyHeader> {
    let mut start = [0; SIGNATURE.len()];
    io.read_exact(&mut start).await?;
    if start == SIGNATURE {
        return read_binary(io).await;
    }
    if !start.starts_with(b"PROXY ") {
        return Err(malformed("no PROXY header"));
    }
    let mut line = Vec::with_capacity(LONGEST_LINE);
    line.extend_from_slice(&start);
    while !line.ends_with(b"\r\n") {
        if line.len() == LONGEST_LINE {
            return Err(malformed("PROXY line too long"));
        }
        line.push(io.read_u8().await?);
    }
    let line = std::str::from_utf8(&line[..line.len() - 2])
        .map_err(|_| malformed("PROXY line is not ASCII"))?;
    parse_line(line).ok_or_else(|| malformed("malformed PROXY line"))
}

fn parse_line(line: &str) -> Option<ProxyHeader> {
    let mut words = line.strip_prefix("PROXY ")?.split(' ');
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(ProxyHeader {
            client: None,
            server: None,
            version: 1,
        });
    }
    let mut address = || -> Option<IpAddr> {
        let address: IpAddr = words.next()?.parse().ok()?;
        let fits = match family {
            "TCP4" => address.is_ipv4(),
            "TCP6" => address.is_ipv6(),
            _ => false,
        };
        fits.then_some(address)
    };
    let (client, server) = (address()?, address()?);
    let mut port = || -> Option<u16> {
        let port = words.next()?;
        let is_decimal = port.bytes().all(|octet| octet.is_ascii_digit());
        // A zero in front might be meant as octal.
        let is_plain = port == "0" || !port.starts_with('0');
        (is_decimal && is_plain).then(|| port.parse().ok())?
    };
    let (client_port, server_port) = (port()?, port()?);
    if words.next().is_some() {
        return None;
    }
    let client = Some(SocketAddr::new(client, client_port));
    let server = Some(SocketAddr::new(server, server_port));
    Some(ProxyHeader {
        client,
        server,
        version: 1,
    })
}

/// Version 2, behind its signature.
async fn read_binary(io: &mut (impl AsyncRead + Unpin)) -> io::Result<ProxyHeader> {
    let mut fixed = [0; 4];
    io.read_exact(&mut fixed).await?;
    let length = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
    if length > LONGEST_BLOCK {
        return Err(malformed("PROXY header too long"));
    }
    let mut block = vec![0; length];
    io.read_exact(&mut block).await?;
    parse_block(fixed[0], fixed[1], &block).ok_or_else(|| malformed("malformed PROXY header"))
}

fn parse_block(command: u8, family: u8, block: &[u8]) -> Option<ProxyHeader> {
    let none = ProxyHeader {
        client: None,
        server: None,
        version: 2,
    };
    match command {
        // LOCAL: the proxy itself.
        0x20 => return Some(none),
        0x21 => {}
        _ => return None,
    }
    let port = |at: usize| Some(u16::from_be_bytes(block.get(at..at + 2)?.try_into().ok()?));
    let (client, server) = match family {
        0x11 => {
            let address = |at: usize| {
                Some(Ipv4Addr::from(
                    <[u8; 4]>::try_from(block.get(at..at + 4)?).ok()?,
                ))
            };
            (
                SocketAddr::from((address(0)?, port(8)?)),
                SocketAddr::from((address(4)?, port(10)?)),
            )
        }
        0x21 => {
            let address = |at: usize| {
                Some(Ipv6Addr::from(
                    <[u8; 16]>::try_from(block.get(at..at + 16)?).ok()?,
                ))
            };
            (
                SocketAddr::from((address(0)?, port(32)?)),
                SocketAddr::from((address(16)?, port(34)?)),
            )
        }
        // Without an address that HTTP knows: unspecified, a Unix socket, datagrams. There is nothing else.
        0x00..=0x02 | 0x10..=0x12 | 0x20..=0x22 | 0x30..=0x32 => return Some(none),
        _ => return None,
    };
    Some(ProxyHeader {
        client: Some(client),
        server: Some(server),
        version: 2,
    })
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn begins_with(address: IpAddr, prefix: IpAddr, length: u8) -> bool {
    let bits = |address| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let ((address, width), (prefix, prefix_width)) = (bits(address), bits(prefix));
    let length = u32::from(length).min(width);
    width == prefix_width && (length == 0 || (address ^ prefix) >> (128 - length) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(client: &str, server: &str, version: u8) -> Option<ProxyHeader> {
        let parse = |text: &str| Some(text.parse().expect("an address"));
        Some(ProxyHeader {
            client: parse(client),
            server: parse(server),
            version,
        })
    }

    async fn read_all(octets: &[u8]) -> (Option<ProxyHeader>, usize) {
        let mut rest = octets;
        let header = read(&mut rest).await.ok();
        (header, rest.len())
    }

    #[tokio::test]
    async fn a_line_is_read_to_its_end_and_no_further() {
        let (header, rest) =
            read_all(b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET /").await;
        assert_eq!(
            (header, rest),
            (addresses("192.0.2.1:56324", "198.51.100.1:443", 1), 5)
        );
        let (header, rest) = read_all(b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n").await;
        assert_eq!(
            (header, rest),
            (addresses("[2001:db8::1]:1", "[::1]:2", 1), 0)
        );
        let (header, _) = read_all(b"PROXY UNKNOWN\r\nGET").await;
        assert_eq!(
            header,
            Some(ProxyHeader {
                client: None,
                server: None,
                version: 1
            })
        );
    }

    #[tokio::test]
    async fn a_malformed_line_is_refused() {
        for line in [
            "GET / HTTP/1.1\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1\r\n",
            "PROXY TCP4 ::1 ::1 56324 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 0443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 00 443\r\n",
            "PROXY TCP4 192.0.2.01 198.51.100.1 56324 443\r\n",
            "PROXY UDP4 192.0.2.1 198.51.100.1 1 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 1 443",
        ] {
            assert_eq!(read_all(line.as_bytes()).await.0, None, "{line:?}");
        }
        let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(200));
        assert_eq!(read_all(long.as_bytes()).await.0, None);
    }

    #[tokio::test]
    async fn a_binary_header_is_read_to_its_end_and_no_further() {
        let mut octets = SIGNATURE.to_vec();
        octets.extend_from_slice(&[
            0x21, 0x11, 0, 15, 192, 0, 2, 1, 198, 51, 100, 1, 0, 80, 1, 187, 4, 0, 0,
        ]);
        octets.extend_from_slice(b"GET /");
        assert_eq!(
            read_all(&octets).await,
            (addresses("192.0.2.1:80", "198.51.100.1:443", 2), 5)
        );
        for cut in 0..octets.len() - 5 {
            assert_eq!(read_all(&octets[..cut]).await.0, None, "cut at {cut}");
        }
        let local = [&SIGNATURE[..], &[0x20, 0, 0, 0]].concat();
        assert_eq!(
            read_all(&local).await.0,
            Some(ProxyHeader {
                client: None,
                server: None,
                version: 2
            })
        );
        for wrong in [
            [0x31, 0x11, 0, 0],
            [0x22, 0x11, 0, 0],
            [0x21, 0x11, 0, 4],
            [0x21, 0x11, 0xff, 0xff],
            // Families and protocols that the protocol does not have "must be rejected as invalid".
            [0x21, 0x41, 0, 4],
            [0x21, 0xf1, 0, 4],
            [0x21, 0x13, 0, 4],
            [0x21, 0x03, 0, 4],
        ] {
            let octets = [&SIGNATURE[..], &wrong, &[0; 4]].concat();
            assert_eq!(read_all(&octets).await.0, None, "{wrong:?}");
        }
        // Those that it has, and whatever the proxy itself says of its own.
        for right in [
            [0x21, 0x00, 0, 4],
            [0x21, 0x12, 0, 4],
            [0x21, 0x31, 0, 4],
            [0x20, 0xff, 0, 4],
        ] {
            let octets = [&SIGNATURE[..], &right, &[0; 4]].concat();
            let (header, rest) = read_all(&octets).await;
            assert_eq!(header.map(|header| header.client), Some(None), "{right:?}");
            assert_eq!(rest, 0, "{right:?}");
        }
    }

    #[test]
    fn trust_is_by_prefix() {
        let trusting = ProxyProtocol::new(()).trust("10.1.0.0".parse().expect("an address"), 16);
        let trusts = |peer: &str| trusting.is_trusted(Some(peer.parse().expect("an address")));
        assert!(trusts("10.1.2.3:4") && trusts("[::ffff:10.1.2.3]:4"));
        assert!(!trusts("10.2.2.3:4") && !trusts("[::1]:4"));
        assert!(!trusting.is_trusted(None));
        let mapped = "::ffff:10.1.0.0".parse().expect("an address");
        let trusting = ProxyProtocol::new(()).trust(mapped, 112);
        let trusts = |peer: &str| trusting.is_trusted(Some(peer.parse().expect("an address")));
        assert!(trusts("10.1.2.3:4") && trusts("[::ffff:10.1.2.3]:4"));
        assert!(!trusts("10.2.2.3:4") && !trusts("[::1]:4"));
        assert!(!ProxyProtocol::new(()).is_trusted("10.1.2.3:4".parse().ok()));
    }
}
