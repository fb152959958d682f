//! Driving the service's future, in the connection's own task.

use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::StatusCode;
use http_codec::BoxError;
use tokio::time::Instant;

use crate::error::Ending;
use crate::exchange::{Exchanges, Stage};
use crate::lane::Serves;
use crate::stats::Fault;

impl Exchanges<'_> {
    /// Waits until the service may be called, for a short while (rule 4 of the connection).
    #[inline]
    pub(crate) async fn ready<R, S: Serves<R>>(&mut self, service: &mut S) -> Result<(), Ending> {
        let mut until = None;
        poll_fn(|cx| match service.poll_ready(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.failed(&*error.into()))),
            Poll::Pending => self.poll_unready(cx, &mut until),
        })
        .await?;
        self.ready_until = None;
        Ok(())
    }

    #[cold]
    fn poll_unready(
        &mut self,
        cx: &mut Context<'_>,
        until: &mut Option<Instant>,
    ) -> Poll<Result<(), Ending>> {
        if let Some(ready) = self.connection.config().deadlines.ready {
            let until = *until.get_or_insert_with(|| Instant::now() + ready);
            self.ready_until = Some(until);
        }
        match self.poll_sleep(cx) {
            Ok(()) => Poll::Pending,
            Err(ending) => Poll::Ready(Err(ending)),
        }
    }

    /// Waits for the response.
    #[inline]
    pub(crate) fn poll_response<F, A, E>(
        &mut self,
        cx: &mut Context<'_>,
        future: Pin<&mut F>,
    ) -> Poll<Result<A, Ending>>
    where
        F: Future<Output = Result<A, E>>,
        E: Into<BoxError>,
    {
        match self.span.within(|| future.poll(cx)) {
            Poll::Ready(Ok(response)) => Poll::Ready(Ok(response)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.failed(&*error.into()))),
            Poll::Pending => match self.poll_sleep(cx) {
                Ok(()) => Poll::Pending,
                Err(ending) => Poll::Ready(Err(ending)),
            },
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
