//! TLS, by rustls.
//!
//! The handshake runs in the connection's own task and under the handshake's deadline. The configuration is looked up for each
//! handshake, so that certificates can be replaced while connections are open.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Handshake, Listener};
use crate::info::ConnectionInfo;

/// What a client is told that speaks plain HTTP to a TLS port; the octets are Go's.
const PLAIN: &[u8] =
    b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

/// How long such a client may take to hear it.
const LINGER: Duration = Duration::from_secs(1);

/// A listener whose connections are TLS.
#[derive(Debug)]
pub struct Tls<L> {
    listener: L,
    config: TlsConfig,
}

impl<L> Tls<L> {
    /// TLS over the connections of `listener`.
    pub const fn new(listener: L, config: TlsConfig) -> Self {
        Tls { listener, config }
    }

    fn handshake<H>(&self, inner: H) -> TlsHandshake<H> {
        TlsHandshake {
            inner,
            config: self.config.clone(),
        }
    }
}

/// What a [`Tls`] listener shows its clients. A handle: clones are the same configuration.
#[derive(Clone)]
pub struct TlsConfig {
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

impl TlsConfig {
    /// A configuration of rustls. Where it names no application protocol, `http/1.1` is offered. Early data (0-RTT) is never
    /// accepted, whatever it says: a request in it may be a replay (RFC 8470), and the client repeats what is not accepted.
    pub fn new(config: ServerConfig) -> Self {
        TlsConfig {
            current: Arc::new(RwLock::new(offering(config))),
        }
    }

    /// A certificate chain and its key, as PEM; no client certificates.
    ///
    /// # Errors
    ///
    /// If there is no certificate or no key in the text, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> io::Result<Self> {
        pem(chain, key).map(Self::new)
    }

    /// Replaces the configuration: handshakes from now on see this one, connections that are open stay.
    pub fn reload(&self, config: ServerConfig) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = offering(config);
    }

    /// The same with a certificate chain and its key, as PEM. On an error the old ones stay.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn reload_pem(&self, chain: &[u8], key: &[u8]) -> io::Result<()> {
        self.reload(pem(chain, key)?);
        Ok(())
    }

    fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig").finish_non_exhaustive()
    }
}

fn offering(mut config: ServerConfig) -> Arc<ServerConfig> {
    if config.alpn_protocols.is_empty() {
        config.alpn_protocols.push(b"http/1.1".to_vec());
    }
    // What is accepted of it would not be read, either.
    config.max_early_data_size = 0;
    Arc::new(config)
}

fn pem(chain: &[u8], key: &[u8]) -> io::Result<ServerConfig> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    #[cfg(feature = "tls-ring")]
    let provider = rustls::crypto::ring::default_provider();
    #[cfg(not(feature = "tls-ring"))]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let invalid =
        |error: &dyn fmt::Display| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|error| invalid(&error))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| invalid(&error))?;
    // The provider is named, so that there is no process-wide default to have been forgotten.
    ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| invalid(&error))
}

impl<L: Listener> Listener for Tls<L> {
    type Handshake = TlsHandshake<L::Handshake>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let inner = self.listener.accept().await?;
        Ok(self.handshake(inner))
    }

    fn accept_queued(&mut self) -> Option<Self::Handshake> {
        let inner = self.listener.accept_queued()?;
        Some(self.handshake(inner))
    }
}

/// A connection whose TLS handshake is still to be made.
#[derive(Debug)]
pub struct TlsHandshake<H> {
    inner: H,
    config: TlsConfig,
}

impl<H: Handshake> Handshake for TlsHandshake<H> {
    type Io = TlsStream<FirstOctets<H::Io>>;

    fn peer_addr(&self) -> Option<SocketAddr> {
        self.inner.peer_addr()
    }

    async fn establish(self) -> io::Result<(Self::Io, ConnectionInfo)> {
        let (io, mut info) = self.inner.establish().await?;
        let below = Below::default();
        info.extensions_mut().insert(below.clone());
        let io = FirstOctets::new(io, below);
        let acceptor = LazyConfigAcceptor::new(Acceptor::default(), io);
        tokio::pin!(acceptor);
        let start = match acceptor.as_mut().await {
            Ok(start) => start,
            Err(error) => {
                if let Some(first) = acceptor.take_io().filter(FirstOctets::is_http) {
                    // Whether it hears of it is its business.
                    let _ = timeout(LINGER, reject(first.io)).await;
                }
                return Err(error);
            }
        };
        let stream = start.into_stream(self.config.current()).await?;
        info.extensions_mut().insert(TlsInfo::of(&stream));
        Ok((stream, info))
    }
}

/// Answers a peer that speaks plain HTTP, and reads what else it sends: a reset would destroy the answer.
async fn reject(mut io: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    io.write_all(PLAIN).await?;
    io.shutdown().await?;
    tokio::io::copy(&mut io, &mut tokio::io::sink()).await?;
    Ok(())
}

/// What a TLS handshake agreed on. In the [`extensions`](ConnectionInfo::extensions) of TLS connections.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TlsInfo {
    /// The protocol version, as `TLSv1_3`.
    pub version: Option<String>,
    /// The cipher suite, as `TLS13_AES_256_GCM_SHA384`.
    pub cipher_suite: Option<String>,
    /// The application protocol that was agreed on, as `http/1.1`.
    pub alpn: Option<Vec<u8>>,
    /// The name that the client asked for (SNI).
    pub server_name: Option<String>,
    /// The client's certificate chain, in DER, its own first; empty if it showed none.
    pub peer_certificates: Vec<Vec<u8>>,
}

impl TlsInfo {
    fn of<Io>(stream: &TlsStream<Io>) -> Self {
        let (_, connection) = stream.get_ref();
        let chain = connection.peer_certificates().unwrap_or_default();
        TlsInfo {
            version: connection
                .protocol_version()
                .and_then(|version| version.as_str())
                .map(str::to_owned),
            cipher_suite: connection
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str())
                .map(str::to_owned),
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            server_name: connection.server_name().map(str::to_owned),
            peer_certificates: chain
                .iter()
                .map(|certificate| certificate.to_vec())
                .collect(),
        }
    }
}

/// How many octets have passed through the transport below TLS: TLS itself keeps what it is given for a while, and keeps back
/// what has come of a record until it is whole. In the extensions of TLS connections, for the server's clocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Below(Arc<Passed>);

#[derive(Debug, Default)]
struct Passed {
    taken: AtomicU64,
    come: AtomicU64,
}

impl Below {
    fn write(&self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(octets)) = written {
            self.0.taken.fetch_add(*octets as u64, Ordering::Relaxed);
        }
    }

    fn read(&self, octets: usize) {
        self.0.come.fetch_add(octets as u64, Ordering::Relaxed);
    }

    /// Those that were written.
    pub(crate) fn taken(&self) -> u64 {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// Those that were read.
    pub(crate) fn come(&self) -> u64 {
        self.0.come.load(Ordering::Relaxed)
    }
}

/// A transport that remembers the first octets that came, to tell HTTP from TLS when a handshake fails.
#[derive(Debug)]
pub struct FirstOctets<Io> {
    io: Io,
    first: [u8; 5],
    length: usize,
    below: Below,
}

impl<Io> FirstOctets<Io> {
    fn new(io: Io, below: Below) -> Self {
        FirstOctets {
            io,
            first: [0; 5],
            length: 0,
            below,
        }
    }

    /// Whether this is the beginning of a request line rather than of a TLS record, in however few octets it comes.
    fn is_http(&self) -> bool {
        let lines: &[&[u8]] = match self.first[0] {
            b'G' => &[b"GET /"],
            b'H' => &[b"HEAD "],
            b'P' => &[b"POST ", b"PUT /"],
            b'O' => &[b"OPTIO"],
            _ => return false,
        };
        let first = &self.first[..self.length];
        lines.iter().any(|line| line.starts_with(first))
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for FirstOctets<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        self.below.read(buf.filled().len() - before);
        if self.length < self.first.len() {
            let Self { first, length, .. } = &mut *self;
            let came = &buf.filled()[before..];
            let kept = came.len().min(first.len() - *length);
            first[*length..*length + kept].copy_from_slice(&came[..kept]);
            *length += kept;
        }
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for FirstOctets<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_http() {
            // The alert of a failed handshake, which such a peer would not understand.
            return Poll::Ready(Ok(octets.len()));
        }
        let written = Pin::new(&mut self.io).poll_write(cx, octets);
        self.below.write(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_http() {
            return Poll::Ready(Ok(pieces.iter().map(|piece| piece.len()).sum()));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, pieces);
        self.below.write(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
