//! The floor: a loop that reads, looks at the path, and writes a ready answer.
//!
//! It checks nothing and promises nothing; what a server costs above it is what HTTP costs there.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::runtime::listen;
use crate::app;

pub(super) async fn serve() -> io::Result<()> {
    let listener = listen().await?;
    let ready = Arc::new(Ready::new());
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let ready = Arc::clone(&ready);
        tokio::spawn(async move {
            // The peer's leaving is the ordinary end.
            let _ = connection(socket, &ready).await;
        });
    }
}

/// Answers made before the first request.
struct Ready {
    hello: Vec<u8>,
    json: Vec<u8>,
    user: Vec<u8>,
    kib64: Vec<u8>,
    mib: Vec<u8>,
    chunked: Vec<u8>,
    echo: Vec<u8>,
}

impl Ready {
    fn new() -> Ready {
        let sized = |name| app::octets(name).unwrap_or_default();
        let mut chunked =
            String::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
        for _ in 0..app::PIECES {
            chunked.extend_from_slice(b"400\r\n");
            chunked.extend_from_slice(&app::PIECE);
            chunked.extend_from_slice(b"\r\n");
        }
        chunked.extend_from_slice(b"0\r\n\r\n");
        Ready {
            hello: answer("text/plain", app::HELLO.as_bytes()),
            json: answer("application/json", app::JSON.as_bytes()),
            user: answer("text/plain", b"1234567"),
            kib64: answer("application/octet-stream", &sized("64k")),
            mib: answer("application/octet-stream", &sized("1m")),
            chunked,
            echo: answer("text/plain", &app::PIECE),
        }
    }

    /// The answer to the request that starts here.
    fn of(&self, request: &[u8]) -> &[u8] {
        match &request[request.len().min(4)..request.len().min(9)] {
            [b'/', b' ', ..] => &self.hello,
            b"/json" => &self.json,
            b"/user" => &self.user,
            b"/64k " => &self.kib64,
            b"/1m H" => &self.mib,
            b"/chun" => &self.chunked,
            _ => &self.echo,
        }
    }
}

fn answer(kind: &str, content: &[u8]) -> Vec<u8> {
    let mut head = String::new();
    let _ = write!(
        head,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n",
        content.len()
    );
    [head.as_bytes(), content].concat()
}

/// One request after the other; a batch that arrived together is answered in one write.
async fn connection(mut socket: TcpStream, ready: &Ready) -> io::Result<()> {
    let mut buffer = vec![0; 8 * 1024];
    let mut filled = 0;
    let mut out = Vec::new();
    loop {
        let read = socket.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        let mut start = 0;
        while let Some(end) = end_of_request(&buffer[start..filled]) {
            let answer = ready.of(&buffer[start..start + end]);
            start += end;
            if start == filled && out.is_empty() {
                socket.write_all(answer).await?;
            } else {
                out.extend_from_slice(answer);
            }
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        if !out.is_empty() {
            socket.write_all(&out).await?;
            out.clear();
        }
    }
}

/// Where the first request ends, content (of 1 KiB, when it is a POST) included.
fn end_of_request(octets: &[u8]) -> Option<usize> {
    let head = memchr::memmem::find(octets, b"\r\n\r\n")? + 4;
    let content = if octets.starts_with(b"POST") {
        app::PIECE.len()
    } else {
        0
    };
    (octets.len() >= head + content).then_some(head + content)
}
