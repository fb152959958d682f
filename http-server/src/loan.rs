//! The content of a request: lent to whoever reads it, and the reading half's way home.

use std::sync::Arc;

use http_codec::io::{Fault, Return};
use http_codec::{
    Body, BodyDecoder, BodyError, BodyErrorKind, BodyLength, Exchange, Expectation, MethodClass,
};

use crate::config::Config;
use crate::connection::Connection;
use crate::exchange::Exchanges;
use crate::link::{Link, signal};
use crate::stats;

/// Where the content of the current request is.
pub(crate) enum Content {
    /// There is none, or it has been read to its end.
    Done,
    /// On loan; a body holds the ticket.
    Lent,
    /// The half is home, and this is still to come.
    Unread(BodyDecoder),
    /// It broke, or it cannot be told where it ends: nothing behind it may be read.
    Broken(Option<Fault>),
}

impl Exchanges<'_> {
    /// The half has come home.
    pub(crate) fn bring_home(&mut self, back: Return) {
        self.connection.link.count_loan();
        self.content = match back.fault {
            Some(fault) => {
                match fault.kind {
                    BodyErrorKind::Timeout => self.connection.note(stats::Fault::Timeout),
                    BodyErrorKind::Io => self.connection.note(stats::Fault::Io),
                    // It was taken back by us, and nothing is wrong with it.
                    BodyErrorKind::Revoked => {}
                    _ => self.connection.note(stats::Fault::Content),
                }
                Content::Broken(Some(fault))
            }
            None if back.decoder.is_end() => Content::Done,
            None => Content::Unread(back.decoder),
        };
        self.connection.read = Some(back.half);
    }

    /// Takes the half back from whoever has it; nothing behind its content is read any more.
    pub(crate) fn revoke(&mut self, kind: BodyErrorKind, what: &'static str) {
        if let Some(back) = self.connection.link.home.revoke(BodyError::new(kind, what)) {
            self.bring_home(back);
        }
        if !matches!(self.content, Content::Broken(_)) {
            self.content = Content::Broken(None);
        }
    }
}

/// The content: nothing, a slice of what has arrived, or the reading half on loan.
#[inline(always)]
pub(crate) fn lend(
    connection: &mut Connection,
    content: &mut Content,
    facts: Exchange,
    length: BodyLength,
) -> Body {
    let link = Arc::clone(&connection.link);
    let mut signals = 0;
    if facts.upgrade || (facts.method == MethodClass::Connect && length.is_empty()) {
        signals |= signal::OFFERS_UPGRADE;
    }
    if length.is_empty() {
        *content = Content::Done;
        link.open(signals);
        return Body::empty().with_lender(link);
    }
    if facts.expectation == Expectation::Continue {
        signals |= signal::AWAITS_CONTINUE;
    }
    lend_some(connection, link, content, signals, length)
}

/// Content of which there is some, or may be.
#[inline(never)]
fn lend_some(
    connection: &mut Connection,
    link: Arc<Link>,
    content: &mut Content,
    signals: u32,
    length: BodyLength,
) -> Body {
    let half = connection.half();
    if let BodyLength::Known(octets) = length {
        if octets <= half.buffered().len() as u64 {
            let whole = half.buffer().split_to(octets as usize).freeze();
            *content = Content::Done;
            // What has arrived waits for no `100 Continue`.
            link.open(signals & !signal::AWAITS_CONTINUE);
            return Body::from(whole).with_lender(link);
        }
    }
    link.open(signals);
    if let Some(half) = connection.read.take() {
        let Config {
            limits, leniency, ..
        } = connection.config();
        link.home
            .lend(half, BodyDecoder::new(length, *limits, *leniency));
    }
    *content = Content::Lent;
    Body::lent(link)
}
