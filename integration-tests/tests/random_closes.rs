//! A closed loop against a server that closes kept-alive connections at random: no request that may be replayed fails.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::Request;
use http_client::{Proxies, Transport};
use http_codec::Body;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const REQUESTS: usize = 100_000;
const CALLERS: usize = 32;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    /// Behind an answer.
    AfterAnswer,
    /// Instead of an answer to a request that has been read.
    AfterRequest,
    /// In the middle of a request.
    WithinRequest,
    /// By a reset, behind an answer.
    Reset,
    /// By a reset, instead of an answer.
    ResetAfterRequest,
}

const ENDS: [End; 5] = [
    End::AfterAnswer,
    End::AfterRequest,
    End::WithinRequest,
    End::Reset,
    End::ResetAfterRequest,
];

type Ends = Arc<Mutex<HashMap<End, usize>>>;

/// Answers with the path of the request, until the connection ends one way or another, one time in twenty.
async fn serve(mut stream: TcpStream, ends: Ends) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 4096];
    let mut first = true;
    loop {
        // The first request of a connection is always answered: only a connection that served is one that may die.
        let end = (!first && fastrand::u8(..) < 13).then(|| ENDS[fastrand::usize(..ENDS.len())]);
        first = false;
        if let Some(end) = end {
            *ends.lock().unwrap().entry(end).or_default() += 1;
        }
        if end == Some(End::WithinRequest) {
            let _ = stream.read(&mut buffer[..10]).await?;
            return Ok(());
        }
        let mut length = 0;
        while !buffer[..length].ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer[length..]).await? {
                0 => return Ok(()),
                read => length += read,
            }
        }
        if matches!(end, Some(End::ResetAfterRequest)) {
            return stream.set_zero_linger();
        }
        if end == Some(End::AfterRequest) {
            return Ok(());
        }
        let head = String::from_utf8_lossy(&buffer[..length]);
        let path = head.split(' ').nth(1).unwrap();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{path}",
            path.len()
        );
        stream.write_all(answer.as_bytes()).await?;
        match end {
            Some(End::Reset) => return stream.set_zero_linger(),
            Some(_) => return Ok(()),
            None => {}
        }
    }
}

async fn start() -> (SocketAddr, Ends) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let ends = Ends::default();
    let counted = Arc::clone(&ends);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&counted)));
        }
    });
    (addr, ends)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_replayable_request_of_100_000_fails() {
    let (addr, ends) = start().await;
    let transport = Transport::builder().proxies(Proxies::none()).build();
    let callers = (0..CALLERS).map(|caller| {
        let transport = transport.clone();
        tokio::spawn(async move {
            for turn in 0..REQUESTS / CALLERS {
                let path = format!("/{caller}/{turn}");
                let request = Request::get(format!("http://{addr}{path}"))
                    .body(Body::empty())
                    .unwrap();
                let response = transport
                    .round_trip(request)
                    .await
                    .unwrap_or_else(|error| panic!("{path}: {error:?}"));
                let content = response.into_body().collect_bytes(100).await.unwrap();
                assert_eq!(content, path, "an answer to another request");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let ends = ends.lock().unwrap().clone();
    assert!(
        ends.len() == ENDS.len() && ends.values().all(|count| *count > 100),
        "{ends:?}"
    );
    let stats = transport.stats();
    assert_eq!(
        (stats.active(), stats.dialing(), stats.waiting()),
        (0, 0, 0)
    );
}
