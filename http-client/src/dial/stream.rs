//! A transport of octets, of one of the kinds that we can tell apart.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_codec::io::{ReadHalf, WriteHalf, split};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::connect::Io;

/// TCP and Unix streams split without a lock, so they are kept apart from what is only known to be a transport.
pub(crate) enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    Other(Box<dyn Io>),
}

impl From<Box<dyn Io>> for Stream {
    fn from(io: Box<dyn Io>) -> Self {
        Stream::Other(io)
    }
}

impl Stream {
    pub(super) fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        match self {
            Stream::Tcp(tcp) => (tcp.local_addr().ok(), tcp.peer_addr().ok()),
            _ => (None, None),
        }
    }

    pub(super) fn into_halves(self) -> (ReadHalf, WriteHalf) {
        match self {
            Stream::Tcp(tcp) => split(tcp),
            #[cfg(unix)]
            Stream::Unix(unix) => split(unix),
            Stream::Other(io) => split(io),
        }
    }

    fn io(self: Pin<&mut Self>) -> Pin<&mut dyn Io> {
        match self.get_mut() {
            Stream::Tcp(tcp) => Pin::new(tcp),
            #[cfg(unix)]
            Stream::Unix(unix) => Pin::new(unix),
            Stream::Other(io) => Pin::new(io),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.io().poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.io().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Stream::Tcp(tcp) => tcp.is_write_vectored(),
            #[cfg(unix)]
            Stream::Unix(unix) => unix.is_write_vectored(),
            Stream::Other(io) => io.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_shutdown(cx)
    }
}
