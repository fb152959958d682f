//! Driving the service's future, in the connection's own task.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::StatusCode;
use http_codec::BoxError;
use tokio::time::Instant;

use crate::error::Ending;
use crate::exchange::{Exchanges, Stage};
use crate::lane::{Answer, Serves};
use crate::send::{Draft, Sent};
use crate::stats::Fault;

impl Exchanges<'_> {
    /// Ready once the service may be called; it is waited for a short while (rule 4 of the connection).
    #[inline]
    pub(crate) fn poll_ready<R, S: Serves<R>>(
        &mut self,
        cx: &mut Context<'_>,
        service: &mut S,
    ) -> Poll<Result<(), Ending>> {
        match service.poll_ready(cx) {
            Poll::Ready(Ok(())) => {
                self.ready_until = None;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.failed(&*error.into()))),
            Poll::Pending => self.poll_unready(cx),
        }
    }

    #[cold]
    fn poll_unready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        if let (None, Some(ready)) = (self.ready_until, self.connection.config().deadlines.ready) {
            self.ready_until = Some(Instant::now() + ready);
        }
        self.poll_sleep(cx)?;
        Poll::Pending
    }

    /// Drives the service's future, and sends its response as far as it goes without a wait.
    #[inline(always)]
    pub(crate) fn poll_answer<F, A, E>(
        &mut self,
        cx: &mut Context<'_>,
        future: Pin<&mut F>,
        draft: &mut Option<Draft<A::Head>>,
        mut content: Pin<&mut Option<A::Content>>,
    ) -> Poll<Result<Sent, Ending>>
    where
        F: Future<Output = Result<A, E>>,
        A: Answer,
        E: Into<BoxError>,
    {
        match self.span.within(|| future.poll(cx)) {
            Poll::Ready(Ok(answer)) => {
                let (head, body) = answer.split();
                // From here on the content stays where it is.
                content.set(Some(body));
                let body = content.as_pin_mut().expect("it has just been put there");
                let mut begun = Draft::new(head);
                let sent = self.begin(cx, &mut begun, body)?;
                // Most are sent by now, and were never moved.
                if !matches!(sent, Sent::Whole) {
                    *draft = Some(begun);
                }
                Poll::Ready(Ok(sent))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.failed(&*error.into()))),
            Poll::Pending => {
                self.poll_sleep(cx)?;
                Poll::Pending
            }
        }
    }

    /// The service returned an error: 500, and the connection ends.
    #[cold]
    fn failed(&mut self, error: &(dyn std::error::Error + Send + Sync)) -> Ending {
        self.connection.note(Fault::Service);
        tracing::error!(request = %self.request_line(), %error, "service failed");
        self.refuse(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The service panicked: in its call, its future, its content, or in dropping one of them. What is finished is sent;
    /// where nothing of the response is queued, a 500 takes its place.
    #[cold]
    pub(crate) fn unwound(&mut self, panic: &(dyn Any + Send)) -> Ending {
        if !self.log_panic(panic) {
            return Ending::Abort;
        }
        match self.stage {
            Stage::Asked => self.refuse(StatusCode::INTERNAL_SERVER_ERROR),
            Stage::Answering { .. } => Ending::Abort,
            Stage::Waiting | Stage::Answered { .. } => Ending::Linger,
        }
    }

    /// Logs a panic; `false` if it was an [`abort`], which is not one.
    #[cold]
    fn log_panic(&mut self, panic: &(dyn Any + Send)) -> bool {
        if panic.is::<Abort>() {
            return false;
        }
        self.connection.note(Fault::Panic);
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        tracing::error!(request = %self.request_line(), panic = text.unwrap_or("?"), "handler panicked");
        true
    }

    /// The current request's first line, for a log.
    pub(crate) fn request_line(&self) -> impl fmt::Display + use<> {
        format!("{} {}", self.head.method(), self.head.target())
    }
}

/// What [`abort`] unwinds with.
struct Abort;

/// Ends the current connection without an answer and without a log.
///
/// For a handler that wants its peer to see a broken connection, as Go's `http.ErrAbortHandler`. It unwinds without calling the
/// panic hook; what was written of a response stands, cut off where it is. Only inside of a handler or a response body: elsewhere
/// it is a panic like any other.
pub fn abort() -> ! {
    std::panic::resume_unwind(Box::new(Abort))
}
