//! What a head becomes for a service, and what a service answers with: all in which the two lanes differ.
//!
//! ```text
//!                  octets -> RequestHead (spans)
//!   serve:           http::Request<Body>  ->  http::Response<B>       a map each way
//!   serve_raw:       raw::Request         ->  raw::Response<F, B>     none
//! ```
//!
//! The connection's loop knows these traits alone, so there is one of it.

use std::sync::Arc;

use http::response::Parts;
use http::{HeaderMap, StatusCode};
use http_codec::{Body, BoxError, DecodeError, FieldLines, ReasonPhrase, RequestHead};
use tower_service::Service;

/// Fields for which a field section's memory is kept.
const KEPT: usize = 64;

/// A service of either lane.
pub(crate) trait Serves<R>:
    Service<R, Response: Answer, Error: Into<BoxError>, Future: Send> + Send + 'static
{
}

impl<R, S> Serves<R> for S where
    S: Service<R, Response: Answer, Error: Into<BoxError>, Future: Send> + Send + 'static
{
}

/// A request, made of a head that was received and of its content: in its place, for it is too large to be moved about.
pub(crate) trait FromHead: Sized + Send + 'static {
    /// A request with this content, yet to be filled.
    fn new(head: &Arc<RequestHead>, content: Body) -> Self;

    /// Makes it that of the head, unless that is one which the request cannot hold. `spare` is the memory of a field section,
    /// which it may use.
    fn fill(&mut self, head: &RequestHead, spare: &mut HeaderMap) -> Result<(), DecodeError>;
}

/// A response: a head and content.
pub(crate) trait Answer {
    type Head: AnswerHead;
    type Content: http_body::Body<Data: Send, Error: Into<BoxError>> + Send;

    fn split(self) -> (Self::Head, Self::Content);
}

/// The head of a response.
pub(crate) trait AnswerHead: Send {
    fn status(&self) -> StatusCode;

    /// A reason phrase other than the usual one.
    fn reason(&self) -> Option<&ReasonPhrase>;

    fn fields(&self) -> &(impl FieldLines + Sync);

    /// The head is sent: its memory may serve the next request.
    fn recycle(&mut self, spare: &mut HeaderMap);
}

impl FromHead for http::Request<Body> {
    #[inline(always)]
    fn new(_head: &Arc<RequestHead>, content: Body) -> Self {
        http::Request::new(content)
    }

    #[inline(always)]
    fn fill(&mut self, head: &RequestHead, spare: &mut HeaderMap) -> Result<(), DecodeError> {
        let new = std::mem::replace(self.headers_mut(), std::mem::take(spare));
        // It owns nothing, and to find that out is half of what this takes.
        std::mem::forget(new);
        head.fill(self)
    }
}

impl<B> Answer for http::Response<B>
where
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send,
{
    type Head = Parts;
    type Content = B;

    #[inline]
    fn split(self) -> (Parts, B) {
        self.into_parts()
    }
}

impl AnswerHead for Parts {
    fn status(&self) -> StatusCode {
        self.status
    }

    #[inline]
    fn reason(&self) -> Option<&ReasonPhrase> {
        if self.extensions.is_empty() {
            None
        } else {
            self.extensions.get()
        }
    }

    fn fields(&self) -> &(impl FieldLines + Sync) {
        &self.headers
    }

    #[inline]
    fn recycle(&mut self, spare: &mut HeaderMap) {
        // What is in it goes when the next request takes it over, or the connection rests: clearing it twice has its price.
        if self.headers.capacity() <= KEPT {
            std::mem::swap(spare, &mut self.headers);
        }
    }
}
