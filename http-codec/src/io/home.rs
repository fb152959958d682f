//! [`Home`]: where a reading half lies while it is lent to a body.
//!
//! ```text
//!            lend                     last piece, error, ticket dropped
//!   Empty ----------> Lent ------------------------------------------> Back ----> Empty
//!                       |                                               take_home
//!                       +-- revoke --> Revoked   (the borrower's next poll is told why)
//! ```
//!
//! The lock is uncontended: the borrower usually runs in the connection's own task, and the connection looks in only when its
//! timer fires.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use super::ReadHalf;
use crate::body::{BodyDecoder, BodyError, BodyErrorKind, Piece};

/// The slot of a connection in which its reading half lies while content is being read from it.
#[derive(Debug, Default)]
pub struct Home {
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    place: Place,
    owner: Option<Waker>,
    borrower: Option<Waker>,
    record: Record,
}

#[derive(Debug, Default)]
enum Place {
    #[default]
    Empty,
    Lent(Loan),
    Back(Return),
    Revoked(BodyError),
}

#[derive(Debug)]
struct Loan {
    half: ReadHalf,
    decoder: BodyDecoder,
    /// What was decoded beyond the piece that was handed on, in looking for the end.
    ahead: Option<Result<Frame<Bytes>, BodyError>>,
}

/// What the connection's clock wants to know of a loan.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    octets: u64,
    polls: u32,
    waited: Duration,
    pending_since: Option<Instant>,
    fault: Option<Fault>,
}

/// A reading half that came home.
#[derive(Debug)]
pub struct Return {
    /// The half, with what was read ahead.
    pub half: ReadHalf,
    /// Where in the content the reading stopped; at its end, the next head may follow.
    pub decoder: BodyDecoder,
    /// What was wrong with the content, if something was: then nothing after it may be read as a message.
    pub fault: Option<Fault>,
}

impl Return {
    /// Whether the content was read to its end without a fault.
    pub fn is_complete(&self) -> bool {
        self.fault.is_none() && self.decoder.is_end()
    }
}

/// What was wrong with content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of the error that the borrower was given.
    pub kind: BodyErrorKind,
    /// The status that a server answers with.
    pub status: Option<StatusCode>,
}

impl From<&BodyError> for Fault {
    fn from(error: &BodyError) -> Self {
        Self {
            kind: error.kind(),
            status: error.status(),
        }
    }
}

/// How a loan fares; for the connection's deadlines.
#[derive(Clone, Copy, Debug)]
pub struct Activity {
    /// Whether the half is lent now.
    pub lent: bool,
    /// The octets that have been read from the transport during this loan.
    pub octets: u64,
    /// How often the borrower has asked for a piece; wraps.
    pub polls: u32,
    /// How long reads have been pending in all: the time for which the peer is to blame.
    pub waited: Duration,
    /// Since when a read is pending, if one is.
    pub pending_since: Option<Instant>,
    /// What was wrong with the content, if something was.
    pub fault: Option<Fault>,
}

impl Home {
    /// An empty slot.
    pub fn new() -> Self {
        Self::default()
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a half for the content that `decoder` frames. The caller hands out one ticket for it.
    pub fn lend(&self, half: ReadHalf, decoder: BodyDecoder) {
        let mut slot = self.slot();
        slot.place = Place::Lent(Loan {
            half,
            decoder,
            ahead: None,
        });
        slot.record = Record::default();
        let before = slot.borrower.take();
        drop(slot);
        drop(before);
    }

    /// The borrower asks for the next piece ([`Lender::poll_piece`](crate::body::Lender::poll_piece)).
    ///
    /// When the content ends, or breaks, the half is back before this returns.
    ///
    /// # Errors
    ///
    /// The fault of the content or the transport, or the reason of a [`revoke`](Self::revoke).
    pub fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Result<Piece, BodyError>> {
        let mut slot = self.slot();
        let piece = slot.poll_piece(cx);
        let before = match piece {
            Poll::Pending => remember(&mut slot.borrower, cx),
            Poll::Ready(_) => None,
        };
        let owner = if matches!(slot.place, Place::Back(_)) {
            slot.owner.take()
        } else {
            None
        };
        drop(slot);
        drop(before);
        if let Some(owner) = owner {
            owner.wake();
        }
        piece
    }

    /// Whether the borrower has nothing more to come, as far as is known without reading.
    pub fn is_end_stream(&self) -> bool {
        match &self.slot().place {
            Place::Lent(loan) => loan.ahead.is_none() && loan.decoder.is_end(),
            Place::Revoked(_) => false,
            Place::Empty | Place::Back(_) => true,
        }
    }

    /// How many octets the borrower has still to come.
    pub fn size_hint(&self) -> SizeHint {
        let slot = self.slot();
        let Place::Lent(loan) = &slot.place else {
            return SizeHint::default();
        };
        let ahead = match &loan.ahead {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len) as u64,
            _ => 0,
        };
        loan.decoder
            .remaining()
            .map_or_else(SizeHint::default, |more| SizeHint::with_exact(more + ahead))
    }

    /// The borrower dropped its ticket ([`Lender::returned`](crate::body::Lender::returned)): the half comes home from where
    /// the reading stopped.
    pub fn returned(&self) {
        let mut slot = self.slot();
        slot.come_home();
        let owner = slot.owner.take();
        drop(slot);
        if let Some(owner) = owner {
            owner.wake();
        }
    }

    /// Takes the half, if it is back.
    pub fn take_home(&self) -> Option<Return> {
        let mut slot = self.slot();
        match std::mem::take(&mut slot.place) {
            Place::Back(back) => Some(back),
            other => {
                slot.place = other;
                None
            }
        }
    }

    /// Waits until the half is back, and takes it. Only the task that asked last is woken.
    pub fn poll_home(&self, cx: &mut Context<'_>) -> Poll<Return> {
        let mut slot = self.slot();
        match std::mem::take(&mut slot.place) {
            Place::Back(back) => Poll::Ready(back),
            other => {
                slot.place = other;
                let before = remember(&mut slot.owner, cx);
                drop(slot);
                drop(before);
                Poll::Pending
            }
        }
    }

    /// Takes the half back, wherever it is: the borrower's next poll fails with `reason`. Nothing may be lent again on this
    /// connection when the borrower was still reading.
    pub fn revoke(&self, reason: BodyError) -> Option<Return> {
        let mut slot = self.slot();
        let (back, borrower) = match std::mem::take(&mut slot.place) {
            Place::Lent(loan) => {
                slot.record.fault.get_or_insert(Fault::from(&reason));
                slot.place = Place::Revoked(reason);
                (Some(slot.back(loan)), slot.borrower.take())
            }
            Place::Back(back) => (Some(back), None),
            other => {
                slot.place = other;
                (None, None)
            }
        };
        drop(slot);
        if let Some(borrower) = borrower {
            borrower.wake();
        }
        back
    }

    /// Whether octets have come for a borrower whose read is pending, and which has not asked for them yet: it is busy with
    /// something else, and its peer is not to blame.
    ///
    /// They are read, for the borrower to find, and its read is pending no longer. How long they had lain there nobody knows, so
    /// that none of that time counts.
    pub fn poll_arrival(&self, cx: &mut Context<'_>) -> bool {
        let mut slot = self.slot();
        let Slot { place, record, .. } = &mut *slot;
        let Place::Lent(loan) = place else {
            return false;
        };
        if record.pending_since.is_none() {
            return false;
        }
        let read = loan.half.poll_fill_content(cx, loan.decoder.remaining());
        let Poll::Ready(Ok(octets)) = read else {
            return false;
        };
        record.octets += octets as u64;
        record.pending_since = None;
        true
    }

    /// How the loan fares.
    pub fn activity(&self) -> Activity {
        let slot = self.slot();
        let Record {
            octets,
            polls,
            waited,
            pending_since,
            fault,
        } = slot.record;
        let waited = waited + pending_since.map_or(Duration::ZERO, |since| since.elapsed());
        Activity {
            lent: matches!(slot.place, Place::Lent(_)),
            octets,
            polls,
            waited,
            pending_since,
            fault,
        }
    }

    /// What is wrong with the content, if something is; known before the borrower is told.
    pub fn fault(&self) -> Option<Fault> {
        self.slot().record.fault
    }
}

impl Slot {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Piece, BodyError>> {
        self.record.polls = self.record.polls.wrapping_add(1);
        let loan = match &mut self.place {
            Place::Lent(loan) => loan,
            Place::Revoked(reason) => return Poll::Ready(Err(reason.duplicate())),
            Place::Empty | Place::Back(_) => return Poll::Ready(Ok(Piece::Last(None, None))),
        };
        match loan.poll_next(cx, &mut self.record) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(Piece::Frame(frame))) => Poll::Ready(Ok(Piece::Frame(frame))),
            Poll::Ready(Ok(last)) => {
                self.come_home();
                Poll::Ready(Ok(last))
            }
            Poll::Ready(Err(error)) => {
                self.record.fault.get_or_insert(Fault::from(&error));
                self.come_home();
                Poll::Ready(Err(error))
            }
        }
    }

    fn come_home(&mut self) {
        self.place = match std::mem::take(&mut self.place) {
            Place::Lent(loan) => Place::Back(self.back(loan)),
            Place::Revoked(_) => Place::Empty,
            other => other,
        };
    }

    fn back(&self, loan: Loan) -> Return {
        let Loan { half, decoder, .. } = loan;
        Return {
            half,
            decoder,
            fault: self.record.fault,
        }
    }
}

impl Loan {
    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        record: &mut Record,
    ) -> Poll<Result<Piece, BodyError>> {
        loop {
            let next = match self.ahead.take() {
                Some(ahead) => Some(ahead?),
                None => self.decoder.decode(self.half.buffer())?,
            };
            if let Some(frame) = next {
                return Poll::Ready(Ok(self.with_end(frame, record)));
            }
            if self.decoder.is_end() {
                return Poll::Ready(Ok(Piece::Last(None, None)));
            }
            let Poll::Ready(read) = self.half.poll_fill_content(cx, self.decoder.remaining())
            else {
                record.pending_since.get_or_insert_with(Instant::now);
                return Poll::Pending;
            };
            if let Some(since) = record.pending_since.take() {
                record.waited += since.elapsed();
            }
            match read? {
                0 => self.decoder.finish()?,
                octets => record.octets += octets as u64,
            }
        }
    }

    /// The frame, as the last piece where what has been read already shows the end behind it. So the half is home before the
    /// borrower can see the end, and a fault is recorded before the borrower meets it.
    fn with_end(&mut self, frame: Frame<Bytes>, record: &mut Record) -> Piece {
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => return Piece::Last(None, frame.into_trailers().ok()),
        };
        match self.decoder.decode(self.half.buffer()) {
            Ok(None) if self.decoder.is_end() => return Piece::Last(Some(data), None),
            Ok(None) => {}
            Ok(Some(frame)) if frame.is_trailers() => {
                return Piece::Last(Some(data), frame.into_trailers().ok());
            }
            Ok(Some(frame)) => self.ahead = Some(Ok(frame)),
            Err(error) => {
                let error = BodyError::from(error);
                record.fault = Some(Fault::from(&error));
                self.ahead = Some(Err(error));
            }
        }
        Piece::Frame(Frame::data(data))
    }
}

/// Keeps the waker of `cx`, and gives back the one that it replaces: to drop it may drop a task, and a body of this connection
/// with it, which comes back to the slot.
fn remember(waker: &mut Option<Waker>, cx: &Context<'_>) -> Option<Waker> {
    match waker {
        Some(waker) if waker.will_wake(cx.waker()) => None,
        _ => waker.replace(cx.waker().clone()),
    }
}

#[cfg(test)]
mod tests;
