//! hyper-util's pooled client.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::hyper_connection::read;
use super::{Caller, url, wrong};
use crate::app;

#[derive(Debug, Clone)]
pub(super) struct Pooled {
    client: Client<HttpConnector, Empty<Bytes>>,
    url: Uri,
    file: Uri,
}

impl Pooled {
    pub(super) fn new(address: SocketAddr) -> io::Result<Pooled> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Pooled {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: url(address, "/")?,
            file: url(address, "/1m")?,
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

    async fn download(self, requests: usize) -> io::Result<()> {
        for _ in 0..requests {
            let request = Request::get(self.file.clone())
                .body(Empty::new())
                .map_err(io::Error::other)?;
            let response = self.client.request(request).await;
            read(response.map_err(io::Error::other)?.into_body()).await?;
        }
        Ok(())
    }
}
