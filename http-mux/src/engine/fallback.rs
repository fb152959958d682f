//! Who answers what no route matches: handlers of the engine, or of the group whose path the request lies below.

use std::sync::Arc;

use http::header::ALLOW;
use http_codec::Body;

use super::chain::{BoxEndpoint, BoxMiddleware, Chain};
use super::context::Context;
use crate::handler::Reply;

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
    /// The group's path; empty for the engine's own.
    base: String,
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
        let base = base.trim_end_matches('/').to_owned();
        let handler = match miss {
            Miss::Route => handler,
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
        self.0
            .sort_by_key(|fallback| std::cmp::Reverse(fallback.base.len()));
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

    /// What answers in the innermost group that `path` lies in.
    pub(super) fn find(&self, miss: Miss, path: &str) -> Option<&Arc<Chain>> {
        self.of(miss, path).map(|fallback| &fallback.chain)
    }

    /// The same without middleware.
    pub(super) fn handler(&self, miss: Miss, path: &str) -> Option<&BoxEndpoint> {
        self.of(miss, path).map(|fallback| &fallback.handler)
    }

    fn of(&self, miss: Miss, path: &str) -> Option<&Fallback> {
        let within = |base: &str| {
            path.strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || base.is_empty())
        };
        let mut fallbacks = self.0.iter();
        fallbacks.find(|fallback| fallback.miss == miss && within(&fallback.base))
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
