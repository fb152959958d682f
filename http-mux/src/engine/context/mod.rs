//! What a request's handlers work with: one pointer to the request, its parameters and what the handlers pass on.

mod input;
mod keys;
mod render;

pub use render::Offer;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Method, Request, Response, Uri};
use http_codec::Body;

use self::keys::Keys;
use super::core::Core;
use super::target::Target;
use crate::handler::{Call, Reply};
use crate::params::Params;

/// One request on its way through the chain.
///
/// It is a handle, one pointer wide, that is moved from middleware to middleware; what it points to goes back to the
/// engine's pool when the handle is dropped, so it can never be used after that.
pub struct Context {
    /// There until the handle is dropped.
    inner: Option<Box<Inner>>,
}

#[derive(Default)]
pub(super) struct Inner {
    /// Not there while this waits in the pool, or while a layer has it.
    request: Option<Request<Body>>,
    params: Params,
    keys: Keys,
    /// The pairs of the query, once somebody asked for them.
    query: OnceLock<Vec<(String, String)>>,
    /// What the engine answers, if the chain gets to its end.
    prepared: Option<Response<Body>>,
    core: Option<Arc<Core>>,
}

impl Context {
    pub(super) fn new(core: &Arc<Core>, request: Request<Body>) -> Self {
        let mut inner = core.pool.take();
        // One that was left there would be another's. (And known to be none, it is not dropped, and this one moved once.)
        assert!(inner.request.is_none(), "a context waits empty");
        inner.request = Some(request);
        inner.core = Some(Arc::clone(core));
        Self { inner: Some(inner) }
    }

    fn get_ref(&self) -> &Inner {
        self.inner
            .as_ref()
            .expect("a context holds its pointer until it is dropped")
    }

    fn get_mut(&mut self) -> &mut Inner {
        self.inner
            .as_mut()
            .expect("a context holds its pointer until it is dropped")
    }

    /// The request.
    pub fn request(&self) -> &Request<Body> {
        self.get_ref().request()
    }

    /// The request, to change it or to read its content.
    pub fn request_mut(&mut self) -> &mut Request<Body> {
        self.get_mut().request_mut()
    }

    /// The request; the context goes back to its pool.
    pub fn into_request(mut self) -> Request<Body> {
        self.take_request()
    }

    /// The request and its path parameters; the context goes back to its pool.
    pub fn into_parts(mut self) -> (Request<Body>, Params) {
        let request = self.take_request();
        (request, std::mem::take(&mut self.get_mut().params))
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        self.request().method()
    }

    /// The request's target.
    pub fn uri(&self) -> &Uri {
        self.request().uri()
    }

    /// The request's path, as it came.
    pub fn path(&self) -> &str {
        self.uri().path()
    }

    /// The request's header section.
    pub fn headers(&self) -> &HeaderMap {
        self.request().headers()
    }

    /// The first field of that name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The pattern that the request matched; empty when it matched none.
    pub fn full_path(&self) -> &str {
        self.get_ref().params.pattern()
    }

    /// The path parameters.
    pub fn params(&self) -> &Params {
        &self.get_ref().params
    }

    /// The path parameters, to add to them.
    pub fn params_mut(&mut self) -> &mut Params {
        &mut self.get_mut().params
    }

    /// The address of the client: that of the peer, or the one that a trusted proxy names.
    ///
    /// No proxy is trusted unless it is named in [`ClientIp`](super::ClientIp); without a way to learn the peer's address
    /// there is none.
    pub fn client_ip(&self) -> Option<IpAddr> {
        let core = self.get_ref().core.as_ref()?;
        core.settings.client_ip.of(self.request())
    }

    /// The address of the peer, whoever it speaks for.
    pub fn remote_ip(&self) -> Option<IpAddr> {
        let core = self.get_ref().core.as_ref()?;
        core.settings.client_ip.peer(self.request())
    }

    /// Sends the request through the engine again, under another target: its routes are looked up anew and the engine's
    /// middleware runs again. What was [`set`](Self::set) stays. A request that has gone round 16 times is answered with 500.
    pub fn redispatch(mut self, target: Uri) -> Reply {
        const ROUNDS: u8 = 16;
        let inner = self.get_mut();
        *inner.request_mut().uri_mut() = target;
        inner.params.clear();
        self.take::<()>(ASKED);
        let rounds = self.get::<u8>("http_mux.rounds").copied().unwrap_or(0);
        match self.get_ref().core.clone() {
            Some(core) if rounds < ROUNDS => {
                self.set("http_mux.rounds", rounds + 1);
                core.dispatch(self)
            }
            _ => Reply::ready(http::StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Answers as if no route had matched: with the handler of `no_route` for this path, or the engine's 404. Middleware does
    /// not run again. From that handler itself, it is the engine's 404.
    pub fn not_found(self) -> Reply {
        match self.get_ref().core.clone() {
            Some(core) => core.not_found(self),
            None => Reply::ready(http::StatusCode::NOT_FOUND),
        }
    }

    /// Whether the handler of `no_route` has yet to be asked for this target; from now on it has been.
    pub(super) fn ask_once(&mut self) -> bool {
        let first = self.get::<()>(ASKED).is_none();
        if first {
            self.set(ASKED, ());
        }
        first
    }

    /// The first segments of the path, as it is looked up, and what follows them: for a service that is mounted below.
    pub(super) fn split_path(&self, segments: usize) -> Option<(String, String)> {
        let core = self.get_ref().core.as_ref()?;
        Target::of(self.uri(), &core.settings).split(self.path(), segments)
    }

    /// Takes the request out, for a layer or for good.
    pub(super) fn take_request(&mut self) -> Request<Body> {
        self.get_mut().request.take().expect(HAS_REQUEST)
    }

    /// Puts a request in the place of the one that was taken out.
    pub(super) fn put_request(&mut self, request: Request<Body>) {
        let inner = self.get_mut();
        inner.query = OnceLock::new();
        inner.request = Some(request);
    }

    /// The request, and where the lookup of its route puts what it finds.
    pub(super) fn lookup(&mut self) -> (&Request<Body>, &mut Params) {
        let Inner {
            request, params, ..
        } = self.get_mut();
        (request.as_ref().expect(HAS_REQUEST), params)
    }

    /// For a handler that knows no context. What it takes is no longer here.
    pub(super) fn as_call(&mut self) -> Call<'_> {
        let Inner {
            request, params, ..
        } = self.get_mut();
        Call::new(request, params)
    }

    pub(super) fn prepare(&mut self, response: Response<Body>) {
        self.get_mut().prepared = Some(response);
    }

    pub(super) fn take_prepared(&mut self) -> Option<Response<Body>> {
        self.get_mut().prepared.take()
    }
}

/// The name of the value that is there once the handler of `no_route` was asked.
const ASKED: &str = "http_mux.asked";

const HAS_REQUEST: &str = "a handler's context has its request";

impl Inner {
    fn request(&self) -> &Request<Body> {
        self.request.as_ref().expect(HAS_REQUEST)
    }

    /// Its query may be another afterwards.
    fn request_mut(&mut self) -> &mut Request<Body> {
        self.query.take();
        self.request.as_mut().expect(HAS_REQUEST)
    }

    fn clear(&mut self) -> Option<Arc<Core>> {
        self.request = None;
        self.params.clear();
        self.keys.clear();
        self.query = OnceLock::new();
        self.prepared = None;
        self.core.take()
    }
}

impl Drop for Context {
    /// Back to the pool; not so when a handler has panicked, which may have left anything behind.
    fn drop(&mut self) {
        if let (Some(mut inner), false) = (self.inner.take(), std::thread::panicking()) {
            if let Some(core) = inner.clear() {
                core.pool.put(inner, core.settings.pool);
            }
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("method", self.method())
            .field("uri", self.uri())
            .field("full_path", &self.full_path())
            .field("params", self.params())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}
