//! One exchange on one connection: the write loop and the read loop, joined in the caller's task.
//!
//! ```text
//!   write loop   head -> gate -> content -> flush
//!   read loop    interim heads ............ final head -> Response<Body>
//! ```
//!
//! The read loop runs from the beginning: a server may answer before it has read everything. Its answer is preferred to an
//! error of the write loop, which often is only the echo of that answer.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Response, StatusCode};
use http_codec::io::WriteHalf;
use http_codec::{Body, BodyDecoder, BodyLength};
use tokio::time::Instant;

use crate::config::{Deadlines, Reading, until};
use crate::error::{Error, ErrorKind, Phase, Progress};
use crate::lent::{Lent, Rest, earlier};
use crate::options::Options;
use crate::persist_conn::{Connection, PersistConn, park};
use crate::prepare::Outgoing;
use crate::read_loop::{ReadLoop, ReceiveError, Received};
use crate::trace::Recorder;
use crate::upgrade;
use crate::upload::Meeting;
use crate::write_loop::{SendError, WriteLoop};

/// What an exchange is held to.
pub(crate) struct Terms<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) deadlines: &'a Deadlines,
    pub(crate) options: Option<&'a Options>,
    /// The end of the whole call.
    pub(crate) total: Option<Instant>,
}

/// How an exchange begins.
pub(crate) struct Start {
    pub(crate) now: Instant,
    /// The connection was polled in this same poll of the task, and will wake it.
    pub(crate) asleep: bool,
    /// The connection was not made just now.
    pub(crate) reused: bool,
    pub(crate) recorder: Option<Recorder>,
}

/// Sends a request and waits for the head of its response.
///
/// Dropped before its end, it leaves the connection in the middle of a message, to be closed.
pub(crate) struct Exchange<'a> {
    reused: bool,
    /// The content of the request.
    body: &'a mut Body,
    write: WriteLoop,
    read: ReadLoop,
    sending: bool,
    send_error: Option<SendError>,
    terms: &'a Terms<'a>,
    recorder: Option<Recorder>,
    /// What the connection had written before this exchange.
    written: u64,
    /// Octets of the request's head.
    head: u64,
    /// The deadline of the head, once the request is sent.
    head_by: Option<Instant>,
    /// Where the sending stands still, while octets wait for the peer to take them: how much had been written.
    stalled_at: Option<u64>,
    armed: bool,
    /// The read loop has nothing to do before the task is woken: taking the connection has shown that, and left the waker.
    asleep: bool,
    /// The time at which we began, until somebody needs the time or we wait.
    now: Option<Instant>,
}

impl<'a> Exchange<'a> {
    /// Begins on a connection in whose buffer the head of the request [lies](PersistConn::encode).
    #[inline]
    pub(crate) fn new(
        connection: &PersistConn,
        outgoing: &Outgoing<'_>,
        body: &'a mut Body,
        terms: &'a Terms<'a>,
        start: Start,
    ) -> Exchange<'a> {
        let mut write = WriteLoop::new(outgoing.length, outgoing.trailers());
        if outgoing.expects_continue {
            let wait = terms.deadlines.expect_continue;
            write.await_continue(until(start.now, wait));
        }
        Exchange {
            written: connection.write.written(),
            head: connection.write.unwritten() as u64,
            reused: start.reused,
            body,
            write,
            read: ReadLoop::new(outgoing.class),
            sending: true,
            send_error: None,
            head_by: None,
            stalled_at: None,
            armed: false,
            asleep: start.asleep,
            now: Some(start.now),
            terms,
            recorder: start.recorder,
        }
    }

    /// Goes on until the head of the final response lies in the connection.
    ///
    /// # Errors
    ///
    /// With their phase and progress. The connection is of no more use then.
    pub(crate) fn poll(
        &mut self,
        connection: &mut PersistConn,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        loop {
            if self.sending {
                let sent = self.write.poll(self.body, &mut connection.write, cx);
                if self.recorder.is_some() {
                    self.record(connection);
                }
                match sent {
                    Poll::Ready(sent) => self.sent(connection, sent)?,
                    Poll::Pending => self.note_stall(&connection.write),
                }
            }
            if !std::mem::take(&mut self.asleep) {
                let received = self.read.poll(connection, self.terms.reading, cx);
                if self.recorder.is_some() {
                    self.record(connection);
                }
                match received {
                    Poll::Ready(Ok(Received::Final)) => return Poll::Ready(Ok(())),
                    Poll::Ready(Ok(Received::Interim)) => {
                        self.interim(connection);
                        continue;
                    }
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Err(self.receive_error(connection, error)));
                    }
                    Poll::Pending => {}
                }
            }
            if !self.armed {
                self.arm(connection);
            }
            std::task::ready!(connection.deadline.poll(cx));
            self.expire(connection)?;
        }
    }

    /// Notes what has been written and read, if somebody wants to know.
    fn record(&mut self, connection: &PersistConn) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        if connection.write.written() >= self.written + self.head {
            recorder.wrote_head();
        }
        if self.read.has_received() {
            recorder.first_octet();
        }
    }

    /// The write loop is through.
    fn sent(&mut self, connection: &PersistConn, sent: Result<(), SendError>) -> Result<(), Error> {
        self.sending = false;
        self.armed = false;
        match sent {
            Ok(()) => {
                if let Some(recorder) = &mut self.recorder {
                    recorder.wrote_request();
                }
            }
            // The peer may have answered all the same: keep reading.
            Err(SendError::Io(error)) => self.send_error = Some(SendError::Io(error)),
            Err(SendError::Body(error)) => {
                return Err(self
                    .error(connection, ErrorKind::Body, Phase::Send)
                    .with_source(error));
            }
            Err(SendError::Length(error)) => {
                return Err(self
                    .error(connection, ErrorKind::Body, Phase::Send)
                    .with_source(error));
            }
        }
        let now = self.now.take().unwrap_or_else(Instant::now);
        self.head_by = until(now, self.terms.deadlines.head);
        Ok(())
    }

    /// The write loop waits: for the peer, or for content. Each octet that the peer takes gives it new time.
    fn note_stall(&mut self, half: &WriteHalf) {
        // What the transport has taken may be kept by it: TLS does.
        let stalled_at = half.needs_flush().then(|| half.written());
        if stalled_at != self.stalled_at {
            self.stalled_at = stalled_at;
            self.armed = false;
        }
    }

    fn interim(&mut self, connection: &PersistConn) {
        let is_continue = connection.head.status() == StatusCode::CONTINUE;
        if is_continue {
            self.write.go_on();
            self.armed = false;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.interim(is_continue);
        }
        if let Some(hook) = self
            .terms
            .options
            .and_then(|options| options.interim.as_ref())
        {
            if let Ok(parts) = connection.head.to_parts(http::HeaderMap::new()) {
                hook(&parts);
            }
        }
    }

    /// Sets the deadline for what we wait for now.
    fn arm(&mut self, connection: &mut PersistConn) {
        // The next time that somebody needs will be another.
        let now = self.now.take();
        let phase = if let Some(held) = self.write.held_until() {
            held
        } else if self.sending {
            let pause = self.stalled_at.and(self.terms.deadlines.content);
            until(now.unwrap_or_else(Instant::now), pause)
        } else {
            self.head_by
        };
        connection.deadline.set(earlier(self.terms.total, phase));
        self.armed = true;
    }

    /// The deadline has passed: an error, unless it was only that of the gate.
    fn expire(&mut self, connection: &PersistConn) -> Result<(), Error> {
        self.armed = false;
        if self
            .terms
            .total
            .is_some_and(|total| Instant::now() >= total)
        {
            return Err(self.error(connection, ErrorKind::Timeout, Phase::Call));
        }
        if self.write.held_until().is_some() {
            self.write.go_on();
            return Ok(());
        }
        let phase = if self.sending {
            Phase::Send
        } else {
            Phase::Head
        };
        Err(self.error(connection, ErrorKind::Timeout, phase))
    }

    fn progress(&self, connection: &PersistConn) -> Progress {
        if self.read.has_received() {
            Progress::Received
        } else if connection.write.written() == self.written {
            Progress::Nothing
        } else if self.write.is_done() && self.send_error.is_none() {
            Progress::Sent
        } else {
            Progress::Started
        }
    }

    fn error(&self, connection: &PersistConn, kind: ErrorKind, phase: Phase) -> Error {
        Error::new(kind, phase)
            .with_progress(self.progress(connection))
            .with_reused(self.reused)
    }

    fn receive_error(&mut self, connection: &PersistConn, error: ReceiveError) -> Error {
        let limit = error.is_limit();
        match (error, self.send_error.take()) {
            (ReceiveError::Malformed(error), _) => {
                let kind = if limit {
                    ErrorKind::TooLarge
                } else {
                    ErrorKind::Malformed
                };
                self.error(connection, kind, Phase::Head).with_source(error)
            }
            (ReceiveError::TooMuchInterim, _) => self
                .error(connection, ErrorKind::TooLarge, Phase::Head)
                .with_message("too many interim responses"),
            (_, Some(SendError::Io(cause))) => self
                .error(connection, ErrorKind::Io, Phase::Send)
                .with_source(cause),
            (ReceiveError::Io(cause), _) => self
                .error(connection, ErrorKind::Io, Phase::Head)
                .with_source(cause),
            (ReceiveError::Closed, _) => self.error(connection, ErrorKind::Closed, Phase::Head),
        }
    }

    /// The final head is here: what becomes of the connection, and where the content comes from.
    ///
    /// # Errors
    ///
    /// A head that cannot be handed on.
    pub(crate) fn conclude(
        &mut self,
        mut connection: Connection,
        outgoing: &Outgoing<'_>,
        response: &mut Response<Body>,
    ) -> Result<(), Error> {
        if let Some(recorder) = &mut self.recorder {
            recorder.head();
        }
        let head = &connection.head;
        let length = head.length();
        if length == BodyLength::Tunnel && !(self.write.is_done() && outgoing.may_switch(head)) {
            let error = self.error(&connection, ErrorKind::Malformed, Phase::Head);
            return Err(error.with_message("the peer switches protocols unasked"));
        }
        head.fill(response).map_err(|error| {
            self.error(&connection, ErrorKind::TooLarge, Phase::Head)
                .with_source(error)
        })?;
        let persists = head.persistence().is_keep_alive();
        connection.head.clear();
        *response.body_mut() = if length == BodyLength::Tunnel {
            upgrade::hand_over(connection)
        } else {
            self.content(connection, length, persists && outgoing.keeps_alive())
        };
        Ok(())
    }

    fn content(&mut self, mut connection: Connection, length: BodyLength, persists: bool) -> Body {
        if persists {
            // The peer still waits for the content, to find the next request behind it.
            self.write.go_on();
        } else {
            self.write.refuse();
        }
        let reusable = persists && self.send_error.is_none();
        let upload = (self.sending && !self.write.is_over()).then(|| {
            let body = std::mem::take(self.body);
            Meeting::spawn(connection.take_write(), self.write.take(), body)
        });
        if let BodyLength::Known(size) = length {
            if size <= connection.read.buffered().len() as u64 {
                let whole = connection.read.buffer().split_to(size as usize).freeze();
                finish(connection, upload, reusable);
                if let Some(recorder) = self.recorder.take() {
                    recorder.done(true);
                }
                return Body::from(whole);
            }
        }
        let reading = self.terms.reading;
        let rest = Rest {
            connection,
            reusable,
            upload,
            total: self.terms.total,
            pause: self.terms.deadlines.content,
            waiting: false,
            recorder: self.recorder.take(),
        };
        Body::lent(Lent::new(
            rest,
            BodyDecoder::new(length, reading.limits, reading.leniency),
        ))
    }
}

/// The response is complete before its head was handed over.
fn finish(connection: Connection, upload: Option<Arc<Meeting>>, reusable: bool) {
    match upload {
        Some(meeting) => meeting.reader_comes(connection, reusable),
        // Not the time at which the exchange began: the peer may have thought about its answer for longer than a connection
        // may be idle.
        None if reusable => park(connection, Instant::now()),
        None => {}
    }
}
