//! reqwest, as its users call it.

use std::io;
use std::net::SocketAddr;

use reqwest::{Client, Url};

use super::{Caller, whole, wrong};
use crate::app;

#[derive(Debug, Clone)]
pub(super) struct Whole {
    client: Client,
    address: SocketAddr,
}

impl Whole {
    pub(super) fn new(address: SocketAddr) -> Whole {
        Whole {
            client: Client::new(),
            address,
        }
    }
}

impl Caller for Whole {
    async fn call(self, requests: usize) -> io::Result<()> {
        let url: Url = format!("http://{}/", self.address)
            .parse()
            .map_err(io::Error::other)?;
        for _ in 0..requests {
            let response = self
                .client
                .get(url.clone())
                .send()
                .await
                .map_err(io::Error::other)?;
            let content = response.bytes().await.map_err(io::Error::other)?;
            if content != app::HELLO {
                return Err(wrong("content differs"));
            }
        }
        Ok(())
    }

    async fn download(self, requests: usize) -> io::Result<()> {
        let url: Url = format!("http://{}/1m", self.address)
            .parse()
            .map_err(io::Error::other)?;
        for _ in 0..requests {
            let response = self.client.get(url.clone()).send().await;
            let mut response = response.map_err(io::Error::other)?;
            let mut octets = 0;
            while let Some(data) = response.chunk().await.map_err(io::Error::other)? {
                octets += data.len();
            }
            whole(octets)?;
        }
        Ok(())
    }
}
