//! The content of a response on its way to the caller: read from the socket in the caller's own task.
//!
//! The connection lies in two places meanwhile: its reading half in the [`Home`], lent to the body; the rest of it beside
//! that. Before the caller can see the end of the content, the halves are together again and the connection is parked.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http_body::SizeHint;
use http_codec::io::{Home, Return};
use http_codec::{BodyDecoder, BodyError, BodyErrorKind, Lender, Piece};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::config::until;
use crate::error::{Error, Phase, Progress};
use crate::persist_conn::{Connection, park};
use crate::trace::Recorder;
use crate::upload::Meeting;

/// The most that is read to save the connection of a body that was dropped.
const DRAIN: u64 = 64 * 1024;

/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_millis(50);

pub(crate) struct Lent {
    home: Home,
    rest: Mutex<Option<Rest>>,
}

/// What waits for the reading half.
pub(crate) struct Rest {
    pub(crate) connection: Connection,
    /// Whether the connection may serve another exchange.
    pub(crate) reusable: bool,
    /// The rest of the request that is still being sent.
    pub(crate) upload: Option<Arc<Meeting>>,
    /// The end of the whole call.
    pub(crate) total: Option<Instant>,
    /// How long the peer may pause.
    pub(crate) pause: Option<Duration>,
    /// A read is pending, and the deadline is set for it.
    pub(crate) waiting: bool,
    pub(crate) recorder: Option<Recorder>,
}

impl Lent {
    pub(crate) fn new(mut rest: Rest, decoder: BodyDecoder) -> Arc<Lent> {
        let lent = Lent {
            home: Home::new(),
            rest: Mutex::new(None),
        };
        lent.home.lend(rest.connection.take_read(), decoder);
        *lent.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
        Arc::new(lent)
    }

    fn take(&self) -> Option<Rest> {
        self.rest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Notes that octets are awaited; ready when they have been for too long.
    fn poll_deadline(&self, cx: &mut Context<'_>) -> Poll<BodyError> {
        let mut place = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(rest) = &mut *place else {
            return Poll::Pending;
        };
        if !rest.waiting {
            rest.waiting = true;
            let pause = until(Instant::now(), rest.pause);
            rest.connection.deadline.set(earlier(rest.total, pause));
        }
        rest.connection.deadline.poll(cx).map(|()| rest.timeout())
    }

    /// Octets came. Ready if they came too late.
    fn note_progress(&self) -> Poll<BodyError> {
        let mut place = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *place {
            Some(rest) => {
                rest.waiting = false;
                match rest.total {
                    Some(total) if Instant::now() >= total => Poll::Ready(rest.timeout()),
                    _ => Poll::Pending,
                }
            }
            None => Poll::Pending,
        }
    }

    /// The reading half is back: the connection goes where it belongs.
    fn finish(&self) {
        if let (Some(mut rest), Some(back)) = (self.take(), self.home.take_home()) {
            if let Some(recorder) = rest.recorder.take() {
                recorder.done(back.is_complete());
            }
            let complete = back.is_complete();
            rest.reunite(back, complete);
        }
    }

    fn expire(&self, error: &BodyError) {
        drop(self.home.revoke(error.duplicate()));
        if let Some(rest) = self.take() {
            rest.give_up();
        }
    }
}

impl Rest {
    fn timeout(&self) -> BodyError {
        let whole = self.total.is_some_and(|total| Instant::now() >= total);
        let phase = if whole { Phase::Call } else { Phase::Content };
        let cause = Error::timeout(phase).with_progress(Progress::Received);
        BodyError::with_source(
            BodyErrorKind::Timeout,
            "the content did not come in time",
            cause,
        )
    }

    /// Both halves are here, or the other is where the upload is.
    fn reunite(self, back: Return, complete: bool) {
        let Rest {
            mut connection,
            reusable,
            upload,
            ..
        } = self;
        connection.read = back.half;
        let reusable = reusable && complete;
        match upload {
            Some(meeting) if complete => meeting.reader_comes(connection, reusable),
            Some(meeting) => meeting.reader_gives_up(connection),
            None if reusable => park(connection, Instant::now()),
            None => {}
        }
    }

    fn give_up(self) {
        if let Some(recorder) = self.recorder {
            recorder.done(false);
        }
        if let Some(meeting) = self.upload {
            meeting.reader_gives_up(self.connection);
        }
    }
}

pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Lender for Lent {
    fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Result<Piece, BodyError>> {
        let piece = self.home.poll_piece(cx);
        let late = match &piece {
            Poll::Pending => self.poll_deadline(cx),
            Poll::Ready(Ok(Piece::Frame(_))) => self.note_progress(),
            Poll::Ready(Ok(Piece::Last(..)) | Err(_)) => {
                self.finish();
                return piece;
            }
        };
        match late {
            Poll::Ready(error) => {
                self.expire(&error);
                Poll::Ready(Err(error))
            }
            Poll::Pending => piece,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.home.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.home.size_hint()
    }

    /// The caller wants no more. What is here already is read at once; a little more in a task; else the connection closes.
    fn returned(&self) {
        self.home.returned();
        let (Some(mut rest), Some(mut back)) = (self.take(), self.home.take_home()) else {
            return;
        };
        if let Some(recorder) = rest.recorder.take() {
            recorder.done(false);
        }
        if !rest.reusable || back.fault.is_some() || std::thread::panicking() {
            drop(back);
            return rest.give_up();
        }
        let mut left = DRAIN;
        match poll_drain(
            &mut back,
            &mut left,
            &mut Context::from_waker(Waker::noop()),
        ) {
            Poll::Ready(complete) => rest.reunite(back, complete),
            Poll::Pending => drain_elsewhere(rest, back, left),
        }
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

fn drain_elsewhere(rest: Rest, mut back: Return, mut left: u64) {
    let Ok(runtime) = Handle::try_current() else {
        drop(back);
        return rest.give_up();
    };
    runtime.spawn(async move {
        let drain = std::future::poll_fn(|cx| poll_drain(&mut back, &mut left, cx));
        let complete = tokio::time::timeout(DRAIN_TIME, drain)
            .await
            .unwrap_or(false);
        rest.reunite(back, complete);
    });
}

/// Reads content and drops it. Ready with whether its end was reached.
fn poll_drain(back: &mut Return, left: &mut u64, cx: &mut Context<'_>) -> Poll<bool> {
    loop {
        match back.decoder.decode(back.half.buffer()) {
            Ok(Some(frame)) => {
                let size = frame.data_ref().map_or(0, |data| data.len() as u64);
                if size > *left {
                    return Poll::Ready(false);
                }
                *left -= size;
            }
            Ok(None) if back.decoder.is_end() => return Poll::Ready(true),
            Ok(None) if back.decoder.remaining().is_some_and(|more| more > *left) => {
                return Poll::Ready(false);
            }
            Ok(None) => match std::task::ready!(back.half.poll_fill(cx)) {
                Ok(0) | Err(_) => return Poll::Ready(false),
                Ok(_) => {}
            },
            Err(_) => return Poll::Ready(false),
        }
    }
}
