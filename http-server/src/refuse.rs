//! Answers that the server gives by itself.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_codec::head::write::response_head;
use http_codec::{
    BodyErrorKind, ConnectionField, DecodeError, Framing, LengthField, Output, StatusLine,
};
use tokio::time::Instant;

use crate::date;
use crate::error::Ending;
use crate::exchange::Exchanges;
use crate::info::ConnectionState;
use crate::loan::Content;
use crate::stats::Fault;

impl Exchanges<'_> {
    /// Refuses a head, with the status that its offence calls for.
    #[cold]
    pub(crate) fn refuse_head(&mut self, error: &DecodeError) -> Ending {
        tracing::debug!(%error, "request refused");
        self.connection.note(Fault::Head);
        self.refuse(error.status())
    }

    /// Answers `status` with a line of text, and ends the connection.
    ///
    /// Only before the head of a response: the caller knows that none is out.
    #[cold]
    pub(crate) fn refuse(&mut self, status: StatusCode) -> Ending {
        if matches!(self.content, Content::Lent) {
            self.revoke(
                BodyErrorKind::Revoked,
                "the request was answered without its handler",
            );
        }
        // A head that is refused as it comes has not been waited for.
        self.connection.link.set_state(ConnectionState::Active);
        self.span.answered(status);
        let reason = status.canonical_reason().unwrap_or("Error");
        let text = format!("{} {reason}\n", status.as_str());
        let mut fields = HeaderMap::with_capacity(1);
        fields.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        let framing = Framing::new(LengthField::ContentLength(text.len() as u64))
            .with_connection(ConnectionField::Close);
        let out = self.connection.write.buffer();
        date::with(Instant::now().into_std(), |date| {
            response_head(out, StatusLine::new(status), &fields, framing, Some(date));
        });
        if self.facts.method != http_codec::MethodClass::Head {
            out.put(text.as_bytes());
        }
        Ending::Linger
    }
}
