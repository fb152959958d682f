//! Receiving a head: interim responses within their bounds, then the final one.

use std::io;
use std::task::{Context, Poll, ready};

use http_codec::{DecodeError, DecodeErrorKind, MethodClass};

use crate::config::Reading;
use crate::persist_conn::PersistConn;

/// Where the reading of one response stands.
pub(crate) struct ReadLoop {
    method: MethodClass,
    interim: usize,
    /// Octets of all heads of this response, where there are interim ones.
    octets: usize,
    received: bool,
}

/// What has come.
pub(crate) enum Received {
    /// An interim response; it lies in the connection's head.
    Interim,
    /// The final response; it lies in the connection's head.
    Final,
}

/// Why no response came.
#[derive(Debug)]
pub(crate) enum ReceiveError {
    Io(io::Error),
    /// The peer closed before the first octet, or inside of the head.
    Closed,
    Malformed(DecodeError),
    TooMuchInterim,
}

impl ReadLoop {
    pub(crate) fn new(method: MethodClass) -> ReadLoop {
        ReadLoop {
            method,
            interim: 0,
            octets: 0,
            received: false,
        }
    }

    /// Whether an octet of the response has come.
    pub(crate) fn has_received(&self) -> bool {
        self.received
    }

    /// Reads on to the next head.
    pub(crate) fn poll(
        &mut self,
        connection: &mut PersistConn,
        reading: &Reading,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Received, ReceiveError>> {
        loop {
            let PersistConn {
                read,
                decoder,
                head,
                ..
            } = connection;
            let decoded = decoder.decode(read.buffer(), self.method, head);
            if decoded.map_err(ReceiveError::Malformed)? {
                return Poll::Ready(self.classify(connection, reading));
            }
            match ready!(read.poll_fill(cx)).map_err(ReceiveError::Io)? {
                0 => return Poll::Ready(Err(ReceiveError::Closed)),
                _ => self.received = true,
            }
        }
    }

    fn classify(
        &mut self,
        connection: &PersistConn,
        reading: &Reading,
    ) -> Result<Received, ReceiveError> {
        let head = &connection.head;
        let is_interim = head.is_interim();
        if !is_interim && self.interim == 0 {
            return Ok(Received::Final);
        }
        self.interim += usize::from(is_interim);
        self.octets += head.octets().len();
        if self.interim > reading.limits.interim || self.octets > reading.limits.head {
            return Err(ReceiveError::TooMuchInterim);
        }
        Ok(if is_interim {
            Received::Interim
        } else {
            Received::Final
        })
    }
}

impl ReceiveError {
    /// Whether a limit was met rather than a rule broken.
    pub(crate) fn is_limit(&self) -> bool {
        use DecodeErrorKind::{HeadTooLarge, LineTooLong, TooManyFields};
        match self {
            ReceiveError::TooMuchInterim => true,
            ReceiveError::Malformed(error) => {
                matches!(
                    error.kind(),
                    HeadTooLarge(_) | LineTooLong(_) | TooManyFields(_)
                )
            }
            ReceiveError::Io(_) | ReceiveError::Closed => false,
        }
    }
}
