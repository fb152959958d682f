//! Server-sent events (the HTML standard, section 9.2): `text/event-stream`.
//!
//! ```text
//! event = *( comment / field ) LF      comment = ":" text LF      field = name ": " text LF
//! ```
//!
//! Each event is one frame of the response's content, so that it leaves as soon as the connection is about to wait.

use std::fmt;
#[cfg(feature = "io")]
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use http::Response;
use http::header::{CACHE_CONTROL, HeaderValue};
use http_codec::{Body, BoxError};

use crate::response::{IntoResponse, with_type};

/// One event, built field by field. A line break in a name or an id is taken out; data may have any number of lines.
///
/// ```
/// use http_mux::sse::Event;
///
/// assert_eq!(Event::new("one\ntwo").event("tick").id("7").to_string(), "data: one\ndata: two\nevent: tick\nid: 7\n\n");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Event(String);

impl Event {
    /// An event with this data, which may be empty.
    pub fn new(data: impl AsRef<str>) -> Self {
        let mut this = Self::default();
        this.lines("data", data.as_ref());
        this
    }

    /// A comment only, which a client passes over: it keeps a connection alive.
    pub fn comment(text: impl AsRef<str>) -> Self {
        let mut this = Self::default();
        this.lines("", text.as_ref());
        this
    }

    /// An event whose data is a value as JSON.
    ///
    /// # Errors
    ///
    /// The value cannot be serialized.
    #[cfg(feature = "json")]
    pub fn json(value: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self::new(serde_json::to_string(value)?))
    }

    /// The event's type; without one it is a `message`.
    #[must_use]
    pub fn event(mut self, name: &str) -> Self {
        self.field("event", name);
        self
    }

    /// The id that a client sends as `Last-Event-ID` when it comes back. U+0000 is taken out: it would void the id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.field("id", &id.replace('\0', ""));
        self
    }

    /// How long a client waits before it comes back, in milliseconds.
    #[must_use]
    pub fn retry(mut self, milliseconds: u64) -> Self {
        self.field("retry", &milliseconds.to_string());
        self
    }

    fn lines(&mut self, name: &str, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for line in text.split('\n') {
            self.field(name, line);
        }
    }

    fn field(&mut self, name: &str, value: &str) {
        self.0.push_str(name);
        self.0.push_str(": ");
        self.0.extend(
            value
                .chars()
                .filter(|character| !matches!(character, '\n' | '\r')),
        );
        self.0.push('\n');
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)?;
        f.write_str("\n")
    }
}

impl From<Event> for Bytes {
    fn from(mut event: Event) -> Self {
        event.0.push('\n');
        event.0.into()
    }
}

/// A response of events: `text/event-stream`, not to be cached. It ends when the stream does, and an error in the stream
/// breaks it off.
///
/// ```
/// use futures::stream;
/// use http_mux::IntoResponse;
/// use http_mux::sse::{Event, Sse};
///
/// async fn ticks() -> impl IntoResponse {
///     Sse::new(stream::iter((0..3).map(|tick| Event::new(tick.to_string()))))
/// }
/// # let _ = ticks;
/// ```
pub struct Sse(Body);

impl Sse {
    /// The events of a stream that cannot fail.
    pub fn new(events: impl Stream<Item = Event> + Send + 'static) -> Self {
        Self::fallible(events.map(Ok::<_, std::convert::Infallible>))
    }

    /// The events of a stream that may fail.
    pub fn fallible<E: Into<BoxError> + 'static>(
        events: impl Stream<Item = Result<Event, E>> + Send + 'static,
    ) -> Self {
        Self(Body::from_stream(
            events.map_ok(Bytes::from).map_err(Into::into),
        ))
    }

    /// The events of a stream, and a comment whenever `every` has passed without one, so that nothing between us and
    /// the client takes the connection for dead.
    #[cfg(feature = "io")]
    pub fn with_keep_alive(
        events: impl Stream<Item = Event> + Send + 'static,
        every: Duration,
    ) -> Self {
        let events = Box::pin(events);
        Self::new(futures::stream::unfold(
            events,
            move |mut events| async move {
                match tokio::time::timeout(every, events.next()).await {
                    Ok(event) => event.map(|event| (event, events)),
                    Err(_) => Some((Event::comment(""), events)),
                }
            },
        ))
    }
}

impl fmt::Debug for Sse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sse").finish_non_exhaustive()
    }
}

impl IntoResponse for Sse {
    fn into_response(self) -> Response<Body> {
        let mut response = with_type(HeaderValue::from_static("text/event-stream"), self.0);
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn a_line_break_cannot_add_a_field() {
        let event = Event::new("a\r\nb\rc").event("x\nid: 1").id("\u{0}7");
        assert_eq!(
            event.to_string(),
            "data: a\ndata: b\ndata: c\nevent: xid: 1\nid: 7\n\n"
        );
    }

    #[test]
    fn data_stays_what_it_is() {
        let event = Event::new("a\u{0}b:\u{feff}\n").id("a\u{0}b");
        assert_eq!(
            event.to_string(),
            "data: a\u{0}b:\u{feff}\ndata: \nid: ab\n\n"
        );
    }

    #[test]
    fn a_response_streams_its_events() {
        let response = Sse::new(futures::stream::iter([
            Event::new("1"),
            Event::comment("hi"),
        ]))
        .into_response();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let content = response
            .into_body()
            .collect_bytes(100)
            .now_or_never()
            .expect("ready")
            .expect("whole");
        assert_eq!(content, "data: 1\n\n: hi\n\n");
    }
}
