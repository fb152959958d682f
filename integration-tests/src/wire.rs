//! A connection as octets: what goes in, what comes out, with no client in between.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

/// How long an answer may take before the test fails rather than hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One side of a connection, driven by hand.
#[derive(Debug)]
pub struct Wire<Io> {
    io: Io,
    /// Read and not yet taken.
    ahead: Vec<u8>,
}

/// A response as it stood on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status line, without its end.
    pub status: String,
    /// Names in lower case, values trimmed, in their order.
    pub fields: Vec<(String, String)>,
    /// The content, with its framing undone.
    pub content: Vec<u8>,
    /// The trailer section.
    pub trailers: Vec<(String, String)>,
}

impl Answer {
    /// The status code.
    pub fn code(&self) -> u16 {
        self.status
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0)
    }

    /// The first field with this name, given in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The content as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }

    fn is_interim(&self) -> bool {
        (100..200).contains(&self.code()) && self.code() != 101
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Wire<Io> {
    /// Over this transport.
    pub fn new(io: Io) -> Self {
        Self {
            io,
            ahead: Vec::new(),
        }
    }

    /// Sends octets.
    ///
    /// # Errors
    ///
    /// As the transport.
    pub async fn send(&mut self, octets: impl AsRef<[u8]>) -> io::Result<()> {
        self.io.write_all(octets.as_ref()).await?;
        self.io.flush().await
    }

    /// Closes our direction.
    ///
    /// # Errors
    ///
    /// As the transport.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.io.shutdown().await
    }

    /// The next head, interim ones too, with no content.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the peer closes first, [`TimedOut`](io::ErrorKind::TimedOut) if it
    /// takes too long.
    pub async fn head(&mut self) -> io::Result<Answer> {
        let end = self.find(b"\r\n\r\n").await?;
        let head: Vec<u8> = self.ahead.drain(..end + 4).collect();
        let text = String::from_utf8_lossy(&head[..end]).into_owned();
        let (status, fields) = text.split_once("\r\n").unwrap_or((&text, ""));
        Ok(Answer {
            status: status.to_owned(),
            fields: split_fields(fields),
            ..Answer::default()
        })
    }

    /// The next final response to a `GET`, with its content.
    ///
    /// # Errors
    ///
    /// As [`head`](Self::head).
    pub async fn answer(&mut self) -> io::Result<Answer> {
        self.answer_to("GET").await
    }

    /// The next final response to a request by this method.
    ///
    /// # Errors
    ///
    /// As [`head`](Self::head).
    pub async fn answer_to(&mut self, method: &str) -> io::Result<Answer> {
        let mut answer = self.head().await?;
        while answer.is_interim() {
            answer = self.head().await?;
        }
        if method == "HEAD" || matches!(answer.code(), 101 | 204 | 304) {
            return Ok(answer);
        }
        if answer.field("transfer-encoding") == Some("chunked") {
            self.chunks(&mut answer).await?;
        } else if let Some(length) = answer.field("content-length") {
            let length = length.parse().map_err(|_| malformed("content-length"))?;
            answer.content = self.exactly(length).await?;
        } else {
            answer.content = self.rest().await?;
        }
        Ok(answer)
    }

    async fn chunks(&mut self, answer: &mut Answer) -> io::Result<()> {
        loop {
            let line = self.line().await?;
            let digits = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(digits, 16).map_err(|_| malformed("chunk-size"))?;
            if size == 0 {
                break;
            }
            answer.content.extend(self.exactly(size).await?);
            if !self.line().await?.is_empty() {
                return Err(malformed("the end of a chunk"));
            }
        }
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok(());
            }
            answer.trailers.extend(split_fields(&line));
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        let end = self.find(b"\r\n").await?;
        let line: Vec<u8> = self.ahead.drain(..end + 2).collect();
        Ok(String::from_utf8_lossy(&line[..end]).into_owned())
    }

    /// So many octets.
    ///
    /// # Errors
    ///
    /// As [`head`](Self::head).
    pub async fn exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.ahead.len() < count {
            self.more().await?;
        }
        Ok(self.ahead.drain(..count).collect())
    }

    /// All octets until the peer closes.
    ///
    /// # Errors
    ///
    /// As the transport; [`TimedOut`](io::ErrorKind::TimedOut) if it takes too long.
    pub async fn rest(&mut self) -> io::Result<Vec<u8>> {
        loop {
            match self.more().await {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(std::mem::take(&mut self.ahead));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether nothing comes within this time, not even the end.
    pub async fn is_silent(&mut self, time: Duration) -> bool {
        self.ahead.is_empty() && timeout(time, self.io.read_u8()).await.is_err()
    }

    /// The transport, with what was read and not taken.
    pub fn into_inner(self) -> (Io, Vec<u8>) {
        (self.io, self.ahead)
    }

    async fn find(&mut self, end: &[u8]) -> io::Result<usize> {
        loop {
            if let Some(at) = self
                .ahead
                .windows(end.len())
                .position(|window| window == end)
            {
                return Ok(at);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        match timeout(PATIENCE, self.io.read_buf(&mut self.ahead)).await {
            Err(_) => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the peer sends nothing",
            )),
            Ok(Ok(0)) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(result) => result.map(drop),
        }
    }
}

fn split_fields(lines: &str) -> Vec<(String, String)> {
    let fields = lines.split("\r\n").filter_map(|line| line.split_once(':'));
    fields
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} is malformed"))
}
