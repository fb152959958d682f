//! hyper's connection without a pool: each caller keeps one of its own.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{Caller, wrong};
use crate::app;

#[derive(Debug, Clone)]
pub(super) struct Bare {
    address: SocketAddr,
}

impl Bare {
    pub(super) fn new(address: SocketAddr) -> Bare {
        Bare { address }
    }
}

impl Caller for Bare {
    async fn call(self, requests: usize) -> io::Result<()> {
        let socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket))
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection);
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
}
