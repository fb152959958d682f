//! The raw lane: requests whose head stays the octets it came in, and answers whose head was never a map.
//!
//! Building an `http::HeaderMap` costs more than parsing a head, and a proxy, a gateway or a counter has no need of one. A
//! service of [`Server::serve_raw`](crate::Server::serve_raw) is asked with the codec's own head, spans over octets, and
//! answers with field lines in the order and spelling they are to have. Connection, deadlines, limits and framing are the same.
//!
//! ```
//! use std::convert::Infallible;
//! use http::{HeaderName, HeaderValue, StatusCode, header};
//! use http_server::{Body, raw};
//!
//! let service = raw::service_fn(|request: raw::Request| async move {
//!     let agent = request.head().field("user-agent").unwrap_or(b"nobody").to_vec();
//!     let fields = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"))];
//!     Ok::<_, Infallible>(raw::Response::new(StatusCode::OK, fields, Body::from(agent)))
//! });
//! # let _ = service;
//! ```

use std::future::Future;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use http_codec::{Body, BoxError, DecodeError, FieldLines, ReasonPhrase, RequestHead};

use crate::handle::Handle;
use crate::lane::{Answer, AnswerHead, FromHead};
use crate::service_fn::ServiceFn;

/// A request: its head as spans over the octets it came in, and its content.
#[derive(Debug)]
pub struct Request {
    head: Arc<RequestHead>,
    body: Body,
}

impl Request {
    /// A request of these parts, for a test of a service.
    pub fn new(head: impl Into<Arc<RequestHead>>, body: Body) -> Self {
        Request {
            head: head.into(),
            body,
        }
    }

    /// The head. It has been checked: its framing, its host and its target are what the standard lets them be.
    pub fn head(&self) -> &RequestHead {
        &self.head
    }

    /// The content.
    pub const fn body(&self) -> &Body {
        &self.body
    }

    /// The content, to read from.
    pub const fn body_mut(&mut self) -> &mut Body {
        &mut self.body
    }

    /// Head and content. The head is shared with the connection, which uses its memory again once nobody else holds it.
    pub fn into_parts(self) -> (Arc<RequestHead>, Body) {
        (self.head, self.body)
    }

    /// The handle of the connection; `None` for a request of another origin.
    pub fn handle(&self) -> Option<Handle> {
        crate::handle::handle(&self.body)
    }
}

impl FromHead for Request {
    #[inline(always)]
    fn new(head: &Arc<RequestHead>, content: Body) -> Self {
        Request {
            head: Arc::clone(head),
            body: content,
        }
    }

    #[inline(always)]
    fn fill(&mut self, _head: &RequestHead, _spare: &mut HeaderMap) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// A response: status, field lines as they are to be sent, and content.
///
/// `F` is anything that gives field lines: `[(HeaderName, HeaderValue); N]` and `Vec` of such pairs, [`RawFields`](
/// http_codec::RawFields), an `http::HeaderMap`, the [`ResponseHead`](http_codec::ResponseHead) that an upstream server answered
/// with, `()`. Framing stays the server's: `Content-Length`, `Transfer-Encoding` and what `Connection` says of persistence are
/// read as a handler's declarations and written by the server, and `Date` is added where there is none. Other hop-by-hop fields
/// are the service's to leave out.
#[derive(Debug, Clone)]
pub struct Response<F, B> {
    head: Head<F>,
    body: B,
}

/// The head of a [`Response`].
#[derive(Debug, Clone)]
pub(crate) struct Head<F> {
    status: StatusCode,
    reason: Option<ReasonPhrase>,
    fields: F,
}

impl<F, B> Response<F, B> {
    /// A response of these parts, with the usual reason phrase.
    pub const fn new(status: StatusCode, fields: F, body: B) -> Self {
        Response {
            head: Head {
                status,
                reason: None,
                fields,
            },
            body,
        }
    }

    /// With a reason phrase of its own.
    #[must_use]
    pub fn with_reason(mut self, reason: ReasonPhrase) -> Self {
        self.head.reason = Some(reason);
        self
    }
}

impl<F, B> Answer for Response<F, B>
where
    F: FieldLines + Send + Sync,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send,
{
    type Head = Head<F>;
    type Content = B;

    #[inline]
    fn split(self) -> (Head<F>, B) {
        (self.head, self.body)
    }
}

impl<F: FieldLines + Send + Sync> AnswerHead for Head<F> {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn reason(&self) -> Option<&ReasonPhrase> {
        self.reason.as_ref()
    }

    fn fields(&self) -> &(impl FieldLines + Sync) {
        &self.fields
    }

    fn recycle(&mut self, _spare: &mut HeaderMap) {}
}

/// A service of the raw lane from a function of a request, as [`service_fn`](crate::service_fn()) is for the other.
pub fn service_fn<Function, Fut, F, B, E>(function: Function) -> ServiceFn<Function>
where
    Function: FnMut(Request) -> Fut,
    Fut: Future<Output = Result<Response<F, B>, E>>,
{
    ServiceFn::of(function)
}
