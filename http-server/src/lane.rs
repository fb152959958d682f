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
use http_codec::{
    Body, BoxError, CheckedTarget, DecodeError, FieldLines, ReasonPhrase, RequestHead,
};
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

/// A request, made of a head that was received and of its content.
pub(crate) trait FromHead: Sized + Send + 'static {
    /// What the request is made of besides.
    type Checked: Send;

    /// Whether the head is one that the request can hold. `spare` is the memory of a field section, which it may use.
    fn check(head: &RequestHead, spare: &mut HeaderMap) -> Result<Self::Checked, DecodeError>;

    /// The request; what was left in `spare` belongs to it.
    fn from_head<T>(
        head: &Arc<RequestHead>,
        checked: Self::Checked,
        spare: &mut HeaderMap,
        content: Body,
        then: impl FnOnce(Self) -> T,
    ) -> T;
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
    type Checked = CheckedTarget;

    #[inline(always)]
    fn check(head: &RequestHead, spare: &mut HeaderMap) -> Result<CheckedTarget, DecodeError> {
        head.to_map(spare)
    }

    #[inline(always)]
    fn from_head<T>(
        head: &Arc<RequestHead>,
        target: CheckedTarget,
        spare: &mut HeaderMap,
        content: Body,
        then: impl FnOnce(Self) -> T,
    ) -> T {
        let mut request = http::Request::new(content);
        head.fill(&mut request, target, spare);
        then(request)
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
