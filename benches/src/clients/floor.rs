//! The floor: a socket, ready octets, and a count of what comes back.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Caller, DOWNLOAD, wrong};
use crate::app;

#[derive(Debug, Clone)]
pub(super) struct Floor {
    address: SocketAddr,
}

impl Floor {
    pub(super) fn new(address: SocketAddr) -> Floor {
        Floor { address }
    }
}

impl Caller for Floor {
    async fn call(self, requests: usize) -> io::Result<()> {
        let mut socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        let mut buffer = vec![0; 8 * 1024];
        for _ in 0..requests {
            socket
                .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await?;
            // The answer is small and comes in one segment.
            let read = socket.read(&mut buffer).await?;
            if !buffer[..read].ends_with(app::HELLO.as_bytes()) {
                return Err(wrong("content differs"));
            }
        }
        Ok(())
    }

    async fn download(self, requests: usize) -> io::Result<()> {
        let mut socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        // As much at once as http-client reads.
        let mut buffer = vec![0; 128 * 1024];
        for _ in 0..requests {
            socket
                .write_all(b"GET /1m HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await?;
            let mut read = socket.read(&mut buffer).await?;
            let head = memchr::memmem::find(&buffer[..read], b"\r\n\r\n");
            let end = head.ok_or_else(|| wrong("no head"))? + 4 + DOWNLOAD;
            while read < end {
                match socket.read(&mut buffer).await? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    more => read += more,
                }
            }
        }
        Ok(())
    }
}
