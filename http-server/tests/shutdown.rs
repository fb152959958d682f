//! Stopping: idle connections at once, what runs to its end, the rest at the deadline.

mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use http_server::{Body, Server, handle, testing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use wire::{connect, echo, infallible, until, until_closed};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

async fn slow(_: Request<Body>) -> Response<Body> {
    tokio::time::sleep(Duration::from_secs(5)).await;
    Response::new(Body::from("slow"))
}

#[tokio::test(start_paused = true)]
async fn idle_and_new_connections_close_at_once() {
    let server = Server::new();
    let mut new = connect(&server, echo);
    let mut idle = connect(&server, echo);
    idle.write_all(GET).await.expect("a pipe");
    until(&mut idle, "GET / ").await;
    for rested in [Duration::ZERO, Duration::from_secs(5)] {
        tokio::time::sleep(rested).await;
    }
    let start = Instant::now();
    let report = server.shutdown(Duration::from_secs(10)).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!((report.finished, report.forced, report.left), (2, 0, 0));
    assert!(report.is_graceful());
    assert_eq!(
        until_closed(&mut new).await + &until_closed(&mut idle).await,
        ""
    );
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_finished_and_says_that_it_closes() {
    let server = Server::new();
    let mut client = connect(&server, slow);
    client.write_all(GET).await.expect("a pipe");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let report = server.shutdown(Duration::from_secs(10)).await;
    assert_eq!((report.finished, report.forced), (1, 0));
    let answer = until_closed(&mut client).await;
    assert!(
        answer.contains("\r\nconnection: close\r\n") && answer.ends_with("slow"),
        "{answer}"
    );
}

/// A head that has begun to arrive is a request that was accepted.
#[tokio::test(start_paused = true)]
async fn a_request_that_has_begun_is_served() {
    let server = Server::new();
    let mut client = connect(&server, echo);
    client.write_all(&GET[..10]).await.expect("a pipe");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stopping = tokio::spawn(async move { server.shutdown(Duration::from_secs(10)).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.write_all(&GET[10..]).await.expect("a pipe");
    assert!(
        until_closed(&mut client)
            .await
            .contains("\r\nconnection: close\r\n")
    );
    assert!(stopping.await.expect("no panic").is_graceful());
}

/// A request that is sent as the server stops is served, on a connection that has just been used or has just been made.
#[tokio::test(start_paused = true)]
async fn a_request_that_may_be_on_its_way_is_waited_for() {
    for (rested, late) in [(10, 20), (100, 300)] {
        let server = Server::new();
        let mut client = connect(&server, echo);
        if rested < 50 {
            client.write_all(GET).await.expect("a pipe");
            until(&mut client, "GET / ").await;
        }
        tokio::time::sleep(Duration::from_millis(rested)).await;
        let stopping = tokio::spawn(async move { server.shutdown(Duration::from_secs(10)).await });
        tokio::time::sleep(Duration::from_millis(late)).await;
        client.write_all(GET).await.expect("still open");
        let answer = until_closed(&mut client).await;
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert_eq!(stopping.await.expect("no panic").finished, 1);
    }
}

/// What does not come is not waited for longer than it may take to.
#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_on_its_way_is_not_waited_for() {
    for (is_used, longest) in [(true, 51), (false, 501)] {
        let server = Server::new();
        let mut client = connect(&server, echo);
        tokio::task::yield_now().await;
        if is_used {
            client.write_all(GET).await.expect("a pipe");
            until(&mut client, "GET / ").await;
        }
        let report = server.shutdown(Duration::from_secs(10)).await;
        assert!(
            report.elapsed <= Duration::from_millis(longest),
            "{report:?}"
        );
        assert_eq!((report.finished, report.forced), (1, 0));
        assert_eq!(until_closed(&mut client).await, "");
    }
}

/// Connections that the system has queued are open as their peers see it.
#[tokio::test]
async fn connections_that_wait_to_be_accepted_are_served() {
    use std::io::{Read as _, Write as _};
    let server = testing::serve(infallible(echo)).await.expect("a port");
    tokio::task::yield_now().await;
    // The server waits to accept, and gets no turn while all of these connect: the runtime has one thread.
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let mut client = std::net::TcpStream::connect(server.addr()).expect("listening");
            client.write_all(GET).expect("connected");
            client
        })
        .collect();
    let report = server.server().shutdown(Duration::from_secs(10)).await;
    assert_eq!((report.finished, report.forced), (clients.len(), 0));
    for mut client in clients {
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("no reset");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
}

/// The same behind a trusted proxy, and on Unix sockets.
#[cfg(unix)]
#[tokio::test]
async fn listeners_of_every_kind_hand_over_what_waits() {
    use http_server::listener::ProxyProtocol;
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;
    let path = std::env::temp_dir().join(format!("http-server-{}.sock", std::process::id()));
    let unix = tokio::net::UnixListener::bind(&path).expect("a path");
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let addr = tcp.local_addr().expect("bound");
    let tcp = ProxyProtocol::new(tcp).trust(addr.ip(), 32);
    let server = Server::new();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(unix, infallible(echo)).await });
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(tcp, infallible(echo)).await });
    tokio::task::yield_now().await;
    let mut local = UnixStream::connect(&path).expect("listening");
    std::fs::remove_file(&path).expect("it is there");
    let mut proxied = std::net::TcpStream::connect(addr).expect("listening");
    local.write_all(GET).expect("connected");
    proxied
        .write_all(&[b"PROXY UNKNOWN\r\n", GET].concat())
        .expect("connected");
    let report = server.shutdown(Duration::from_secs(10)).await;
    assert_eq!((report.finished, report.forced), (2, 0));
    for client in [&mut local as &mut dyn std::io::Read, &mut proxied] {
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("no reset");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
}

/// Clients are shed without a stop, and kept again.
#[tokio::test(start_paused = true)]
async fn a_server_may_keep_no_connection_alive_for_a_while() {
    let server = Server::new();
    let mut idle = connect(&server, echo);
    idle.write_all(GET).await.expect("a pipe");
    until(&mut idle, "GET / ").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut busy = connect(&server, slow);
    busy.write_all(GET).await.expect("a pipe");
    let mut new = connect(&server, echo);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    server.set_keep_alive(false);
    assert_eq!(until_closed(&mut idle).await, "");
    assert_eq!(start.elapsed(), Duration::ZERO);
    new.write_all(GET).await.expect("still open");
    for client in [&mut new, &mut busy] {
        let answer = until_closed(client).await;
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    server.set_keep_alive(true);
    let mut kept = connect(&server, echo);
    for _ in 0..2 {
        kept.write_all(GET).await.expect("kept alive");
        assert!(!until(&mut kept, "GET / ").await.contains("connection:"));
    }
    server.shutdown(Duration::ZERO).await;
    server.set_keep_alive(true);
    assert_eq!(until_closed(&mut connect(&server, echo)).await, "");
}

/// A future of `serve` that nobody polls any more has nothing to wait for.
#[tokio::test(start_paused = true)]
async fn a_listener_that_was_left_does_not_hold_the_shutdown() {
    let server = Server::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let mut serving = std::pin::pin!(server.serve(listener, infallible(echo)));
    assert!(futures::poll!(serving.as_mut()).is_pending());
    let report = server.shutdown(Duration::from_secs(10)).await;
    assert!(
        report.is_graceful() && report.elapsed < Duration::from_millis(200),
        "{report:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_rest_is_closed_at_the_deadline() {
    let server = Server::new();
    let forgets = |request: Request<Body>| async {
        std::mem::forget(request.into_body());
        std::future::pending().await
    };
    let streams = |_: Request<Body>| async {
        Response::new(Body::from_stream(futures::stream::pending::<
            Result<bytes::Bytes, std::io::Error>,
        >()))
    };
    let mut clients = [connect(&server, forgets), connect(&server, streams)];
    for client in &mut clients {
        client
            .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n")
            .await
            .expect("a pipe");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    let report = server.shutdown(Duration::from_secs(10)).await;
    assert_eq!(start.elapsed().as_secs(), 10);
    assert_eq!((report.finished, report.forced, report.left), (0, 2, 0));
    assert!(!report.is_graceful());
    for client in &mut clients {
        until_closed(client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn long_streams_hear_of_the_shutdown() {
    let server = Server::new();
    let service = |request: Request<Body>| async move {
        handle(request.body())
            .expect("ours")
            .shutdown()
            .cancelled()
            .await;
        Response::new(Body::from("told"))
    };
    let mut client = connect(&server, service);
    client.write_all(GET).await.expect("a pipe");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!server.shutdown_token().is_cancelled());
    let report = server.shutdown(Duration::from_secs(10)).await;
    assert!(report.is_graceful() && report.elapsed < Duration::from_secs(5));
    assert!(until_closed(&mut client).await.ends_with("told"));
}

#[tokio::test]
async fn serve_returns_when_the_last_connection_has_ended() {
    let server = testing::serve(infallible(echo)).await.expect("a port");
    let mut client = TcpStream::connect(server.addr()).await.expect("listening");
    client.write_all(GET).await.expect("connected");
    client.read_exact(&mut [0; 10]).await.expect("an answer");
    assert_eq!(server.server().stats().open(), 1);
    let report = server.server().shutdown(Duration::from_secs(5)).await;
    assert!(report.is_graceful());
    let refused = TcpStream::connect(server.addr()).await;
    assert!(refused.is_err(), "the listener is closed");
}

/// Clients that ask one request after another while the server stops: every request that got an answer's first octet got all of
/// it, and every connection that was told to close was closed.
#[tokio::test]
async fn a_shutdown_under_load_loses_no_request_that_was_accepted() {
    let called = Arc::new(AtomicUsize::new(0));
    let calls = Arc::clone(&called);
    let service = infallible(move |_: Request<Body>| {
        calls.fetch_add(1, Ordering::Relaxed);
        async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            Response::new(Body::from("0123456789"))
        }
    });
    let server = testing::serve(service).await.expect("a port");
    let addr = server.addr();
    let clients: Vec<_> = (0..32)
        .map(|_| {
            tokio::spawn(async move {
                let mut client = TcpStream::connect(addr).await.expect("listening");
                let mut answered = 0;
                loop {
                    if client.write_all(GET).await.is_err() {
                        return answered;
                    }
                    let mut answer = Vec::new();
                    while !answer.ends_with(b"0123456789") {
                        match client.read_buf(&mut answer).await {
                            Ok(read) if read > 0 => {}
                            _ => {
                                assert!(
                                    answer.is_empty(),
                                    "cut off: {:?}",
                                    String::from_utf8_lossy(&answer)
                                );
                                return answered;
                            }
                        }
                    }
                    answered += 1;
                    if answer.windows(17).any(|part| part == b"connection: close") {
                        assert_eq!(
                            client.read(&mut [0; 1]).await.expect("a FIN, not a reset"),
                            0
                        );
                        return answered;
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let report = server.server().shutdown(Duration::from_secs(10)).await;
    assert!(report.is_graceful(), "{report:?}");
    let mut answered = 0;
    for client in clients {
        answered += client.await.expect("no client lost an answer");
    }
    assert_eq!(
        answered,
        called.load(Ordering::Relaxed),
        "every call was answered"
    );
}
