//! The deadlines of an exchange, in the connection's one timer (rule 2 of the connection).
//!
//! The content's clock runs only while a read is pending: a handler that takes its time is not the peer's fault.

use std::task::{Context, Poll};
use std::time::Duration;

use http_codec::BodyErrorKind;
use tokio::time::Instant;

use crate::connection::earliest;
use crate::error::Ending;
use crate::exchange::{Exchanges, Stage};
use crate::link::Override;
use crate::loan::Content;
use crate::stats;

/// What comes below TLS while a request's content is awaited.
pub(crate) struct Below {
    /// Whose content it is: the number of the request.
    request: u64,
    at_first: u64,
    come: u64,
    last: Option<Instant>,
}

impl Exchanges<'_> {
    /// The deadlines of an exchange, all in one timer.
    pub(crate) fn poll_clocks(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        loop {
            let content = self.content_deadline();
            let response = self.response_deadline();
            let at = earliest(content, response);
            match self.connection.poll_timer(cx, at) {
                Poll::Pending => return Ok(()),
                Poll::Ready(stalled) => stalled.map_err(|ending| self.lost(ending))?,
            }
            if content.is_some() && content == self.connection.timer.at() {
                self.content_is_late(cx);
                continue;
            }
            self.connection.note(match self.ready_until {
                Some(_) => stats::Fault::Service,
                None => stats::Fault::Timeout,
            });
            return Err(match self.stage.head_sent() {
                None => self.refuse(http::StatusCode::SERVICE_UNAVAILABLE),
                Some(_) => Ending::Abort,
            });
        }
    }

    /// When the content on loan is to be looked at again.
    fn content_deadline(&mut self) -> Option<Instant> {
        if !matches!(self.content, Content::Lent) {
            return None;
        }
        match self.overrides.content {
            Some(Override::At(at)) => return Some(at),
            Some(Override::Never) => return None,
            None => {}
        }
        let activity = self.connection.link.home.activity();
        let now = Instant::now();
        let (octets, last) = self.come(activity.octets, now);
        let config = self.connection.config();
        let Some(since) = activity.pending_since else {
            // Nobody waits for it. A borrower in another task may begin to without our being told.
            return config.deadlines.content.map(|stall| now + stall);
        };
        let since = last.map_or(since, |last| last.max(since));
        let stall = config.deadlines.content.map(|stall| since + stall);
        let rate = config.minimum_rate;
        if rate.octets == 0 || octets == 0 {
            // A peer that sends nothing at all is stalled, not slow.
            return stall;
        }
        // The peer has earned the grace, and a second for each so many octets.
        let earned = rate.grace + Duration::from_millis(octets.saturating_mul(1000) / rate.octets);
        // It stands still once it has passed: a timer would run after a moment that is always now.
        let slow = (now + earned).checked_sub(activity.waited);
        earliest(stall, Some(slow.unwrap_or(now)))
    }

    /// How many octets of the content have come, and when the last of them were seen, where that is known better than by what was
    /// `read` of it: TLS holds back what it has of a record, which a slow peer may take long to send.
    fn come(&mut self, read: u64, now: Instant) -> (u64, Option<Instant>) {
        let Some(come) = self.connection.come() else {
            return (read, None);
        };
        let request = self.connection.link.request();
        let below = match &mut self.below {
            Some(below) if below.request == request => below,
            other => other.insert(Below {
                request,
                at_first: come,
                come,
                last: None,
            }),
        };
        if below.come != come {
            below.come = come;
            below.last = Some(now);
        }
        (read.max(come - below.at_first), below.last)
    }

    /// The timer of the content has fired: revokes the loan if its peer is to blame.
    fn content_is_late(&mut self, cx: &mut Context<'_>) {
        let late = match self.overrides.content {
            Some(_) => true,
            None => {
                // The clock is read after the deadline, which a low rate may put at the moment of its reckoning.
                self.connection.link.home.activity().pending_since.is_some()
                    && self
                        .content_deadline()
                        .is_some_and(|at| at <= Instant::now())
                    && !self.connection.link.home.poll_arrival(cx)
            }
        };
        if late {
            self.revoke(BodyErrorKind::Timeout, "the content came too slowly");
        }
    }

    /// Until when the handler must have answered; or, once it has, until when its response must be out.
    fn response_deadline(&self) -> Option<Instant> {
        let deadlines = &self.connection.config().deadlines;
        let sent = self.stage.head_sent();
        let response = match self.overrides.write {
            // What is left is the request's content, which has its own.
            _ if matches!(self.stage, Stage::Answered { .. }) => None,
            Some(Override::At(at)) => Some(at),
            Some(Override::Never) => None,
            None => match (sent, self.called, deadlines.response) {
                (None, Some(called), Some(response)) => Some(called + response),
                _ => None,
            },
        };
        let half_closed = match (
            sent,
            self.connection.clock.half_closed_since,
            deadlines.half_closed,
        ) {
            (Some(sent), Some(closed), Some(bound)) => Some(closed.max(sent) + bound),
            _ => None,
        };
        earliest(earliest(response, self.ready_until), half_closed)
    }
}
