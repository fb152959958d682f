//! Sending a response: what must be known before its head, the head, the content.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{StatusCode, Version};
use http_codec::framing::{self, Outgoing};
use http_codec::head::write::response_head;
use http_codec::{
    BodyLength, BoxError, ConnectionField, FieldLines, Framing, LengthField, MethodClass, Output,
    StatusLine, TrailerNames,
};
use tokio::time::Instant;

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
    close: bool,
    trailers: TrailerNames,
}

impl Exchanges<'_> {
    /// Sends a response, and hands the connection over if that is what it says.
    #[inline]
    pub(crate) async fn send<H, B>(
        &mut self,
        head: &mut H,
        mut body: Pin<&mut B>,
    ) -> Result<(), Ending>
    where
        H: AnswerHead,
        B: http_body::Body<Data: Send, Error: Into<BoxError>>,
    {
        let status = head.status();
        let said = self.said(head.fields());
        let mut size = self.size(status, &*body, &said);
        let mut first = Piece::End;
        let bare = framing::without_content(self.facts.method, status).is_some();
        if size != Some(0) && !bare {
            first = poll_fn(|cx| Poll::Ready(self.poll_first(cx, body.as_mut()))).await?;
            size = size.or_else(|| whole(&first, &*body, &said));
        }
        self.obey();
        if !matches!(self.content, Content::Done) {
            self.clear_content().await?;
            self.override_by_fault(status)?;
        }
        if status.is_informational() && !self.may_switch(status) {
            return Err(self.refuse(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let outgoing = self.frame(status, bare, size, said.declared);
        let persists = self.persists(&said, outgoing.body);
        self.head(head, outgoing, persists);
        head.recycle(&mut self.spare);
        match (first, outgoing.body) {
            // Most responses: all of the content in one piece, or none.
            (Piece::Data(data), BodyLength::Known(octets))
                if octets == data.len() as u64 && body.is_end_stream() =>
            {
                self.connection.write.buffer().put_content(data);
            }
            (Piece::End, BodyLength::Known(0)) => {}
            (_, BodyLength::Tunnel) => return self.hand_over().await,
            (first, length) => self.content(body, first, length, said.trailers).await?,
        }
        self.stage.answered();
        if persists {
            Ok(())
        } else {
            self.finish().await
        }
    }

    /// Goes once over the fields of a response.
    #[inline]
    fn said(&self, fields: &impl FieldLines) -> Said {
        let is_old = self.facts.version == Version::HTTP_10;
        let mut said = Said::default();
        fields.for_each(|name, value| match name.len() {
            7 if name.eq_ignore_ascii_case(b"trailer") && !is_old => said.trailers.declare(value),
            10 if name.eq_ignore_ascii_case(b"connection") => {
                said.close |= value
                    .split(|octet| *octet == b',')
                    .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => said.declared = declared(value),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                tracing::warn!("a handler's Transfer-Encoding was dropped: framing is the server's")
            }
            _ => {}
        });
        said
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
    #[inline]
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
    #[inline]
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
        let now = Instant::now();
        self.stage = Stage::Answering { since: now };
        // Most responses are out with their head: idling begins here, without another look at the clock.
        self.connection.clock.idle_since = Some(now);
        self.connection.link.raise(signal::HEAD_SENT);
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

/// A handler's `Content-Length`, if it is one.
fn declared(value: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|octet| octet.is_ascii_digit()));
    let declared = digits.and_then(|digits| digits.parse().ok());
    if declared.is_none() {
        tracing::warn!("a handler's malformed Content-Length was dropped");
    }
    declared
}
