//! Our clients: the transport, and the client above it.

use std::io;
use std::net::SocketAddr;

use http::{Request, Uri};
use http_client::{Body, Client, Transport};

use super::{Caller, wrong};
use crate::app;

/// One round trip over pooled connections: what hyper-util's client does.
#[derive(Debug, Clone)]
pub(super) struct RoundTrip {
    transport: Transport,
    url: Uri,
}

impl RoundTrip {
    pub(super) fn new(address: SocketAddr) -> io::Result<RoundTrip> {
        Ok(RoundTrip {
            transport: Transport::new(),
            url: format!("http://{address}/")
                .parse()
                .map_err(io::Error::other)?,
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
}

/// The client with its redirects and deadlines: what reqwest does.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    client: Client,
    url: Uri,
}

impl Whole {
    pub(super) fn new(address: SocketAddr) -> io::Result<Whole> {
        Ok(Whole {
            client: Client::new(),
            url: format!("http://{address}/")
                .parse()
                .map_err(io::Error::other)?,
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
}
