//! The tables of an engine, and the way of a request through them.
//!
//! ```text
//! the method's tree -> the route's chain
//!      no match     -> a redirect, the answer to OPTIONS, 405, or 404: each behind the engine's middleware
//! ```

use std::panic::Location;
use std::sync::Arc;

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_codec::Body;

use super::chain::{BoxEndpoint, BoxMiddleware, Chain, prepared};
use super::clean::clean_path;
use super::context::Context;
use super::fallback::{Fallbacks, Miss};
use super::pool::Pool;
use super::redirect;
use super::settings::Settings;
use super::target::Target;
use crate::handler::Reply;
use crate::params::Params;
use crate::serve_mux::Mounted;
use crate::span::record;
use crate::tree::{Captures, Leaf, Scan, Tree};

/// A route's chain, and where it was added.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) chain: Arc<Chain>,
    pub(super) location: &'static Location<'static>,
}

/// Everything that requests share.
#[derive(Debug, Clone)]
pub(super) struct Core {
    pub(super) settings: Settings,
    /// A tree for each method, in the order in which the methods came.
    pub(super) trees: Vec<(Method, Tree<Endpoint>)>,
    pub(super) middleware: Vec<BoxMiddleware>,
    pub(super) fallbacks: Fallbacks,
    /// The engine's middleware, then whatever answer the engine has prepared.
    pub(super) answer: Arc<Chain>,
    pub(super) pool: Arc<Pool>,
}

impl Core {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings::default(),
            pool: Arc::default(),
            trees: Vec::new(),
            middleware: Vec::new(),
            fallbacks: Fallbacks::default(),
            answer: Chain::new(&[], BoxEndpoint::new(prepared)),
        }
    }

    pub(super) fn use_(&mut self, middleware: BoxMiddleware) {
        self.middleware.push(middleware);
        self.answer = Chain::new(&self.middleware, BoxEndpoint::new(prepared));
        self.fallbacks.rebuild(&self.middleware);
    }

    /// Answers one request.
    pub(super) fn dispatch(&self, mut cx: Context) -> Reply {
        match self.find_plain(&mut cx) {
            Some(leaf) => leaf.value.chain.run(cx),
            None => self.dispatch_other(cx),
        }
    }

    /// The route of a path that is short and looked up as it came, for this very method: what most requests come to.
    #[inline(always)]
    fn find_plain(&self, cx: &mut Context) -> Option<&Leaf<Endpoint>> {
        let (request, params) = cx.lookup();
        let whole = request.uri().path_and_query()?;
        let path = whole.path().as_bytes();
        if !Scan::is_short(path) || self.settings.remove_extra_slash {
            return None;
        }
        let scan = Scan::of(path);
        if scan.has_escape(path) {
            return None;
        }
        let tree = self.tree(request.method())?;
        let leaf = tree.find_scanned::<false>(path, scan, params.captures_mut())?;
        params.matched(whole.clone(), false, Arc::clone(&leaf.route));
        found(leaf, request, params);
        Some(leaf)
    }

    /// Answers any request.
    #[inline(never)]
    fn dispatch_other(&self, mut cx: Context) -> Reply {
        let (request, params) = cx.lookup();
        let target = Target::of(request.uri(), &self.settings);
        match self.find(request.method(), &target, params.captures_mut()) {
            Some(leaf) => {
                target.complete(params, Arc::clone(&leaf.route));
                found(leaf, request, params);
                leaf.value.chain.run(cx)
            }
            None => {
                let target = target.into_owned();
                self.miss(cx, &target)
            }
        }
    }

    pub(super) fn find(
        &self,
        method: &Method,
        target: &Target,
        captures: &mut Captures,
    ) -> Option<&Leaf<Endpoint>> {
        let found = self
            .tree(method)
            .and_then(|tree| target.find(tree, captures));
        if found.is_none() && *method == Method::HEAD && self.settings.handle_head {
            return target.find(self.tree(&Method::GET)?, captures);
        }
        found
    }

    #[inline]
    pub(super) fn tree(&self, method: &Method) -> Option<&Tree<Endpoint>> {
        self.trees
            .iter()
            .find(|(known, _)| known == method)
            .map(|(_, tree)| tree)
    }

    /// The tree of the method, empty if it is the first time that it is asked for.
    pub(super) fn tree_mut(&mut self, method: &Method) -> &mut Tree<Endpoint> {
        let known = self.trees.iter().position(|(known, _)| known == method);
        let at = known.unwrap_or_else(|| {
            self.trees.push((method.clone(), Tree::with_empty_values()));
            self.trees.len() - 1
        });
        &mut self.trees[at].1
    }

    #[cold]
    fn miss(&self, mut cx: Context, target: &Target) -> Reply {
        let method = cx.method().clone();
        if method != Method::CONNECT && target.as_str() != "/" && !target.is_server() {
            if let Some(response) = self.redirect(cx.request(), target) {
                cx.prepare(response);
                return self.answer.run(cx);
            }
        }
        if self.settings.handle_options && method == Method::OPTIONS {
            let allowed = self.allowed(&method, target);
            if !allowed.is_empty() {
                cx.prepare(with_allow(StatusCode::NO_CONTENT, &allowed));
                return self.answer.run(cx);
            }
        }
        if self.settings.handle_method_not_allowed {
            let allowed = self.allowed(&method, target);
            if !allowed.is_empty() {
                let mut response = with_allow(StatusCode::METHOD_NOT_ALLOWED, &allowed);
                say(&mut response, "405 method not allowed");
                return self.fall_back(Miss::Method, cx, target, response);
            }
        }
        self.fall_back(Miss::Route, cx, target, not_found())
    }

    /// Answers as if no route had matched, without the middleware, which has run already.
    pub(super) fn not_found(&self, cx: Context) -> Reply {
        let target = Target::of(cx.uri(), &self.settings);
        match self.fallbacks.handler(Miss::Route, &target) {
            Some(handler) => handler.call(cx),
            None => Reply::ready(not_found()),
        }
    }

    fn fall_back(
        &self,
        miss: Miss,
        mut cx: Context,
        target: &Target,
        response: Response<Body>,
    ) -> Reply {
        cx.prepare(response);
        match self.fallbacks.find(miss, target) {
            Some(chain) => Arc::clone(chain).run(cx),
            None => self.answer.run(cx),
        }
    }

    /// Where the path should have led, if that is on the way.
    fn redirect(&self, request: &Request<Body>, target: &Target) -> Option<Response<Body>> {
        let head = *request.method() == Method::HEAD && self.settings.handle_head;
        let get = if head { self.tree(&Method::GET) } else { None };
        for tree in self.tree(request.method()).into_iter().chain(get) {
            let exists = |path: &str| {
                target
                    .find_other(path, tree, &mut Captures::new())
                    .is_some()
            };
            if self.settings.redirect_trailing_slash {
                if let Some(path) = redirect::toggled(target.as_str()).filter(|path| exists(path)) {
                    let prefix = request.headers().get("x-forwarded-prefix");
                    let prefix = prefix.and_then(|prefix| prefix.to_str().ok());
                    return Some(redirect::response(request, target, &path, prefix));
                }
            }
            if self.settings.redirect_fixed_path {
                if let Some(path) = fixed(tree, target) {
                    return Some(redirect::response(request, target, &path, None));
                }
            }
        }
        None
    }

    /// The methods that the path has routes for, in the order in which they came.
    fn allowed(&self, method: &Method, target: &Target) -> Vec<Method> {
        let mut captures = Captures::new();
        let trees = self.trees.iter().filter(|(known, tree)| {
            known != method && (target.is_server() || target.find(tree, &mut captures).is_some())
        });
        let mut allowed: Vec<Method> = trees.map(|(method, _)| method.clone()).collect();
        if self.settings.handle_head
            && allowed.contains(&Method::GET)
            && !allowed.contains(&Method::HEAD)
        {
            allowed.push(Method::HEAD);
        }
        if self.settings.handle_options
            && !allowed.is_empty()
            && !allowed.contains(&Method::OPTIONS)
        {
            allowed.push(Method::OPTIONS);
        }
        allowed
    }

    /// All routes: the methods in the order in which they came, and of each its routes likewise.
    pub(super) fn routes(&self) -> impl Iterator<Item = (&Method, &Leaf<Endpoint>)> {
        self.trees
            .iter()
            .flat_map(|(method, tree)| tree.iter().map(move |leaf| (method, leaf)))
    }
}

/// Tells whoever wants to know that the request has this route.
#[inline(always)]
fn found(leaf: &Leaf<Endpoint>, request: &Request<Body>, params: &mut Params) {
    record(&leaf.route);
    if let Some(mounted) = Mounted::of(request) {
        params.inherit(mounted.params());
    }
}

/// The path in the case of a route, with a slash more or less where that is needed.
fn fixed<T>(tree: &Tree<T>, target: &Target) -> Option<String> {
    let find = |path: &str| match target.is_raw() {
        true => tree.find_folded_escaped(path),
        false => tree.find_folded(path),
    };
    let cleaned = clean_path(target.as_str());
    find(&cleaned).or_else(|| find(&redirect::toggled(&cleaned)?))
}

fn with_allow(status: StatusCode, allowed: &[Method]) -> Response<Body> {
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

pub(super) fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    say(&mut response, "404 page not found");
    response
}

fn say(response: &mut Response<Body>, text: &'static str) {
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    *response.body_mut() = text.into();
}
