//! Who answers what no route matches: handlers of the engine, or of the group whose path the request lies below.

use std::sync::Arc;

use http::header::ALLOW;
use http_codec::Body;

use super::chain::{BoxEndpoint, BoxMiddleware, Chain};
use super::context::Context;
use super::core::not_found;
use super::pattern;
use super::target::Target;
use crate::handler::Reply;
use crate::path;
use crate::tree::Segment;

/// What was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// No route has this path: 404.
    Route,
    /// No route has this path with this method: 405.
    Method,
}

/// The handlers for what is missing, of the engine and of its groups.
#[derive(Debug, Clone, Default)]
pub(super) struct Fallbacks(Vec<Fallback>);

#[derive(Debug, Clone)]
struct Fallback {
    miss: Miss,
    /// The group's path, without a slash at its end; empty for the engine's own.
    base: Vec<Segment>,
    /// The group's own middleware, which runs behind the engine's.
    middleware: Vec<BoxMiddleware>,
    handler: BoxEndpoint,
    chain: Arc<Chain>,
}

impl Fallbacks {
    /// Sets the handler below `base`, in the place of the one that was there.
    pub(super) fn set(
        &mut self,
        miss: Miss,
        base: &str,
        (engine, group): (&[BoxMiddleware], &[BoxMiddleware]),
        handler: BoxEndpoint,
    ) {
        let base = segments(base.trim_end_matches('/'));
        let handler = match miss {
            Miss::Route => BoxEndpoint::new(AskedOnce(handler)),
            Miss::Method => BoxEndpoint::new(AllowAdded(handler)),
        };
        self.0
            .retain(|known| known.miss != miss || known.base != base);
        let chain = Chain::new(&[engine, group].concat(), handler.clone());
        self.0.push(Fallback {
            miss,
            base,
            middleware: group.to_vec(),
            handler,
            chain,
        });
        self.0.sort_by_cached_key(|fallback| rank(&fallback.base));
    }

    /// The engine has other middleware now.
    pub(super) fn rebuild(&mut self, engine: &[BoxMiddleware]) {
        for fallback in &mut self.0 {
            fallback.chain = Chain::new(
                &[engine, &fallback.middleware].concat(),
                fallback.handler.clone(),
            );
        }
    }

    /// What answers in the innermost group that `target` lies in.
    pub(super) fn find(&self, miss: Miss, target: &Target) -> Option<&Arc<Chain>> {
        self.of(miss, target).map(|fallback| &fallback.chain)
    }

    /// The same without middleware.
    pub(super) fn handler(&self, miss: Miss, target: &Target) -> Option<&BoxEndpoint> {
        self.of(miss, target).map(|fallback| &fallback.handler)
    }

    fn of(&self, miss: Miss, target: &Target) -> Option<&Fallback> {
        let mut fallbacks = self.0.iter();
        fallbacks.find(|fallback| fallback.miss == miss && within(target, &fallback.base))
    }
}

/// The segments of a group's path. One that is no pattern has no routes, and only itself below it.
fn segments(base: &str) -> Vec<Segment> {
    let literal = |segment: &str| Segment::Literal(segment.as_bytes().into());
    match pattern::parse(base) {
        Ok(route) => route.segments().to_vec(),
        Err(_) => base.split('/').skip(1).map(literal).collect(),
    }
}

/// The innermost group comes first, and of two that are equally deep, the one whose path is literal where they first differ.
fn rank(base: &[Segment]) -> impl Ord + use<> {
    let kinds = base.iter().map(|segment| match segment {
        Segment::Literal(_) => 0,
        Segment::Wild(shape) => usize::MAX - shape.prefix().len(),
        Segment::Rest(_) => usize::MAX,
    });
    (std::cmp::Reverse(base.len()), kinds.collect::<Vec<_>>())
}

/// Whether the path is that of the group or below it: segments are compared as a lookup compares them.
fn within(target: &Target, base: &[Segment]) -> bool {
    let mut path = target.as_str().split('/').skip(1);
    let mut next = || {
        let octets = path.next()?.as_bytes();
        Some(match target.is_raw() {
            true => path::decode(octets),
            false => octets.into(),
        })
    };
    base.iter().all(|segment| match (segment, next()) {
        (Segment::Literal(octets), Some(text)) => **octets == *text,
        (Segment::Wild(shape), Some(text)) => shape.capture(&text, false).is_some(),
        (Segment::Rest(_), text) => text.is_some(),
        (_, None) => false,
    })
}

/// A handler that is asked once for a target: when it says itself that nothing is found, that is the engine's 404.
struct AskedOnce(BoxEndpoint);

impl super::chain::ContextHandler<super::chain::Direct> for AskedOnce {
    fn call(&self, mut cx: Context) -> Reply {
        match cx.ask_once() {
            true => self.0.call(cx),
            false => Reply::ready(not_found()),
        }
    }
}

/// A handler whose response gets the `Allow` that the engine has found, unless it has one.
struct AllowAdded(BoxEndpoint);

impl super::chain::ContextHandler<super::chain::Direct> for AllowAdded {
    fn call(&self, mut cx: Context) -> Reply {
        let prepared: Option<http::Response<Body>> = cx.take_prepared();
        let allow = prepared.and_then(|mut response| response.headers_mut().remove(ALLOW));
        self.0.call(cx).map(|mut response| {
            if let Some(allow) = allow {
                response.headers_mut().entry(ALLOW).or_insert(allow);
            }
            response
        })
    }
}
