//! A scripted raw peer: octets in, octets out, over loopback or in memory.
// Each test file uses its part of it; a failed assumption should stop the test.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_client::{Body, Client, Connecting, Io, Proxies, Target, Transport, TransportBuilder};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};

/// A server that runs a script on each connection. The scripts learn the number of their connection, from 0.
pub struct Peer {
    pub addr: SocketAddr,
    pub connections: Arc<AtomicUsize>,
}

impl Peer {
    pub async fn new<F, S>(script: S) -> Peer
    where
        S: Fn(usize, TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(script(number, stream));
            }
        });
        Peer { addr, connections }
    }

    /// Answers every request on every connection with these octets.
    pub async fn answering(octets: &'static str) -> Peer {
        Peer::new(move |_, mut stream| async move {
            while request(&mut stream).await.is_some() {
                stream.write_all(octets.as_bytes()).await.unwrap();
            }
        })
        .await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The next request of a connection, head and content, as it came. `None`: the client has closed.
pub async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let head = head(stream).await?;
    let length = field(&head, "content-length").map_or(0, |value| value.parse().unwrap());
    let mut content = vec![0; length];
    stream.read_exact(&mut content).await.ok()?;
    Some(head + &String::from_utf8_lossy(&content))
}

/// The next head, octet by octet, so that nothing behind it is taken.
pub async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

pub fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// A transport that no environment touches.
pub fn transport() -> Transport {
    plain().build()
}

pub fn plain() -> TransportBuilder {
    Transport::builder().proxies(Proxies::none())
}

pub fn client() -> Client {
    Client::builder().transport(transport()).build()
}

/// Connections in memory, which works while the clock is paused.
pub fn in_memory<F, S>(script: S) -> TransportBuilder
where
    S: Fn(usize, DuplexStream) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let count = AtomicUsize::new(0);
    plain().connector(move |_: &Target| -> Connecting {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(script(count.fetch_add(1, Ordering::SeqCst), theirs));
        Box::pin(async { Ok(Box::new(ours) as Box<dyn Io>) })
    })
}

pub fn get(url: impl AsRef<str>) -> http::Request<Body> {
    http::Request::get(url.as_ref())
        .body(Body::empty())
        .unwrap()
}

pub fn post(url: impl AsRef<str>, body: impl Into<Body>) -> http::Request<Body> {
    http::Request::post(url.as_ref()).body(body.into()).unwrap()
}

pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that answers by a function of the request.
pub async fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Peer {
    let answer = Arc::new(answer);
    Peer::new(move |_, mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            while let Some(request) = request(&mut stream).await {
                if stream.write_all(answer(&request).as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

pub fn content(text: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    )
}

pub fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 5\r\n\r\nmoved")
}
