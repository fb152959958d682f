//! An upload that outlives its exchange: the server answered before it had read everything.
//!
//! The rest of the upload runs in a task of its own, the response is read by the caller. Each side comes to the [`Meeting`]
//! when it is through; whoever comes last puts the connection together again, and parks or closes it. The writing half is
//! never dropped alone, for that would tell the peer that the request was cut off.

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use http_codec::Body;
use http_codec::io::WriteHalf;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use crate::persist_conn::{Connection, park};
use crate::write_loop::WriteLoop;

/// How long an upload may go on after its response ended (Go's `maxWriteWaitBeforeConnReuse`).
const GRACE: Duration = Duration::from_millis(50);

/// Where the two halves of a connection meet again.
pub(crate) struct Meeting {
    place: Mutex<Place>,
}

enum Place {
    /// Nobody is here; whom to wake when the reader comes.
    Nobody(Option<Waker>),
    /// The writer is through; whether all of the request was sent.
    Writer(WriteHalf, bool),
    /// The response has been read; whether the connection may be used again.
    Reader(Connection, bool),
    /// The connection is lost. It counts as long as its writing half is open.
    Lost(Connection),
    /// Nobody else will come.
    Over,
}

impl Meeting {
    /// Sends the rest in a task of the current runtime; without one, the connection will close when the response ends.
    pub(crate) fn spawn(half: WriteHalf, upload: WriteLoop, body: Body) -> Arc<Meeting> {
        let meeting = Arc::new(Meeting {
            place: Mutex::new(Place::Nobody(None)),
        });
        match Handle::try_current() {
            Ok(runtime) => {
                let rest = send_rest(Arc::clone(&meeting), half, upload, body);
                drop(runtime.spawn(rest));
            }
            Err(_) => *meeting.place() = Place::Over,
        }
        meeting
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The response has been read to its end.
    pub(crate) fn reader_comes(&self, mut connection: Connection, reusable: bool) {
        let mut place = self.place();
        match std::mem::replace(&mut *place, Place::Over) {
            Place::Writer(half, sent) => {
                drop(place);
                connection.write = half;
                if sent && reusable {
                    park(connection, Instant::now());
                }
            }
            Place::Nobody(writer) => {
                *place = Place::Reader(connection, reusable);
                drop(place);
                if let Some(writer) = writer {
                    writer.wake();
                }
            }
            Place::Reader(..) | Place::Lost(_) | Place::Over => {}
        }
    }

    /// The response could not be read to its end: the connection is lost, and the upload with it.
    pub(crate) fn reader_gives_up(&self, connection: Connection) {
        let mut place = self.place();
        match std::mem::replace(&mut *place, Place::Over) {
            Place::Nobody(writer) => {
                *place = Place::Lost(connection);
                drop(place);
                if let Some(writer) = writer {
                    writer.wake();
                }
            }
            here => {
                drop(place);
                drop((here, connection));
            }
        }
    }
}

async fn send_rest(
    meeting: Arc<Meeting>,
    mut half: WriteHalf,
    mut upload: WriteLoop,
    mut body: Body,
) {
    let mut grace = None;
    let sent = poll_fn(|cx| {
        if let Poll::Ready(sent) = upload.poll(&mut body, &mut half, cx) {
            return Poll::Ready(sent.is_ok());
        }
        if grace.is_none() {
            match &mut *meeting.place() {
                Place::Nobody(writer) => *writer = Some(cx.waker().clone()),
                Place::Reader(..) => grace = Some(Box::pin(sleep_until(Instant::now() + GRACE))),
                Place::Writer(..) | Place::Lost(_) | Place::Over => return Poll::Ready(false),
            }
        }
        match &mut grace {
            Some(grace) => grace.as_mut().poll(cx).map(|()| false),
            None => Poll::Pending,
        }
    })
    .await;
    let mut place = meeting.place();
    match std::mem::replace(&mut *place, Place::Over) {
        // The response is still being read: the half waits for it, also after an error.
        Place::Nobody(_) => *place = Place::Writer(half, sent),
        Place::Reader(mut connection, reusable) => {
            drop(place);
            connection.write = half;
            if sent && reusable {
                park(connection, Instant::now());
            }
        }
        Place::Lost(connection) => {
            drop(place);
            drop(half);
            drop(connection);
        }
        Place::Writer(..) | Place::Over => {}
    }
}
