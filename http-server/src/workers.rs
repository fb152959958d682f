//! One single-threaded runtime per core, each with a listening socket of its own.
//!
//! The system shares connections out between the sockets (`SO_REUSEPORT`), and a connection stays on the core that took it up.
//! What it saves is the multi-threaded scheduler's share of a request: a tenth of the user instructions of a small keep-alive
//! `GET` (some 700, counted by callgrind), none of its system calls. Connections are shared out by a hash of their addresses, not by
//! load: with few of them, or with handlers that compute for long, the multi-threaded runtime is the better choice, and it is
//! the default everywhere else.

use std::io;
use std::net::SocketAddr;
use std::thread;

use http::{Request, Response};
use http_codec::{Body, BoxError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_service::Service;

use crate::listener::TcpOptions;
use crate::server::Server;

/// Threads that serve one address together; see [`spawn`](Workers::spawn).
#[derive(Debug)]
pub struct Workers {
    addr: SocketAddr,
    ends: Vec<oneshot::Receiver<io::Result<()>>>,
}

impl Workers {
    /// Starts `count` threads (one per core where it is 0), each of which serves connections to `address` with clones of
    /// `service` on a runtime of its own, until `server` is shut down.
    ///
    /// Limits and counters are the server's, over all of the threads.
    ///
    /// ```no_run
    /// # use std::convert::Infallible;
    /// # use http::{Request, Response};
    /// # use http_server::{Body, Server, Workers, service_fn};
    /// # use http_server::listener::TcpOptions;
    /// # async fn example() -> std::io::Result<()> {
    /// let hello = service_fn(|_: Request<Body>| async { Ok::<_, Infallible>(Response::new(Body::from("hello"))) });
    /// let address = "127.0.0.1:8080".parse().expect("an address");
    /// Workers::spawn(&Server::new(), TcpOptions::new(), address, 0, hello)?.join().await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the address cannot be listened at, or a thread cannot be started; nothing is served then.
    pub fn spawn<S, B>(
        server: &Server,
        options: TcpOptions,
        address: SocketAddr,
        count: usize,
        service: S,
    ) -> io::Result<Self>
    where
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let count = if count == 0 {
            thread::available_parallelism()?.get()
        } else {
            count
        };
        let options = options.reuse_port(true);
        let first = options.bind_std(address)?;
        let addr = first.local_addr()?;
        let mut sockets = vec![first];
        for _ in 1..count {
            sockets.push(options.bind_std(addr)?);
        }
        let (mut starts, mut ends) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (number, socket) in sockets.into_iter().enumerate() {
            let (start, started) = oneshot::channel();
            let (sender, end) = oneshot::channel();
            let (server, service) = (server.clone(), service.clone());
            thread::Builder::new()
                .name(format!("http-server-{number}"))
                .spawn(move || {
                    // Not before all of them are there.
                    if started.blocking_recv().is_ok() {
                        // Whoever waits may have given up.
                        let _ = sender.send(work(&server, socket, service));
                    }
                })?;
            starts.push(start);
            ends.push(end);
        }
        for start in starts {
            // It waits for nothing else.
            let _ = start.send(());
        }
        Ok(Workers { addr, ends })
    }

    /// The address that is served; its port is a free one if 0 was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Waits until all threads have ended, which they do once the server is shut down.
    ///
    /// # Errors
    ///
    /// The first error of a thread's listener.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the threads running.
    pub async fn join(self) -> io::Result<()> {
        let mut joined = Ok(());
        for end in self.ends {
            let ended = end
                .await
                .unwrap_or_else(|_| Err(io::Error::other("a worker panicked")));
            joined = joined.and(ended);
        }
        joined
    }
}

/// One thread's work.
fn work<S, B>(server: &Server, socket: std::net::TcpListener, service: S) -> io::Result<()>
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(socket)?;
        server.serve(listener, service).await
    })
}
