//! One connection of the load generator.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use bytes::BytesMut;
use http_codec::{BodyDecoder, Leniency, Limits, MethodClass, ResponseHead, ResponseHeadDecoder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::{Answer, wrong};
use super::workload::Ask;

/// An open connection: asks are written, answers are read and checked, in their order.
#[derive(Debug)]
pub struct Connection {
    socket: TcpStream,
    buffer: BytesMut,
    decoder: ResponseHeadDecoder,
    head: ResponseHead,
}

impl Connection {
    /// Dials.
    pub async fn open(address: SocketAddr) -> io::Result<Connection> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(Connection {
            socket,
            buffer: BytesMut::with_capacity(16 * 1024),
            decoder: ResponseHeadDecoder::new(Limits::response(), Leniency::default()),
            head: ResponseHead::default(),
        })
    }

    /// Writes these asks at once, then reads their answers.
    pub async fn exchange(&mut self, asks: &[&Ask]) -> io::Result<()> {
        match asks {
            // Large content may only be accepted while the answer is read; one ask writes in place.
            [ask] => self.socket.write_all(&ask.octets).await?,
            asks => {
                let batch: Vec<u8> = asks
                    .iter()
                    .flat_map(|ask| ask.octets.iter().copied())
                    .collect();
                self.socket.write_all(&batch).await?;
            }
        }
        let mut owed: VecDeque<&Ask> = asks.iter().copied().collect();
        while let Some(ask) = owed.pop_front() {
            self.answer(ask).await?;
        }
        Ok(())
    }

    /// Reads one answer and checks it.
    async fn answer(&mut self, ask: &Ask) -> io::Result<()> {
        while !self
            .decoder
            .decode(&mut self.buffer, MethodClass::Other, &mut self.head)
            .map_err(io::Error::other)?
        {
            self.fill().await?;
        }
        if self.head.status() != http::StatusCode::OK {
            return Err(wrong(self.head.status().as_str()));
        }
        let length = self.head.length();
        let mut body = BodyDecoder::new(length, Limits::response(), Leniency::default());
        let mut answer = Answer::new(&ask.expected);
        loop {
            match body.decode(&mut self.buffer).map_err(io::Error::other)? {
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        answer.piece(&data)?;
                    }
                }
                None if body.is_end() => break,
                None => self.fill().await?,
            }
        }
        self.head.clear();
        answer.end()
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.buffer.reserve(16 * 1024);
        match self.socket.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
