//! hyper-util's pooled client.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::{Caller, wrong};
use crate::app;

#[derive(Debug, Clone)]
pub(super) struct Pooled {
    client: Client<HttpConnector, Empty<Bytes>>,
    url: Uri,
}

impl Pooled {
    pub(super) fn new(address: SocketAddr) -> io::Result<Pooled> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Pooled {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: format!("http://{address}/")
                .parse()
                .map_err(io::Error::other)?,
        })
    }
}

impl Caller for Pooled {
    async fn call(self, requests: usize) -> io::Result<()> {
        for _ in 0..requests {
            let request = Request::get(self.url.clone())
                .body(Empty::new())
                .map_err(io::Error::other)?;
            let response = self
                .client
                .request(request)
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
