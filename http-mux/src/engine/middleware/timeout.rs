//! A deadline for what comes after.

use std::time::Duration;

use http::StatusCode;

use super::Shipped;
use crate::engine::chain::{Middleware, Next};
use crate::engine::context::Context;
use crate::handler::Reply;
use crate::response::IntoResponse;

/// What comes after has this long to answer; then it is dropped, and 503 is sent (as Go's `TimeoutHandler` does).
///
/// The deadline ends with the response head: content may take as long as it likes, within the server's bounds.
#[derive(Debug, Clone, Copy)]
pub struct Timeout {
    after: Duration,
    status: StatusCode,
}

impl Timeout {
    /// After so long, 503.
    pub fn new(after: Duration) -> Self {
        Self {
            after,
            status: StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Another status, such as 408 or 504.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl Middleware<Shipped> for Timeout {
    fn call(&self, cx: Context, next: Next) -> Reply {
        let Self { after, status } = *self;
        match next.run(cx).into_ready() {
            Ok(response) => Reply::ready(response),
            Err(reply) => Reply::future(async move {
                match tokio::time::timeout(after, reply).await {
                    Ok(response) => response,
                    Err(_) => (status, "timed out").into_response(),
                }
            }),
        }
    }
}
