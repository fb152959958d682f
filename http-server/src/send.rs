//! Sending a response: what must be known before its head, the head, the content.

use std::pin::Pin;
use std::task::Context;

use http::{StatusCode, Version};
use http_codec::framing::{self, Outgoing};
use http_codec::grammar;
use http_codec::head::write::response_head;
use http_codec::{
    BodyLength, BoxError, ConnectionField, FieldLines, Framing, LengthField, MethodClass, Output,
    StatusLine, TrailerNames,
};

use crate::content::{Piece, poll_piece};
use crate::core::Phase;
use crate::date;
use crate::error::Ending;
use crate::exchange::{Exchanges, Stage};
use crate::lane::AnswerHead;
use crate::link::signal;
use crate::loan::Content;
use crate::stats::Fault;

/// What the fields of a response say that is the server's business.
#[derive(Default)]
struct Said {
    declared: Option<u64>,
    /// There is a `Content-Length`, whether it declares anything or not.
    declares: bool,
    close: bool,
    trailers: TrailerNames,
}

impl Said {
    #[inline(never)]
    fn note(&mut self, name: &[u8], value: &[u8], is_old: bool) {
        match name.len() {
            7 if name.eq_ignore_ascii_case(b"trailer") && !is_old => self.trailers.declare(value),
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.close |= value
                    .split(|octet| *octet == b',')
                    .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.note_length(value),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                tracing::warn!("a handler's Transfer-Encoding was dropped: framing is the server's")
            }
            _ => {}
        }
    }

    /// Lines that say two things declare nothing, as a malformed one does.
    fn note_length(&mut self, value: &[u8]) {
        let length = grammar::decimal(value);
        let agrees = !self.declares || self.declared == length;
        self.declared = length.filter(|_| agrees);
        self.declares = true;
        if self.declared.is_none() {
            tracing::warn!(
                "a handler's Content-Length was dropped: malformed, or at odds with another"
            );
        }
    }
}

/// A response on its way, without its content.
pub(crate) struct Draft<H> {
    head: H,
    said: Said,
    /// It is one that has no content, whatever its body holds.
    bare: bool,
    size: Option<u64>,
    /// What the content gave when it was first polled.
    first: Piece,
}

/// How much of a response is queued.
#[derive(Clone, Copy)]
pub(crate) enum Sent {
    /// All of it, and another request may follow.
    Whole,
    /// All of it, and it is the last one.
    Last,
    /// Nothing: the request's content is to be cleared first.
    Nothing,
    /// The head.
    Head { length: BodyLength, persists: bool },
    /// The head, and what follows is no HTTP.
    Tunnel,
}

impl<H> Draft<H> {
    pub(crate) fn new(head: H) -> Self {
        Draft {
            head,
            said: Said::default(),
            bare: false,
            size: None,
            first: Piece::End,
        }
    }
}

impl Exchanges<'_> {
    /// Sends a response as far as it goes without a wait, which for most is all of it.
    #[inline(always)]
    pub(crate) fn begin<H, B>(
        &mut self,
        cx: &mut Context<'_>,
        draft: &mut Draft<H>,
        mut body: Pin<&mut B>,
    ) -> Result<Sent, Ending>
    where
        H: AnswerHead,
        B: http_body::Body<Error: Into<BoxError>>,
    {
        let status = draft.head.status();
        self.look_at(&draft.head, &mut draft.said);
        draft.bare = framing::without_content(self.facts.method, status).is_some();
        draft.size = self.size(status, &*body, &draft.said);
        if draft.size != Some(0) && !draft.bare {
            draft.first = self.poll_first(cx, body.as_mut())?;
            if draft.size.is_none() {
                draft.size = whole(&draft.first, &*body, &draft.said);
            }
        }
        self.obey();
        if matches!(self.content, Content::Done) {
            self.queue(draft, Some(&*body))
        } else {
            Ok(Sent::Nothing)
        }
    }

    /// Sends the rest of a response, and hands the connection over if that is what it says.
    ///
    /// The response's content may hold the request's, which comes home with it: it goes as soon as there is no more to send of
    /// it.
    pub(crate) async fn send<H, B>(
        &mut self,
        mut sent: Sent,
        draft: &mut Draft<H>,
        mut body: Pin<&mut Option<B>>,
    ) -> Result<(), Ending>
    where
        H: AnswerHead,
        B: http_body::Body<Data: Send, Error: Into<BoxError>>,
    {
        if matches!(sent, Sent::Nothing) {
            if draft.bare || draft.size == Some(0) {
                body.set(None);
            }
            self.clear_content().await?;
            self.override_by_fault(draft.head.status())?;
            sent = self.queue(draft, body.as_ref().get_ref().as_ref())?;
        }
        let persists = match sent {
            Sent::Whole => true,
            Sent::Last | Sent::Nothing => false,
            Sent::Tunnel => return self.hand_over().await,
            Sent::Head { length, persists } => {
                if let Some(body) = body.as_mut().as_pin_mut() {
                    self.content(body, &mut draft.first, length, &draft.said.trailers)
                        .await?;
                }
                self.stage.answered();
                persists
            }
        };
        body.set(None);
        if !persists {
            return self.finish().await;
        }
        if !matches!(self.content, Content::Done) {
            self.settle().await?;
        }
        // It may have been asked to close while the response was on its way.
        self.obey();
        if self.overrides.close {
            Err(Ending::Linger)
        } else {
            Ok(())
        }
    }

    /// Queues the head, and with it content that is all there. A `body` of which nothing is sent may be gone.
    #[inline(always)]
    fn queue<H, B>(&mut self, draft: &mut Draft<H>, body: Option<&B>) -> Result<Sent, Ending>
    where
        H: AnswerHead,
        B: http_body::Body,
    {
        let status = draft.head.status();
        if status.is_informational() && !self.may_switch(&draft.head) {
            return Err(self.refuse(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let outgoing = self.frame(status, draft.bare, draft.size, draft.said.declared);
        let persists = self.persists(&draft.said, outgoing.body);
        self.head(&draft.head, outgoing, persists);
        draft.head.recycle(&mut self.spare);
        match (&mut draft.first, outgoing.body) {
            // Most responses: all of the content in one piece, or none.
            (Piece::Data(data), BodyLength::Known(octets))
                if octets == data.len() as u64 && body.is_none_or(B::is_end_stream) =>
            {
                let data = std::mem::take(data);
                self.connection.write.buffer().put_content(data);
            }
            (Piece::End, BodyLength::Known(0)) => {}
            (_, length) => {
                self.connection.link.raise(signal::HEAD_SENT);
                return Ok(match length {
                    BodyLength::Tunnel => Sent::Tunnel,
                    length => Sent::Head { length, persists },
                });
            }
        }
        self.stage.answered();
        if persists {
            // The exchange ends with this.
            return Ok(Sent::Whole);
        }
        self.connection.link.raise(signal::HEAD_SENT);
        Ok(Sent::Last)
    }

    /// Goes once over the fields of a response.
    #[inline(always)]
    fn look_at(&self, head: &impl AnswerHead, said: &mut Said) {
        let is_old = self.facts.version == Version::HTTP_10;
        head.fields().for_each(|name, value| {
            // Nearly all names are of another length.
            if matches!(name.len(), 7 | 10 | 14 | 17) {
                said.note(name, value, is_old);
            }
        });
    }

    /// The content's size, where it is known beforehand. Content with trailers is chunked, so its size is not announced.
    fn size<B: http_body::Body>(&self, status: StatusCode, body: &B, said: &Said) -> Option<u64> {
        // 205 has no content, but says so (RFC 9110 section 15.3.6).
        if status == StatusCode::RESET_CONTENT {
            return Some(0);
        }
        if !said.trailers.is_none() {
            return None;
        }
        if body.is_end_stream() {
            Some(0)
        } else {
            body.size_hint().exact()
        }
    }

    /// Polls the content once, before the head: an error there is a 500 (rule 1 of the connection).
    #[inline(always)]
    fn poll_first<B>(&mut self, cx: &mut Context<'_>, body: Pin<&mut B>) -> Result<Piece, Ending>
    where
        B: http_body::Body<Error: Into<BoxError>>,
    {
        self.span
            .within(|| poll_piece(cx, body))
            .map_err(|error| self.failed_first(&*error))
    }

    #[cold]
    fn failed_first(&mut self, error: &(dyn std::error::Error + Send + Sync)) -> Ending {
        self.connection.note(Fault::Service);
        tracing::error!(request = %self.request_line(), %error, "response content failed before its head");
        // A fault of the request's content may be the reason, and has its own status.
        match self.override_by_fault(StatusCode::OK) {
            Err(ending) => ending,
            Ok(()) => self.refuse(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// A fault in the request's content takes the place of a handler's success (rule 3 of the connection).
    fn override_by_fault(&mut self, status: StatusCode) -> Result<(), Ending> {
        let fault = match &self.content {
            Content::Broken(fault) => *fault,
            Content::Lent => self.connection.link.home.fault(),
            Content::Done | Content::Unread(_) => None,
        };
        match fault.and_then(|fault| fault.status) {
            Some(ours) if status.as_u16() < 400 => Err(self.refuse(ours)),
            _ => Ok(()),
        }
    }

    /// How the response is framed; `bare` ones have no content.
    #[inline(always)]
    fn frame(
        &self,
        status: StatusCode,
        bare: bool,
        size: Option<u64>,
        declared: Option<u64>,
    ) -> Outgoing {
        match (size, declared) {
            (Some(size), Some(declared)) if size != declared && !bare => {
                tracing::warn!(
                    declared,
                    size,
                    "a handler's Content-Length was overruled by its content's size"
                );
            }
            // Nearly all responses.
            (Some(size), None) if !bare => {
                return Outgoing {
                    field: LengthField::ContentLength(size),
                    body: BodyLength::Known(size),
                };
            }
            _ => {}
        }
        framing::outgoing_response(
            self.facts.method,
            self.facts.version,
            status,
            size,
            declared,
        )
    }

    /// Whether another request may follow on the connection.
    #[inline(always)]
    fn persists(&mut self, said: &Said, length: BodyLength) -> bool {
        let connection = &*self.connection;
        let config = connection.config();
        let readable = match &self.content {
            Content::Done => {
                !connection.reset
                    && connection
                        .read
                        .as_ref()
                        .is_some_and(|half| !half.is_ended() || !half.buffered().is_empty())
            }
            // Full duplex: what becomes of the content shows later.
            Content::Lent => {
                connection.link.take(signal::AWAITS_CONTINUE) == 0
                    && connection.link.home.fault().is_none()
            }
            Content::Unread(_) | Content::Broken(_) => false,
        };
        let requests = connection
            .link
            .counters
            .requests
            .load(std::sync::atomic::Ordering::Relaxed);
        readable
            && self.facts.persistence.is_keep_alive()
            // What follows a CONNECT that was not granted may be meant for the tunnel.
            && self.facts.method != MethodClass::Connect
            && length != BodyLength::UntilClose
            && !said.close
            && !self.overrides.close
            && connection.phase() == Phase::Running
            && config.bounds.requests.is_none_or(|bound| requests < bound)
            && config
                .deadlines
                .age
                .is_none_or(|age| connection.clock.opened.elapsed() < age)
    }

    fn head(&mut self, head: &impl AnswerHead, outgoing: Outgoing, persists: bool) {
        let connection = match (persists, self.facts.version) {
            _ if outgoing.body == BodyLength::Tunnel => ConnectionField::None,
            (false, _) => ConnectionField::Close,
            (true, Version::HTTP_10) => ConnectionField::KeepAlive,
            (true, _) => ConnectionField::None,
        };
        let framing = Framing::new(outgoing.field).with_connection(connection);
        let line = StatusLine {
            status: head.status(),
            reason: head.reason(),
        };
        let now = self.now();
        self.stage = Stage::Answering { since: now };
        // Most responses are out with their head: idling begins here, without another look at the clock.
        self.connection.clock.idle_since = Some(now);
        self.span.answered(line.status);
        let out = self.connection.write.buffer();
        date::with(now.into_std(), |date| {
            response_head(out, line, head.fields(), framing, Some(date))
        });
    }
}

/// The content's size, where its first piece shows that it is all.
fn whole<B: http_body::Body>(first: &Piece, body: &B, said: &Said) -> Option<u64> {
    match first {
        _ if !said.trailers.is_none() => None,
        Piece::End => Some(0),
        Piece::Data(data) if body.is_end_stream() => Some(data.len() as u64),
        _ => None,
    }
}
