//! A service behind our server, to be reached over TCP, over an in-memory pipe, and over a pipe that trickles.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use http::{Request, Response};
use http_client::{Connecting, Target, Transport};
use http_codec::{Body, BoxError};
use http_server::testing::{self, TestServer};
use http_server::{Server, Stats};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::trickle::Trickle;
use crate::wire::Wire;

/// Any transport.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A wire over either transport.
pub type AnyWire = Wire<Box<dyn Io>>;

/// One service, one server, three ways to it.
pub struct Loopback {
    tcp: TestServer,
    pipe: Arc<dyn Fn() -> DuplexStream + Send + Sync>,
    trickle: Arc<dyn Fn() -> Trickle<DuplexStream> + Send + Sync>,
}

impl Loopback {
    /// Serves with the defaults.
    ///
    /// # Panics
    ///
    /// If no port can be opened.
    pub async fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>,
        S: Clone + Send + Sync + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        Self::on(Server::new(), service).await
    }

    /// Serves with this server.
    ///
    /// # Panics
    ///
    /// If no port can be opened.
    pub async fn on<S, B>(server: Server, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>,
        S: Clone + Send + Sync + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let tcp = testing::serve_on(server.clone(), service.clone())
            .await
            .expect("a free port");
        let pipe = {
            let (server, service) = (server.clone(), service.clone());
            move || testing::pipe_on(server.clone(), service.clone())
        };
        let trickle = move || {
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            let (server, service) = (server.clone(), service.clone());
            tokio::spawn(
                async move { server.serve_connection(Trickle::new(theirs), service).await },
            );
            Trickle::new(ours)
        };
        Self {
            tcp,
            pipe: Arc::new(pipe),
            trickle: Arc::new(trickle),
        }
    }

    /// A new connection over TCP.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn tcp(&self) -> AnyWire {
        let stream = TcpStream::connect(self.tcp.addr())
            .await
            .expect("a connection");
        stream
            .set_nodelay(true)
            .expect("an option of every TCP socket");
        Wire::new(Box::new(stream))
    }

    /// A new connection over a pipe.
    pub fn pipe(&self) -> AnyWire {
        Wire::new(Box::new((self.pipe)()))
    }

    /// One connection of each kind, by its name.
    pub async fn wires(&self) -> [(&'static str, AnyWire); 3] {
        let trickle = Wire::new(Box::new((self.trickle)()) as Box<dyn Io>);
        [
            ("tcp", self.tcp().await),
            ("pipe", self.pipe()),
            ("trickle", trickle),
        ]
    }

    /// A client's transport for each way; all of them reach the server by its [`url`](Self::url).
    pub fn transports(&self) -> [(&'static str, Transport); 3] {
        let (pipe, trickle) = (Arc::clone(&self.pipe), Arc::clone(&self.trickle));
        [
            ("tcp", Transport::new()),
            ("pipe", over(move || Box::new(pipe()))),
            ("trickle", over(move || Box::new(trickle()))),
        ]
    }

    /// Where it listens.
    pub fn addr(&self) -> std::net::SocketAddr {
        self.tcp.addr()
    }

    /// `http://` and its address, without a slash at the end.
    pub fn url(&self) -> String {
        self.tcp.url()
    }

    /// The server behind both ways.
    pub fn server(&self) -> &Server {
        self.tcp.server()
    }

    /// The server's counters.
    pub fn stats(&self) -> Stats {
        self.server().stats()
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback")
            .field("tcp", &self.tcp)
            .finish_non_exhaustive()
    }
}

fn over(connect: impl Fn() -> Box<dyn http_client::Io> + Send + Sync + 'static) -> Transport {
    let connector = move |_: &Target| -> Connecting { Box::pin(std::future::ready(Ok(connect()))) };
    Transport::builder().connector(connector).build()
}

/// Waits until a condition holds; false if it does not within [`PATIENCE`](crate::wire::PATIENCE).
pub async fn eventually<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) -> bool {
    let until = tokio::time::Instant::now() + crate::wire::PATIENCE;
    while tokio::time::Instant::now() < until {
        if condition().await {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    false
}
