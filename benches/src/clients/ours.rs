//! Our clients: the transport, and the client above it.

use std::io;
use std::net::SocketAddr;

use http::{Request, Uri};
use http_client::{Body, Client, Transport};

use super::{Caller, url, whole, wrong};
use crate::app;

/// One round trip over pooled connections: what hyper-util's client does.
#[derive(Debug, Clone)]
pub(super) struct RoundTrip {
    transport: Transport,
    url: Uri,
    file: Uri,
}

impl RoundTrip {
    pub(super) fn new(address: SocketAddr) -> io::Result<RoundTrip> {
        Ok(RoundTrip {
            transport: Transport::new(),
            url: url(address, "/")?,
            file: url(address, "/1m")?,
        })
    }
}

impl Caller for RoundTrip {
    async fn call(self, requests: usize) -> io::Result<()> {
        for _ in 0..requests {
            let request = Request::get(self.url.clone())
                .body(Body::empty())
                .map_err(io::Error::other)?;
            let response = self
                .transport
                .round_trip(request)
                .await
                .map_err(io::Error::other)?;
            let content = response
                .into_body()
                .collect_bytes(usize::MAX)
                .await
                .map_err(io::Error::other)?;
            if content != app::HELLO {
                return Err(wrong("content differs"));
            }
        }
        Ok(())
    }

    async fn download(self, requests: usize) -> io::Result<()> {
        for _ in 0..requests {
            let request = Request::get(self.file.clone())
                .body(Body::empty())
                .map_err(io::Error::other)?;
            let response = self.transport.round_trip(request).await;
            read(response.map_err(io::Error::other)?.into_body()).await?;
        }
        Ok(())
    }
}

/// The client with its redirects and deadlines: what reqwest does.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    client: Client,
    url: Uri,
    file: Uri,
}

impl Whole {
    pub(super) fn new(address: SocketAddr) -> io::Result<Whole> {
        Ok(Whole {
            client: Client::new(),
            url: url(address, "/")?,
            file: url(address, "/1m")?,
        })
    }
}

impl Caller for Whole {
    async fn call(self, requests: usize) -> io::Result<()> {
        for _ in 0..requests {
            let response = self
                .client
                .get(self.url.clone())
                .send()
                .await
                .map_err(io::Error::other)?;
            let content = response
                .into_body()
                .collect_bytes(usize::MAX)
                .await
                .map_err(io::Error::other)?;
            if content != app::HELLO {
                return Err(wrong("content differs"));
            }
        }
        Ok(())
    }

    async fn download(self, requests: usize) -> io::Result<()> {
        for _ in 0..requests {
            let response = self.client.get(self.file.clone()).send().await;
            read(response.map_err(io::Error::other)?.into_body()).await?;
        }
        Ok(())
    }
}

async fn read(mut body: Body) -> io::Result<()> {
    let mut octets = 0;
    while let Some(data) = body.next_data().await.map_err(io::Error::other)? {
        octets += data.len();
    }
    whole(octets)
}
