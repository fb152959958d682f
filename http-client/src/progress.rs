//! How far a transfer has come.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_codec::{Body, BodyError};

/// Hears how many octets have passed, and how many there are in all, if that is known.
pub(crate) type Hook = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// Content to be sent, watched. What can be sent twice still can, and counts from the beginning then.
pub(crate) fn sending(body: Body, hook: Hook) -> Body {
    match body.try_clone() {
        Some(kept) => {
            // The content is shared by all sendings; a lock makes it so whatever it is.
            let kept = std::sync::Mutex::new(kept);
            Body::rewindable(move || {
                let kept = kept
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                watched(kept.try_clone().unwrap_or_default(), Arc::clone(&hook))
            })
        }
        None => watched(body, hook),
    }
}

/// Received content, watched.
pub(crate) fn receiving(
    body: Body,
    hook: impl Fn(u64, Option<u64>) + Send + Sync + 'static,
) -> Body {
    watched(body, Arc::new(hook))
}

fn watched(body: Body, hook: Hook) -> Body {
    let total = http_body::Body::size_hint(&body).exact();
    if http_body::Body::is_end_stream(&body) {
        return body;
    }
    Body::new(Watched {
        body,
        hook,
        total,
        passed: 0,
    })
}

struct Watched {
    body: Body,
    hook: Hook,
    total: Option<u64>,
    passed: u64,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            if let Some(data) = frame.data_ref() {
                self.passed += data.len() as u64;
                (self.hook)(self.passed, self.total);
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
