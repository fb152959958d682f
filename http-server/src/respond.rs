//! Driving the service's future, in the connection's own task.

use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use http_codec::{Body, BoxError};
use tokio::time::Instant;
use tower_service::Service;

use crate::error::Ending;
use crate::exchange::Exchanges;
use crate::spans::RequestSpan;
use crate::stats::Fault;

impl Exchanges<'_> {
    /// Waits until the service may be called.
    pub(crate) async fn ready<S, B>(&mut self, service: &mut S) -> Result<(), Ending>
    where
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>>,
    {
        let mut until = None;
        poll_fn(|cx| self.poll_ready(cx, service, &mut until)).await?;
        self.ready_until = None;
        Ok(())
    }

    /// Calls the service with the request that was received, and puts its future into `place`.
    #[inline]
    pub(crate) fn call<S, B>(
        &mut self,
        service: &mut S,
        mut place: Pin<&mut Option<S::Future>>,
    ) -> Result<(), Ending>
    where
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>>,
    {
        let length = self.head.length();
        self.check(length)?;
        if self.connection.config().deadlines.response.is_some() {
            self.called = Some(Instant::now());
        }
        self.span = RequestSpan::of(&self.head, &self.connection.link);
        let parts = match self.head.to_parts(std::mem::take(&mut self.recycled)) {
            Ok(parts) => parts,
            Err(error) => return Err(self.refuse_head(&error)),
        };
        let request = Request::from_parts(parts, self.lend(length));
        let span = &self.span;
        let called = catch_unwind(AssertUnwindSafe(|| {
            place.set(Some(span.within(|| service.call(request))));
        }));
        called.map_err(|panic| self.panicked(&*panic))
    }

    /// Waits for the service to be ready, for a short while (rule 4 of the connection).
    fn poll_ready<S, B>(
        &mut self,
        cx: &mut Context<'_>,
        service: &mut S,
        until: &mut Option<Instant>,
    ) -> Poll<Result<(), Ending>>
    where
        S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>>,
    {
        match catch_unwind(AssertUnwindSafe(|| service.poll_ready(cx))) {
            Ok(Poll::Ready(Ok(()))) => Poll::Ready(Ok(())),
            Ok(Poll::Ready(Err(error))) => Poll::Ready(Err(self.failed(&*error.into()))),
            Ok(Poll::Pending) => self.poll_unready(cx, until),
            Err(panic) => Poll::Ready(Err(self.panicked(&*panic))),
        }
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
        if let Err(ending) = self.poll_sleep(cx) {
            return Poll::Ready(Err(ending));
        }
        Poll::Pending
    }

    /// Waits for the response; its head goes into `place`.
    pub(crate) fn poll_response<F, B, E>(
        &mut self,
        cx: &mut Context<'_>,
        future: Pin<&mut Option<F>>,
        place: &mut Option<http::response::Parts>,
    ) -> Poll<Result<B, Ending>>
    where
        F: Future<Output = Result<Response<B>, E>>,
        E: Into<BoxError>,
    {
        let span = &self.span;
        let Some(future) = future.as_pin_mut() else {
            return Poll::Pending;
        };
        match catch_unwind(AssertUnwindSafe(|| span.within(|| future.poll(cx)))) {
            Ok(Poll::Ready(Ok(response))) => {
                let (parts, body) = response.into_parts();
                *place = Some(parts);
                Poll::Ready(Ok(body))
            }
            Ok(Poll::Ready(Err(error))) => Poll::Ready(Err(self.failed(&*error.into()))),
            Ok(Poll::Pending) => match self.poll_sleep(cx) {
                Ok(()) => Poll::Pending,
                Err(ending) => Poll::Ready(Err(ending)),
            },
            Err(panic) => Poll::Ready(Err(self.panicked(&*panic))),
        }
    }

    /// The service returned an error: 500, and the connection ends.
    #[cold]
    fn failed(&mut self, error: &(dyn std::error::Error + Send + Sync)) -> Ending {
        self.connection.note(Fault::Service);
        tracing::error!(request = %self.request_line(), %error, "service failed");
        self.refuse(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The service panicked before it had an answer: 500, and the connection ends.
    #[cold]
    pub(crate) fn panicked(&mut self, panic: &(dyn Any + Send)) -> Ending {
        if !self.log_panic(panic) {
            return Ending::Abort;
        }
        self.refuse(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Logs a panic; `false` if it was an [`abort`], which is not one.
    #[cold]
    pub(crate) fn log_panic(&mut self, panic: &(dyn Any + Send)) -> bool {
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
