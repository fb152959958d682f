//! Interim responses, and whatever else a handler has asked for (RFC 9110 section 15.2).

use http::{HeaderMap, StatusCode};
use http_codec::head::write::response_head;
use http_codec::{Framing, LengthField, StatusLine};

use crate::exchange::Exchanges;
use crate::link::signal;

impl Exchanges<'_> {
    /// Carries out what was ordered since the last look.
    #[inline]
    pub(crate) fn obey(&mut self) {
        if self
            .connection
            .link
            .has(signal::CONTENT_WANTED | signal::ORDERS)
        {
            self.obey_orders();
        }
    }

    #[cold]
    fn obey_orders(&mut self) {
        let taken = self
            .connection
            .link
            .take(signal::CONTENT_WANTED | signal::ORDERS);
        if taken & signal::CONTENT_WANTED != 0 && self.stage.head_sent().is_none() {
            self.interim(StatusCode::CONTINUE, &HeaderMap::new());
        }
        if taken & signal::ORDERS == 0 {
            return;
        }
        let is_behind =
            self.connection.write.unwritten() > self.connection.config().bounds.unwritten;
        let (interim, content, write, close) = {
            let mut orders = self.connection.link.orders();
            let interim = if is_behind {
                Vec::new()
            } else {
                std::mem::take(&mut orders.interim)
            };
            (
                interim,
                orders.content.take(),
                orders.write.take(),
                orders.close,
            )
        };
        if is_behind {
            // They stay where they are bounded, until the peer has taken more.
            self.connection.link.raise(signal::ORDERS);
        }
        self.overrides.content = content.or(self.overrides.content);
        self.overrides.write = write.or(self.overrides.write);
        self.overrides.close |= close;
        for (status, fields) in &interim {
            if self.stage.head_sent().is_none() {
                self.interim(*status, fields);
            }
        }
    }

    /// Queues an interim response. HTTP/1.0 has none.
    fn interim(&mut self, status: StatusCode, fields: &HeaderMap) {
        if self.facts.version == http::Version::HTTP_10 {
            return;
        }
        if status == StatusCode::CONTINUE {
            // Said once is enough.
            self.connection
                .link
                .take(signal::AWAITS_CONTINUE | signal::CONTENT_WANTED);
        }
        let framing = Framing::new(LengthField::None);
        response_head(
            self.connection.write.buffer(),
            StatusLine::new(status),
            fields,
            framing,
            None,
        );
    }
}
