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

use super::table::{Entry, EntryRef, Table, is_exact};
use super::{Endpoint, Mounted, Routes, ServeMux, host};
use crate::handler::{BoxHandler, Call, Reply, with_body};
use crate::path;
use crate::span::record;
use crate::tree::{Captures, Leaf, Scan};

/// What a request comes to.
pub(super) enum Outcome<'m> {
    /// The pattern's handler.
    Match(&'m Leaf<EntryRef>),
    /// The same path with a slash behind it, or the clean one.
    Redirect(String),
    /// The path has no pattern for this method.
    NoMatch,
    /// The request-target is `*`.
    Asterisk,
}

/// Why a request is not simply for one pattern.
pub(super) enum Doubt<'m> {
    /// The path is long, or looks as if it were not clean.
    Unread,
    /// It is clean, and this is a pattern around it.
    Below(&'m Leaf<EntryRef>),
    /// It is clean, and there is no pattern.
    NoMatch,
}

impl Routes {
    /// What the request comes to; of a match, `captures` has the spans.
    pub(super) fn lookup<B>(&self, request: &Request<B>, captures: &mut Captures) -> Outcome<'_> {
        match self.find_exact(request, captures) {
            Ok(leaf) => Outcome::Match(leaf),
            Err(doubt) => self.resolve(doubt, request, captures),
        }
    }

    /// The pattern of a path that is short, clean, and the pattern's own: what most requests come to.
    #[inline(always)]
    fn find_exact<B>(
        &self,
        request: &Request<B>,
        captures: &mut Captures,
    ) -> Result<&Leaf<EntryRef>, Doubt<'_>> {
        let path = request.uri().path().as_bytes();
        if !Scan::is_short(path) {
            return Err(Doubt::Unread);
        }
        let scan = Scan::of(path);
        if path.first() != Some(&b'/') || scan.is_suspicious(path) {
            return Err(Doubt::Unread);
        }
        let found = if self.table.has_hosts() {
            self.find(request, path, scan, captures)
        } else {
            let method = request.method();
            self.table.find_any_host(method, path, scan, captures)
        };
        match found {
            Some(leaf) if is_exact(leaf, path) => Ok(leaf),
            Some(leaf) => Err(Doubt::Below(leaf)),
            None => Err(Doubt::NoMatch),
        }
    }

    /// What a request comes to that is not simply for one pattern.
    #[inline(never)]
    fn resolve<'m, B>(
        &'m self,
        doubt: Doubt<'m>,
        request: &Request<B>,
        captures: &mut Captures,
    ) -> Outcome<'m> {
        let path = request.uri().path();
        match doubt {
            Doubt::Unread => self.lookup_unread(request, captures),
            _ if self.has_subtree(request, path) => redirect_to(request, &format!("{path}/")),
            Doubt::Below(leaf) => Outcome::Match(leaf),
            Doubt::NoMatch => Outcome::NoMatch,
        }
    }

    /// The most specific pattern for this path, whether patterns have hosts or not.
    #[inline(never)]
    fn find<B>(
        &self,
        request: &Request<B>,
        path: &[u8],
        scan: Scan,
        captures: &mut Captures,
    ) -> Option<&Leaf<EntryRef>> {
        let host = match self.table.has_hosts() {
            true => host::of(request),
            false => Cow::Borrowed(""),
        };
        self.table
            .find(&host, request.method(), path, scan, captures)
    }

    /// What a request comes to, whatever its path.
    #[inline(never)]
    fn lookup_unread<B>(&self, request: &Request<B>, captures: &mut Captures) -> Outcome<'_> {
        let raw = request.uri().path();
        if raw == "*" {
            return Outcome::Asterisk;
        }
        let path = if *request.method() == Method::CONNECT {
            Cow::Borrowed(raw)
        } else {
            path::clean(raw)
        };
        let octets = path.as_bytes();
        let found = self.find(request, octets, Scan::of(octets), captures);
        let exact = found.is_some_and(|leaf| is_exact(leaf, octets));
        if !exact && self.has_subtree(request, &path) {
            return redirect_to(request, &format!("{}/", path::clean(&path)));
        }
        match (path, found) {
            (Cow::Owned(clean), _) => redirect_to(request, &clean),
            (Cow::Borrowed(_), Some(leaf)) => Outcome::Match(leaf),
            (Cow::Borrowed(_), None) => Outcome::NoMatch,
        }
    }

    /// Whether there is a pattern for this path with a slash behind it.
    fn has_subtree<B>(&self, request: &Request<B>, path: &str) -> bool {
        if path.is_empty() || path.ends_with('/') {
            return false;
        }
        let mut slashed: SmallVec<[u8; 256]> = SmallVec::from_slice(path.as_bytes());
        slashed.push(b'/');
        let (scan, mut captures) = (Scan::of(&slashed), Captures::new());
        let subtree = self.find(request, &slashed, scan, &mut captures);
        subtree.is_some_and(|leaf| is_exact(leaf, &slashed))
    }

    pub(super) fn endpoint(&self, leaf: &Leaf<EntryRef>) -> &Entry<Endpoint> {
        self.table.entry(leaf.value.id)
    }

    /// Answers a request, which is there until its handler takes it.
    pub(super) fn serve(&self, slot: &mut Option<Request<Body>>) -> ServeFuture {
        let mut captures = Captures::new();
        let request = slot.get_or_insert_default();
        match self.find_exact(request, &mut captures) {
            Ok(leaf) => {
                record(&leaf.route);
                self.call(leaf, &captures, slot)
            }
            Err(doubt) => self.serve_doubtful(doubt, captures, slot),
        }
    }

    /// Calls the handler of a pattern. Apart from its callers, which have something to drop: so the reply is made where they want it.
    #[inline(never)]
    fn call(
        &self,
        leaf: &Leaf<EntryRef>,
        captures: &Captures,
        slot: &mut Option<Request<Body>>,
    ) -> ServeFuture {
        let call = Call::of_match(slot, &leaf.route, captures);
        ServeFuture(self.endpoint(leaf).value.handler.call(call))
    }

    /// Answers a request that is not simply for one pattern.
    #[inline(never)]
    fn serve_doubtful(
        &self,
        doubt: Doubt<'_>,
        mut captures: Captures,
        slot: &mut Option<Request<Body>>,
    ) -> ServeFuture {
        let request = slot.get_or_insert_default();
        ServeFuture(match self.resolve(doubt, request, &mut captures) {
            Outcome::Match(leaf) => {
                record(&leaf.route);
                return self.call(leaf, &captures, slot);
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
        })
    }

    /// No pattern for this request: are there any for other methods?
    fn fall_back(&self, slot: &mut Option<Request<Body>>) -> Reply {
        let request = slot.get_or_insert_default();
        let host = host::of(request).into_owned();
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
    let leaf = table.find(host, &Method::GET, path, Scan::of(path), &mut captures)?;
    let call = Call::of_match(slot, &leaf.route, &captures);
    Some(table.entry(leaf.value.id).value.call(call))
}

/// To this path, with the request's query: an empty one is none, to Go, and its `?` goes.
fn redirect_to<'m, B>(request: &Request<B>, path: &str) -> Outcome<'m> {
    let query = request.uri().query().filter(|query| !query.is_empty());
    Outcome::Redirect(path::location(path, query))
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
        with_body(request, |slot| self.routes.serve(slot))
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
