//! A handler that panics is a 500, not the end of its connection.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use http::{Response, StatusCode};
use http_codec::Body;

use super::Shipped;
use crate::engine::chain::{Middleware, Next};
use crate::engine::context::Context;
use crate::handler::Reply;
use crate::response::IntoResponse;

type Answer = Arc<dyn Fn(&str) -> Response<Body> + Send + Sync>;

/// Answers 500 without content when what comes after it panics, in its call or in its future. The panic's message goes to the
/// log (an event of tracing) and nowhere else. Content that panics while it is sent is the server's concern.
#[derive(Clone)]
pub struct Recovery(Answer);

impl Default for Recovery {
    fn default() -> Self {
        Self::new()
    }
}

impl Recovery {
    /// An empty 500.
    pub fn new() -> Self {
        Self::with(|_| StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Another answer, which is told the panic's message.
    pub fn with<T: IntoResponse>(answer: impl Fn(&str) -> T + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |message| answer(message).into_response()))
    }

    fn answer(answer: &Answer, panic: &(dyn Any + Send)) -> Response<Body> {
        let text = panic.downcast_ref::<&str>().copied();
        let message = text
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        tracing::error!(target: "http_mux", message, "a handler panicked");
        answer(message)
    }
}

impl Middleware<Shipped> for Recovery {
    fn call(&self, cx: Context, next: Next) -> Reply {
        match catch_unwind(AssertUnwindSafe(|| next.run(cx))).map(Reply::into_ready) {
            Ok(Ok(response)) => Reply::ready(response),
            Ok(Err(reply)) => Reply::future(Guarded {
                reply: Some(reply),
                answer: Arc::clone(&self.0),
            }),
            Err(panic) => Reply::ready(Self::answer(&self.0, &*panic)),
        }
    }
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recovery")
    }
}

/// The rest of the chain, until it panics.
struct Guarded {
    reply: Option<Reply>,
    answer: Answer,
}

impl Future for Guarded {
    type Output = Response<Body>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Response<Body>> {
        let Some(reply) = self.reply.as_mut() else {
            return Poll::Pending;
        };
        match catch_unwind(AssertUnwindSafe(|| Pin::new(reply).poll(cx))) {
            Ok(polled) => polled,
            Err(panic) => {
                // What a panicking future leaves behind is dropped, never polled again.
                let _ = catch_unwind(AssertUnwindSafe(|| self.reply = None));
                Poll::Ready(Recovery::answer(&self.answer, &*panic))
            }
        }
    }
}
