//! Serving: from a request to the handler of its pattern, or to a redirect, a 405 or a 404.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, HeaderValue, LOCATION};
use http::{Method, Request, Response, StatusCode};
use http_codec::{Body, BoxError};
use smallvec::SmallVec;
use tower_service::Service;

use super::table::{Entry, EntryId, Table, is_exact};
use super::{Endpoint, Mounted, Routes, ServeMux, host};
use crate::handler::{BoxHandler, Call, Reply, with_body};
use crate::path;
use crate::tree::{Captures, Leaf, Scan};

/// What a request comes to.
pub(super) enum Outcome<'m> {
    /// The pattern's handler.
    Match(&'m Leaf<EntryId>),
    /// The same path with a slash behind it, or the clean one.
    Redirect(String),
    /// The path has no pattern for this method.
    NoMatch,
    /// The request-target is `*`.
    Asterisk,
}

impl Routes {
    /// What the request comes to; of a match, `captures` has the spans.
    pub(super) fn lookup<B>(&self, request: &Request<B>, captures: &mut Captures) -> Outcome<'_> {
        let (method, uri) = (request.method(), request.uri());
        let host = self.host(request);
        let raw = uri.path();
        if raw == "*" {
            return Outcome::Asterisk;
        }
        let mut scan = Scan::of(raw.as_bytes());
        let path = if *method == Method::CONNECT {
            Cow::Borrowed(raw)
        } else {
            path::clean_scanned(raw, scan)
        };
        if let Cow::Owned(clean) = &path {
            scan = Scan::of(clean.as_bytes());
        }
        // An empty query is none, to Go: its `?` goes.
        let location = |path: &str| {
            Outcome::Redirect(path::location(
                path,
                uri.query().filter(|query| !query.is_empty()),
            ))
        };
        let octets = path.as_bytes();
        let found = self.table.find(&host, method, (octets, scan), captures);
        let exact = found.is_some_and(|leaf| is_exact(leaf.route.segments(), octets));
        if !exact && !octets.is_empty() && !octets.ends_with(b"/") {
            let mut slashed: SmallVec<[u8; 256]> = SmallVec::from_slice(octets);
            slashed.push(b'/');
            let scanned = (&slashed[..], Scan::of(&slashed));
            let subtree = self
                .table
                .find(&host, method, scanned, &mut Captures::new());
            if subtree.is_some_and(|leaf| is_exact(leaf.route.segments(), &slashed)) {
                return location(&format!("{}/", path::clean(&path)));
            }
        }
        match (path, found) {
            (Cow::Owned(clean), _) => location(&clean),
            (Cow::Borrowed(_), Some(leaf)) => Outcome::Match(leaf),
            (Cow::Borrowed(_), None) => Outcome::NoMatch,
        }
    }

    /// The host, if any pattern wants to know it.
    #[inline(always)]
    pub(super) fn host<'r, B>(&self, request: &'r Request<B>) -> Cow<'r, str> {
        let fallbacks = [&self.not_found, &self.method_not_allowed];
        if self.table.has_hosts() || fallbacks.into_iter().any(Table::has_hosts) {
            host::of(request)
        } else {
            Cow::Borrowed("")
        }
    }

    pub(super) fn endpoint(&self, leaf: &Leaf<EntryId>) -> &Entry<Endpoint> {
        self.table.entry(leaf.value)
    }

    /// Answers a request, which is there until its handler takes it.
    pub(super) fn serve(&self, slot: &mut Option<Request<Body>>) -> Reply {
        let mut captures = Captures::new();
        let request = slot.get_or_insert_default();
        match self.lookup(request, &mut captures) {
            Outcome::Match(leaf) => {
                record(leaf.route.pattern());
                let call = Call::of_match(slot, &leaf.route, &captures);
                self.endpoint(leaf).value.handler.call(call)
            }
            Outcome::Redirect(location) => redirect(request, location),
            Outcome::NoMatch => self.fall_back(slot),
            // A question to the server as a whole, "are you there?" (RFC 9110 section 9.3.7).
            Outcome::Asterisk if request.method() == Method::OPTIONS => {
                Reply::ready(StatusCode::OK)
            }
            Outcome::Asterisk => {
                let close = [(CONNECTION, HeaderValue::from_static("close"))];
                Reply::ready((StatusCode::BAD_REQUEST, close, ()))
            }
        }
    }

    /// No pattern for this request: are there any for other methods?
    #[cold]
    fn fall_back(&self, slot: &mut Option<Request<Body>>) -> Reply {
        let request = slot.get_or_insert_default();
        let host = self.host(request).into_owned();
        let allowed = self.table.methods(&host, request.uri().path());
        if allowed.is_empty() {
            let reply = fallback(&self.not_found, &host, slot);
            return reply
                .unwrap_or_else(|| Reply::ready((StatusCode::NOT_FOUND, "404 page not found\n")));
        }
        let allow = Vec::from_iter(allowed).join(", ");
        let allow = HeaderValue::from_str(&allow).unwrap_or(HeaderValue::from_static(""));
        match fallback(&self.method_not_allowed, &host, slot) {
            Some(reply) => reply.map(|mut response| {
                if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                    response.headers_mut().entry(ALLOW).or_insert(allow);
                }
                response
            }),
            None => {
                let (status, text) = (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n");
                Reply::ready((status, [(ALLOW, allow)], text))
            }
        }
    }
}

/// The answer of the fallback for this path, if there is one.
fn fallback(
    table: &Table<BoxHandler>,
    host: &str,
    slot: &mut Option<Request<Body>>,
) -> Option<Reply> {
    let mut captures = Captures::new();
    let path = slot.get_or_insert_default().uri().path().as_bytes();
    let leaf = table.find(host, &Method::GET, (path, Scan::of(path)), &mut captures)?;
    let call = Call::of_match(slot, &leaf.route, &captures);
    Some(table.entry(leaf.value).value.call(call))
}

/// Tells the span that is current which route it is: the field `http.route` of OpenTelemetry, if the span has it.
fn record(pattern: &str) {
    if tracing::level_filters::LevelFilter::current() != tracing::level_filters::LevelFilter::OFF {
        tracing::Span::current().record("http.route", pattern);
    }
}

/// 307: the same request, to there.
fn redirect(request: &Request<Body>, mut location: String) -> Reply {
    let prefix = Mounted::prefix_of(request);
    if !prefix.is_empty() {
        location = path::location(&format!("{prefix}{location}"), None);
    }
    match HeaderValue::try_from(location) {
        Ok(location) => Reply::ready((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)], ())),
        Err(_) => Reply::ready(StatusCode::BAD_REQUEST),
    }
}

impl<B> Service<Request<B>> for ServeMux
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ServeFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ServeFuture {
        ServeFuture(with_body(request, |slot| self.routes.serve(slot)))
    }
}

/// The response of a mux to one request. Dropping it cancels the handler.
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ServeFuture(pub(super) Reply);

impl Future for ServeFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_ok(cx)
    }
}
