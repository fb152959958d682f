//! A bound on the content of requests.

use std::pin::Pin;
use std::task::{self, Poll, ready};

use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use http_codec::{Body, BodyError, BodyErrorKind};

use super::Shipped;
use crate::engine::chain::{Middleware, Next};
use crate::engine::context::Context;
use crate::extract::RequestExt;
use crate::handler::Reply;

/// Requests may bring this many octets of content and no more: 413 if more is announced, an error in the content (which the
/// typed input turns into 413) if more comes.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub u64);

impl Middleware<Shipped> for BodyLimit {
    fn call(&self, mut cx: Context, next: Next) -> Reply {
        let size = http_body::Body::size_hint(cx.request().body());
        if size.lower() > self.0 {
            return Reply::ready((StatusCode::PAYLOAD_TOO_LARGE, "the content is too large"));
        }
        if size.upper().is_none_or(|most| most > self.0) {
            let body = cx.request_mut().take_body();
            let limited = Body::new(Limited {
                body,
                limit: self.0,
                left: self.0,
            });
            let limited = match cx.request().body().lender() {
                Some(lender) => limited.with_lender(lender.clone()),
                None => limited,
            };
            *cx.request_mut().body_mut() = limited;
        }
        next.run(cx)
    }
}

struct Limited {
    body: Body,
    limit: u64,
    left: u64,
}

impl http_body::Body for Limited {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(data) = frame
            .as_ref()
            .and_then(|frame| frame.as_ref().ok()?.data_ref())
        {
            match self.left.checked_sub(data.len() as u64) {
                Some(left) => self.left = left,
                None => {
                    // With a cause: another's limit, to who reads it.
                    let error = BodyError::with_source(
                        BodyErrorKind::TooLarge,
                        "the content is larger than the limit",
                        format!("requests may bring {} octets", self.limit),
                    );
                    self.body = Body::empty();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
