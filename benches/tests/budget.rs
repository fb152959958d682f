//! What an exchange costs, exactly: allocations, reads and writes. A change that costs more fails here; one that costs
//! less lowers the number.
//!
//! The server runs in a thread of its own on a socket that counts; the client is a blocking socket with ready octets and
//! a ready buffer, which allocates nothing. The first exchanges warm up what is kept. Allocations are those of the server's
//! thread, told at each of its reads.

use std::io::{self, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, ready};
use std::thread;

use benches::allocations::{self, Counting};
use benches::app;
use benches::load::{Ask, Expected, workload};
use benches::servers::routed;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_codec::{Body, BoxError};
use http_server::{ConnectionInfo, Server, service_fn};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tower_service::Service;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const WARM: usize = 50;
const COUNTED: usize = 400;

/// What so many exchanges cost together.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    allocations: u64,
    reads: u64,
    writes: u64,
}

/// A budget per exchange, times the exchanges.
fn each(allocations: u64, reads: u64, writes: u64) -> Cost {
    let count = COUNTED as u64;
    Cost {
        allocations: allocations * count,
        reads: reads * count,
        writes: writes * count,
    }
}

#[test]
fn a_get() {
    let cost = measure(http(service_fn(app::plain)), "get-1", 1);
    assert_eq!(cost, each(2, 1, 1));
}

#[test]
fn a_get_with_ten_browser_fields() {
    let cost = measure(http(service_fn(app::plain)), "browser-64", 1);
    assert_eq!(cost, each(4, 1, 1));
}

#[test]
fn pipelined_gets_share_their_reads_and_writes() {
    let cost = measure(http(service_fn(app::plain)), "get-1", 16);
    assert_eq!(
        cost,
        Cost {
            allocations: 2 * COUNTED as u64,
            reads: COUNTED as u64 / 16,
            writes: COUNTED as u64 / 16,
        }
    );
}

#[test]
fn an_echo_of_1_kib() {
    let cost = measure(http(service_fn(app::plain)), "echo-64", 1);
    assert_eq!(cost, each(3, 1, 1));
}

#[test]
fn a_chunked_answer_of_16_pieces() {
    let cost = measure(http(service_fn(app::plain)), "chunked-64", 1);
    assert_eq!(cost, each(2, 1, 1));
}

#[test]
fn a_get_in_the_raw_lane() {
    assert_eq!(measure(raw(), "get-1", 1), each(0, 1, 1));
}

#[test]
fn a_get_with_ten_browser_fields_in_the_raw_lane() {
    assert_eq!(measure(raw(), "browser-64", 1), each(0, 1, 1));
}

#[test]
fn a_path_parameter_by_serve_mux() {
    let cost = measure(http(routed::mux()), "user-64", 1);
    assert_eq!(cost, each(3, 1, 1));
}

#[test]
fn a_path_parameter_by_engine() {
    let cost = measure(http(routed::engine()), "user-64", 1);
    assert_eq!(cost, each(3, 1, 1));
}

/// Serves one connection to its end.
type Serve = Box<dyn FnOnce(Counted<tokio::net::TcpStream>) -> BoxFuture<'static, ()> + Send>;

/// By a service of `http`'s types.
fn http<S, B>(service: S) -> Serve
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    Box::new(|io| Box::pin(Server::new().serve_connection(io, service)))
}

/// In the raw lane.
fn raw() -> Serve {
    let service = http_server::raw::service_fn(benches::servers::raw);
    Box::new(move |io| {
        let info = ConnectionInfo::default();
        Box::pin(Server::new().serve_raw_connection(io, info, service))
    })
}

/// Counts what the server does for [`COUNTED`] exchanges, in batches of `depth`.
fn measure(serve: Serve, load: &str, depth: usize) -> Cost {
    let ask = (workload(load).expect("the load exists").asks)().remove(0);
    let told = Arc::new(Told::default());
    let (address, server) = start(serve, Arc::clone(&told));
    let mut client = Client::new(address, &ask, depth);
    client.exchanges(WARM.next_multiple_of(depth));
    let before = told.now();
    client.exchanges(COUNTED);
    let after = told.now();
    drop(client);
    server.join().expect("the server ends with its connection");
    Cost {
        allocations: after.allocations - before.allocations,
        reads: after.reads - before.reads,
        writes: after.writes - before.writes,
    }
}

/// Serves one connection in a thread.
fn start(serve: Serve, told: Arc<Told>) -> (SocketAddr, thread::JoinHandle<()>) {
    let (ready, address) = mpsc::channel();
    let server = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            ready
                .send(listener.local_addr().expect("an address"))
                .expect("the test waits");
            let (socket, _) = listener.accept().await.expect("a connection");
            socket.set_nodelay(true).expect("a socket option");
            let io = Counted {
                io: socket,
                reads: 0,
                writes: 0,
                told,
            };
            serve(io).await;
        });
    });
    (address.recv().expect("an address"), server)
}

/// A client that allocates nothing once it is made.
struct Client {
    socket: TcpStream,
    batch: Vec<u8>,
    depth: usize,
    answer: Vec<u8>,
    /// The octets of one answer; learnt from the first.
    size: usize,
}

impl Client {
    fn new(address: SocketAddr, ask: &Ask, depth: usize) -> Client {
        let mut socket = TcpStream::connect(address).expect("the server listens");
        socket.set_nodelay(true).expect("a socket option");
        let mut answer = vec![0; 64 * 1024];
        socket.write_all(&ask.octets).expect("the server reads");
        let size = first(&mut socket, &mut answer, ask).expect("a whole answer");
        Client {
            socket,
            batch: ask.octets.repeat(depth),
            depth,
            answer,
            size,
        }
    }

    fn exchanges(&mut self, count: usize) {
        for _ in 0..count / self.depth {
            self.socket
                .write_all(&self.batch)
                .expect("the server reads");
            let answers = &mut self.answer[..self.size * self.depth];
            self.socket.read_exact(answers).expect("the server answers");
            assert!(answers.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }
    }
}

/// Reads the first answer and returns its size: all later ones are as long.
fn first(socket: &mut TcpStream, answer: &mut [u8], ask: &Ask) -> io::Result<usize> {
    let content = match &ask.expected {
        Expected::Exactly(octets) => octets.len(),
        Expected::Filled(octets) => *octets,
    };
    let mut filled = 0;
    loop {
        filled += socket.read(&mut answer[filled..])?;
        let octets = &answer[..filled];
        let Some(head) = octets.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let is_chunked = octets[..head]
            .windows(7)
            .any(|seven| seven.eq_ignore_ascii_case(b"chunked"));
        let complete = match is_chunked {
            true => octets.ends_with(b"0\r\n\r\n"),
            false => filled == head + 4 + content,
        };
        if complete {
            return Ok(filled);
        }
    }
}

/// What the server told at its last read.
#[derive(Debug, Default)]
struct Told {
    allocations: AtomicU64,
    reads: AtomicU64,
    writes: AtomicU64,
}

impl Told {
    fn tell(&self, reads: u64, writes: u64) {
        let numbers = [allocations::count_here(), reads, writes];
        for (place, number) in [&self.allocations, &self.reads, &self.writes]
            .into_iter()
            .zip(numbers)
        {
            place.store(number, Ordering::SeqCst);
        }
    }

    fn now(&self) -> Cost {
        Cost {
            allocations: self.allocations.load(Ordering::SeqCst),
            reads: self.reads.load(Ordering::SeqCst),
            writes: self.writes.load(Ordering::SeqCst),
        }
    }
}

/// A transport that counts the calls that move octets: on a socket, each is a system call.
struct Counted<Io> {
    io: Io,
    reads: u64,
    writes: u64,
    told: Arc<Told>,
}

impl<Io: AsyncRead + Unpin> AsyncRead for Counted<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        self.reads += 1;
        self.told.tell(self.reads, self.writes);
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Counted<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, octets))?;
        self.writes += 1;
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, slices))?;
        self.writes += 1;
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
