//! Sending a response: what must be known before its head, the head, the content.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, StatusCode, Version, header};
use http_codec::framing::{self, Outgoing};
use http_codec::head::write::response_head;
use http_codec::{
    BodyLength, BoxError, ConnectionField, Framing, Output, StatusLine, TrailerNames,
};
use tokio::time::Instant;

use crate::content::{Piece, poll_piece};
use crate::core::Phase;
use crate::date;
use crate::error::Ending;
use crate::exchange::{Content, Exchanges};
use crate::link::signal;
use crate::stats::Fault;

/// Fields for which a field section's memory is kept.
const RECYCLED: usize = 64;

/// What the fields of a response say that is the server's business.
#[derive(Default)]
struct Said {
    declared: Option<u64>,
    close: bool,
    trailers: bool,
}

impl Exchanges<'_> {
    /// Sends a response, and hands the connection over if that is what it says.
    pub(crate) async fn send<B>(
        &mut self,
        parts: &mut http::response::Parts,
        mut body: Pin<&mut B>,
    ) -> Result<(), Ending>
    where
        B: http_body::Body<Data: Send, Error: Into<BoxError>>,
    {
        let said = self.said(&parts.headers);
        // 205 has no content either, but says so (RFC 9110 section 15.3.6).
        let is_reset = parts.status == StatusCode::RESET_CONTENT;
        let sends_content =
            !is_reset && framing::without_content(self.facts.method, parts.status).is_none();
        let mut size = if is_reset {
            Some(0)
        } else {
            size(&*body, &said)
        };
        let mut first = Piece::End;
        if sends_content && size != Some(0) {
            first = poll_fn(|cx| Poll::Ready(self.poll_first(cx, body.as_mut()))).await?;
            size = size.or_else(|| whole(&first, &*body, &said));
        }
        self.obey();
        if !matches!(self.content, Content::Done) {
            self.clear_content().await?;
            self.override_by_fault(parts.status)?;
        }
        if parts.status.is_informational() && !self.may_switch(parts) {
            return Err(self.refuse(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let outgoing = self.frame(parts.status, size, said.declared);
        let persists = self.persists(&said, outgoing.body);
        let trailers = said
            .trailers
            .then(|| TrailerNames::declared(&parts.headers));
        self.head(parts, outgoing, persists);
        self.recycle(&mut parts.headers);
        if outgoing.body == BodyLength::Tunnel {
            return self.hand_over().await;
        }
        match first {
            // Most responses: all of the content in one piece, or none.
            Piece::Data(data)
                if BodyLength::Known(data.len() as u64) == outgoing.body
                    && body.is_end_stream() =>
            {
                self.connection.write.buffer().put_content(data);
            }
            Piece::End if outgoing.body == BodyLength::Known(0) => {}
            first => self.content(body, first, outgoing.body, trailers).await?,
        }
        if persists {
            Ok(())
        } else {
            self.finish().await
        }
    }

    /// Goes once over the fields of a response.
    fn said(&self, fields: &HeaderMap) -> Said {
        let mut said = Said::default();
        for (name, value) in fields {
            if *name == header::CONTENT_LENGTH {
                said.declared = declared(value.as_bytes());
            } else if *name == header::CONNECTION {
                said.close |= value
                    .as_bytes()
                    .split(|octet| *octet == b',')
                    .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
            } else if *name == header::TRAILER {
                said.trailers = self.facts.version != Version::HTTP_10;
            } else if *name == header::TRANSFER_ENCODING {
                tracing::warn!(
                    "a handler's Transfer-Encoding was dropped: framing is the server's"
                );
            }
        }
        said
    }

    /// Polls the content once, before the head: an error there is a 500 (rule 1 of the connection).
    fn poll_first<B>(&mut self, cx: &mut Context<'_>, body: Pin<&mut B>) -> Result<Piece, Ending>
    where
        B: http_body::Body<Error: Into<BoxError>>,
    {
        let span = &self.span;
        match catch_unwind(AssertUnwindSafe(|| span.within(|| poll_piece(cx, body)))) {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(error)) => {
                self.connection.note(Fault::Service);
                tracing::error!(request = %self.request_line(), %error, "response content failed before its head");
                // A fault of the request's content may be the reason, and has its own status.
                self.override_by_fault(StatusCode::OK)?;
                Err(self.refuse(StatusCode::INTERNAL_SERVER_ERROR))
            }
            Err(panic) => Err(self.panicked(&*panic)),
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

    fn frame(&self, status: StatusCode, size: Option<u64>, declared: Option<u64>) -> Outgoing {
        if let (Some(size), Some(declared)) = (size, declared) {
            if size != declared && framing::without_content(self.facts.method, status).is_none() {
                tracing::warn!(
                    declared,
                    size,
                    "a handler's Content-Length was overruled by its content's size"
                );
            }
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
    fn persists(&mut self, said: &Said, length: BodyLength) -> bool {
        let connection = &*self.connection;
        let config = connection.config();
        let unheard = connection.link.take(signal::AWAITS_CONTINUE) != 0;
        let readable = match &self.content {
            Content::Done => {
                !connection.reset
                    && connection
                        .read
                        .as_ref()
                        .is_some_and(|half| !half.is_ended() || !half.buffered().is_empty())
            }
            // Full duplex: what becomes of the content shows later.
            Content::Lent => !unheard && connection.link.home.fault().is_none(),
            Content::Unread(_) | Content::Broken(_) => false,
        };
        let requests = connection
            .link
            .counters
            .requests
            .load(std::sync::atomic::Ordering::Relaxed);
        readable
            && self.facts.persistence.is_keep_alive()
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

    fn head(&mut self, parts: &http::response::Parts, outgoing: Outgoing, persists: bool) {
        let connection = match (persists, self.facts.version) {
            _ if outgoing.body == BodyLength::Tunnel => ConnectionField::None,
            (false, _) => ConnectionField::Close,
            (true, Version::HTTP_10) => ConnectionField::KeepAlive,
            (true, _) => ConnectionField::None,
        };
        let framing = Framing::new(outgoing.field).with_connection(connection);
        let reason = if parts.extensions.is_empty() {
            None
        } else {
            parts.extensions.get()
        };
        let line = StatusLine {
            status: parts.status,
            reason,
        };
        let now = Instant::now();
        self.head_sent = Some(now);
        // Most responses are out with their head: idling begins here, without another look at the clock.
        self.connection.clock.idle_since = Some(now);
        self.connection.link.raise(signal::HEAD_SENT);
        self.span.answered(parts.status);
        let out = self.connection.write.buffer();
        date::with(now.into_std(), |date| {
            response_head(out, line, &parts.headers, framing, Some(date))
        });
    }

    /// Keeps the memory of a field section for the next request's.
    fn recycle(&mut self, fields: &mut HeaderMap) {
        if fields.capacity() <= RECYCLED {
            fields.clear();
            std::mem::swap(&mut self.recycled, fields);
        }
    }
}

/// The content's size, where it is known beforehand. Content with trailers is chunked, so its size is not announced.
fn size<B: http_body::Body>(body: &B, said: &Said) -> Option<u64> {
    if said.trailers {
        return None;
    }
    if body.is_end_stream() {
        Some(0)
    } else {
        body.size_hint().exact()
    }
}

/// The content's size, where its first piece shows that it is all.
fn whole<B: http_body::Body>(first: &Piece, body: &B, said: &Said) -> Option<u64> {
    match first {
        _ if said.trailers => None,
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
