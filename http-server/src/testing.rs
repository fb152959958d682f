//! A server for tests in one line: what `httptest.Server` is to Go.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use http::{Request, Response};
use http_codec::{Body, BoxError};
use tokio::io::DuplexStream;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_service::Service;

use crate::server::Server;

/// Serves `service` at a free port of the loopback interface, until the result is dropped.
///
/// ```
/// # use std::convert::Infallible;
/// # use http::{Request, Response};
/// # use http_server::{Body, service_fn, testing};
/// # #[tokio::main] async fn main() -> std::io::Result<()> {
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// let server = testing::serve(service_fn(|_request: Request<Body>| async {
///     Ok::<_, Infallible>(Response::new(Body::from("hello")))
/// })).await?;
/// let mut client = tokio::net::TcpStream::connect(server.addr()).await?;
/// client.write_all(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").await?;
/// let mut answer = String::new();
/// client.read_to_string(&mut answer).await?;
/// assert!(answer.ends_with("\r\n\r\nhello"));
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// If no port can be opened.
pub async fn serve<S, B>(service: S) -> io::Result<TestServer>
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    serve_on(Server::new(), service).await
}

/// The same with a server of your own making.
///
/// # Errors
///
/// If no port can be opened.
pub async fn serve_on<S, B>(server: Server, service: S) -> io::Result<TestServer>
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let addr = listener.local_addr()?;
    let serving = server.clone();
    let task = tokio::spawn(async move {
        if let Err(error) = serving.serve(listener, service).await {
            tracing::error!(%error, "test server failed");
        }
    });
    Ok(TestServer { addr, server, task })
}

/// The client's end of an in-memory connection to `service`, with room for 64 KiB in each direction.
///
/// The connection is served by a task of its own, until either side closes. Time may be paused.
pub fn pipe<S, B>(service: S) -> DuplexStream
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    pipe_on(Server::new(), service)
}

/// The same with a server of your own making.
pub fn pipe_on<S, B>(server: Server, service: S) -> DuplexStream
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let (client, peer) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move { server.serve_connection(peer, service).await });
    client
}

/// A server at a free port; see [`serve`]. Dropping it closes every connection at once.
#[derive(Debug)]
pub struct TestServer {
    addr: SocketAddr,
    server: Server,
    task: JoinHandle<()>,
}

impl TestServer {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://` and its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The server itself: to look at its counters, or to shut it down gracefully.
    pub fn server(&self) -> &Server {
        &self.server
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.server.force();
        self.task.abort();
    }
}
