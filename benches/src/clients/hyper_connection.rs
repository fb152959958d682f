//! hyper's connection without a pool: each caller keeps one of its own.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{Caller, whole, wrong};
use crate::app;

#[derive(Debug, Clone)]
pub(super) struct Bare {
    address: SocketAddr,
}

impl Bare {
    pub(super) fn new(address: SocketAddr) -> Bare {
        Bare { address }
    }

    async fn connect(self) -> io::Result<SendRequest<Empty<Bytes>>> {
        let socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(socket))
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

impl Caller for Bare {
    async fn call(self, requests: usize) -> io::Result<()> {
        let mut sender = self.connect().await?;
        for _ in 0..requests {
            let request = Request::get("/")
                .header("host", "localhost")
                .body(Empty::<Bytes>::new());
            let request = request.map_err(io::Error::other)?;
            sender.ready().await.map_err(io::Error::other)?;
            let response = sender
                .send_request(request)
                .await
                .map_err(io::Error::other)?;
            let content = response
                .into_body()
                .collect()
                .await
                .map_err(io::Error::other)?
                .to_bytes();
            if content != app::HELLO {
                return Err(wrong("content differs"));
            }
        }
        Ok(())
    }

    async fn download(self, requests: usize) -> io::Result<()> {
        let mut sender = self.connect().await?;
        for _ in 0..requests {
            let request = Request::get("/1m")
                .header("host", "localhost")
                .body(Empty::<Bytes>::new());
            let request = request.map_err(io::Error::other)?;
            sender.ready().await.map_err(io::Error::other)?;
            let response = sender.send_request(request).await;
            read(response.map_err(io::Error::other)?.into_body()).await?;
        }
        Ok(())
    }
}

/// Reads a download to its end.
pub(super) async fn read(mut body: Incoming) -> io::Result<()> {
    let mut octets = 0;
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(io::Error::other)?.into_data();
        octets += data.map_or(0, |data| data.len());
    }
    whole(octets)
}
