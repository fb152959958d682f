//! Where connections come from, over real sockets; and how many of them there may be.

mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use http_server::listener::{Accepted, Listener, ProxyHeader, ProxyProtocol, TcpOptions};
use http_server::{Body, ConnectionInfo, Server, Workers, handle, testing};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use wire::{dateless, echo, infallible};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// Says `octets` and reads until the server closes.
async fn ask(client: &mut (impl AsyncRead + AsyncWrite + Unpin), octets: &[u8]) -> String {
    client.write_all(octets).await.expect("connected");
    let mut answer = Vec::new();
    let read = client.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .expect("the server closes");
    dateless(&answer)
}

/// Answers with the addresses of the connection.
async fn whoami(request: Request<Body>) -> Response<Body> {
    let handle = handle(request.body()).expect("ours");
    // What a router that knows no server of ours is told.
    let told = request
        .body()
        .lender()
        .and_then(|lender| lender.peer_addr());
    assert_eq!(told, handle.peer_addr());
    let header = handle
        .info()
        .extensions()
        .get::<ProxyHeader>()
        .map(|header| header.version);
    let text = format!(
        "{:?} {:?} {header:?}",
        handle.peer_addr(),
        handle.local_addr()
    );
    Response::new(Body::from(text))
}

#[tokio::test]
async fn options_of_tcp_sockets_are_set() {
    let listener = TcpOptions::new()
        .backlog(16)
        .bind(any_port())
        .expect("a port");
    let addr = listener.local_addr().expect("bound");
    let socket = socket2::SockRef::from(&listener);
    assert!(socket.tcp_nodelay().expect("a TCP socket"));
    assert!(socket.keepalive().expect("a TCP socket"));
    assert_eq!(
        TcpOptions::new().bind(addr).expect_err("in use").kind(),
        io::ErrorKind::AddrInUse
    );
}

#[tokio::test]
async fn several_listeners_serve_at_once_and_stop_together() {
    let server = Server::new();
    let one = TcpListener::bind(any_port()).await.expect("a port");
    let path = std::env::temp_dir().join(format!("http-server-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let other = UnixListener::bind(&path).expect("a path");
    let addr = one.local_addr().expect("bound");
    let (first, second) = (server.clone(), server.clone());
    let serving = tokio::spawn(async move {
        tokio::try_join!(
            first.serve(one, infallible(whoami)),
            second.serve(other, infallible(whoami))
        )
    });
    let mut tcp = TcpStream::connect(addr).await.expect("listening");
    let local = tcp.local_addr().expect("connected");
    assert!(
        ask(&mut tcp, GET)
            .await
            .ends_with(&format!("Some({local}) Some({addr}) None"))
    );
    let mut unix = UnixStream::connect(&path).await.expect("listening");
    assert!(ask(&mut unix, GET).await.ends_with("None None None"));
    assert!(server.shutdown(Duration::from_secs(5)).await.is_graceful());
    serving.await.expect("no panic").expect("no error");
    let _ = std::fs::remove_file(&path);
}

async fn proxied(trust: bool) -> SocketAddr {
    let listener = TcpListener::bind(any_port()).await.expect("a port");
    let addr = listener.local_addr().expect("bound");
    let mut listener = ProxyProtocol::new(listener);
    if trust {
        listener = listener.trust(Ipv4Addr::LOCALHOST.into(), 8);
    }
    tokio::spawn(async move { Server::new().serve(listener, infallible(whoami)).await });
    addr
}

#[tokio::test]
async fn a_trusted_proxy_tells_who_the_client_is() {
    let addr = proxied(true).await;
    let mut client = TcpStream::connect(addr).await.expect("listening");
    let octets = [b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", GET].concat();
    let answer = ask(&mut client, &octets).await;
    assert!(
        answer.ends_with("Some(192.0.2.1:56324) Some(198.51.100.1:443) Some(1)"),
        "{answer}"
    );
    let mut client = TcpStream::connect(addr).await.expect("listening");
    assert_eq!(
        ask(&mut client, GET).await,
        "",
        "a trusted peer must send the header"
    );
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let addr = proxied(false).await;
    let mut client = TcpStream::connect(addr).await.expect("listening");
    let octets = [b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", GET].concat();
    assert!(ask(&mut client, &octets).await.starts_with("HTTP/1.1 400 "));
    let mut client = TcpStream::connect(addr).await.expect("listening");
    assert!(ask(&mut client, GET).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_share_one_address() {
    let server = Server::new();
    let workers = Workers::spawn(&server, TcpOptions::new(), any_port(), 2, infallible(echo))
        .expect("a port");
    for _ in 0..20 {
        let mut client = TcpStream::connect(workers.addr()).await.expect("listening");
        assert!(ask(&mut client, GET).await.ends_with("GET / "));
    }
    assert_eq!(server.stats().requests, 20);
    assert!(server.shutdown(Duration::from_secs(5)).await.is_graceful());
    workers.join().await.expect("no error");
}

/// Not a test: a process that has no room for so many threads.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "the other test runs it in a process of its own"]
fn spawn_more_workers_than_there_is_room_for() {
    let taken = std::net::TcpListener::bind(any_port()).expect("a port");
    let address = taken.local_addr().expect("bound");
    drop(taken);
    let options = TcpOptions::new();
    let spawned = Workers::spawn(&Server::new(), options, address, 50, infallible(echo));
    spawned.expect_err("no room for a thread");
    let start = std::time::Instant::now();
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(5), "served");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn workers_that_are_not_all_there_serve_nothing() {
    let ran = std::process::Command::new("sh")
        .env("RUST_MIN_STACK", (256 << 20).to_string())
        .args(["-c", "ulimit -v 3000000; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().expect("a path"))
        .args(["spawn_more_workers_than_there_is_room_for", "--exact"])
        .args(["--ignored", "--nocapture"])
        .output()
        .expect("a process");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

#[tokio::test]
async fn at_the_limit_connections_wait_to_be_accepted() {
    let server = Server::builder()
        .bounds(|bounds| bounds.connections = 2)
        .build();
    let server = testing::serve_on(server, infallible(echo))
        .await
        .expect("a port");
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut client = TcpStream::connect(server.addr()).await.expect("listening");
        client.write_all(b"GET / HT").await.expect("connected");
        held.push(client);
    }
    while server.server().stats().active < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut third = TcpStream::connect(server.addr())
        .await
        .expect("in the backlog");
    third.write_all(GET).await.expect("in the backlog");
    let early = tokio::time::timeout(Duration::from_millis(100), third.read_u8()).await;
    assert!(early.is_err(), "accepted above the limit");
    assert_eq!(server.server().stats().accepted, 2);
    drop(held.pop());
    assert!(ask(&mut third, b"").await.ends_with("GET / "));
}

/// Each of them had room when it began to wait for a connection. What has arrived beyond the limit is served in its turn, and
/// by a server that stops as well.
#[tokio::test]
async fn several_listeners_keep_one_limit() {
    let server = Server::builder()
        .bounds(|bounds| bounds.connections = 1)
        .build();
    let (mut addresses, mut serving) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let listener = TcpListener::bind(any_port()).await.expect("a port");
        addresses.push(listener.local_addr().expect("bound"));
        let server = server.clone();
        serving.push(tokio::spawn(async move {
            server.serve(listener, infallible(echo)).await
        }));
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    for stops in [false, true] {
        let mut first = TcpStream::connect(addresses[0]).await.expect("listening");
        first.write_all(b"GET / HT").await.expect("connected");
        while server.stats().active < 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut second = TcpStream::connect(addresses[1]).await.expect("listening");
        second.write_all(GET).await.expect("connected");
        let early = tokio::time::timeout(Duration::from_millis(100), second.read_u8()).await;
        assert!(early.is_err(), "served above the limit");
        assert_eq!(server.stats().open(), 1);
        drop(first);
        if stops {
            while server.stats().open() > 0 {
                tokio::task::yield_now().await;
            }
            assert!(server.shutdown(Duration::from_secs(5)).await.is_graceful());
        }
        assert!(ask(&mut second, b"").await.ends_with("GET / "));
    }
    for serving in serving {
        serving.await.expect("no panic").expect("no error");
    }
}

#[tokio::test]
async fn a_peer_has_its_own_limit() {
    let server = Server::builder()
        .bounds(|bounds| bounds.connections_per_peer = Some(1))
        .build();
    let server = testing::serve_on(server, infallible(echo))
        .await
        .expect("a port");
    let mut first = TcpStream::connect(server.addr()).await.expect("listening");
    first
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("connected");
    first.read_u8().await.expect("an answer");
    let mut second = TcpStream::connect(server.addr()).await.expect("listening");
    assert!(second.read_u8().await.is_err(), "refused");
    assert_eq!(server.server().stats().refused, 1);
    drop(first);
    while server.server().stats().open() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut third = TcpStream::connect(server.addr()).await.expect("listening");
    assert!(ask(&mut third, GET).await.ends_with("GET / "));
}

/// Fails so many times before it accepts, and then ends.
struct Failing {
    failures: Vec<io::Error>,
    peer: Option<DuplexStream>,
    accepts: Arc<AtomicUsize>,
}

impl Listener for Failing {
    type Handshake = Accepted<DuplexStream>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        self.accepts.fetch_add(1, Ordering::Relaxed);
        if let Some(error) = self.failures.pop() {
            return Err(error);
        }
        match self.peer.take() {
            Some(peer) => Ok(Accepted::new(peer, ConnectionInfo::default())),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn accept_backs_off_from_errors_and_gives_up_on_final_ones() {
    let accepts = Arc::new(AtomicUsize::new(0));
    let (mut client, peer) = tokio::io::duplex(1024);
    let failures = (0..10).map(|_| io::Error::from_raw_os_error(24)).collect();
    let listener = Failing {
        failures,
        peer: Some(peer),
        accepts: Arc::clone(&accepts),
    };
    let server = Server::new();
    let start = tokio::time::Instant::now();
    let error = server
        .serve(listener, infallible(echo))
        .await
        .expect_err("the listener has ended");
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    // 5 + 10 + 20 + ... + 640 and twice 1,000 milliseconds.
    assert_eq!(start.elapsed().as_millis(), 5 * 255 + 2000);
    assert_eq!(
        (
            accepts.load(Ordering::Relaxed),
            server.stats().errors.accept
        ),
        (12, 10)
    );
    assert!(
        ask(&mut client, GET).await.ends_with("GET / "),
        "what was accepted lives on"
    );
}

/// One connection, which never becomes ready.
struct Slow(Option<DuplexStream>);
struct Never(DuplexStream);

impl http_server::listener::Handshake for Never {
    type Io = DuplexStream;

    fn peer_addr(&self) -> Option<SocketAddr> {
        None
    }

    async fn establish(self) -> io::Result<(DuplexStream, ConnectionInfo)> {
        let never = self.0;
        std::future::pending::<()>().await;
        Ok((never, ConnectionInfo::default()))
    }
}

impl Listener for Slow {
    type Handshake = Never;

    async fn accept(&mut self) -> io::Result<Never> {
        match self.0.take() {
            Some(peer) => Ok(Never(peer)),
            None => std::future::pending().await,
        }
    }
}

fn serving_slow() -> (Server, DuplexStream) {
    let (client, peer) = tokio::io::duplex(64);
    let server = Server::new();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(Slow(Some(peer)), infallible(echo)).await });
    (server, client)
}

/// It is no reason to keep a server that stops.
#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_a_handshake() {
    for (rested, longest) in [(Duration::ZERO, 501), (Duration::from_secs(5), 2)] {
        let (server, mut client) = serving_slow();
        tokio::task::yield_now().await;
        tokio::time::sleep(rested).await;
        let report = server.shutdown(Duration::from_secs(60)).await;
        assert!(
            report.elapsed <= Duration::from_millis(longest),
            "{report:?}"
        );
        assert_eq!((report.refused, report.forced, report.left), (1, 0, 0));
        assert_eq!(client.read(&mut [0; 1]).await.expect("a pipe"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_ten_seconds() {
    let (server, mut client) = serving_slow();
    let start = tokio::time::Instant::now();
    assert_eq!(client.read(&mut [0; 1]).await.expect("a pipe"), 0);
    assert_eq!(start.elapsed().as_secs(), 10);
    assert_eq!(server.stats().errors.handshake, 1);
}
