//! A name for each request, to find it again in logs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use http::Response;
use http::header::{HeaderName, HeaderValue};
use http_codec::Body;

use super::Shipped;
use crate::engine::chain::{Middleware, Next};
use crate::engine::context::Context;
use crate::handler::Reply;

/// Gives each request an id: the field `X-Request-Id` in the request, as handlers see it, and in the response.
///
/// An id that the peer has sent is kept if it is at most 128 visible ASCII characters. Ids of our own are unique among
/// processes, and not secret.
#[derive(Debug, Clone)]
pub struct RequestId {
    name: HeaderName,
    next: Arc<Counter>,
}

#[derive(Debug)]
struct Counter {
    process: u64,
    count: AtomicU64,
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl RequestId {
    /// In the field `X-Request-Id`.
    pub fn new() -> Self {
        Self::named(HeaderName::from_static("x-request-id"))
    }

    /// In a field of another name.
    pub fn named(name: HeaderName) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        let process = RandomState::new().hash_one((now, std::process::id()));
        Self {
            name,
            next: Arc::new(Counter {
                process,
                count: AtomicU64::new(0),
            }),
        }
    }

    fn make(&self) -> HeaderValue {
        let count = self.next.count.fetch_add(1, Ordering::Relaxed);
        let text = format!("{:016x}-{count:08x}", self.next.process);
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("0"))
    }
}

impl Middleware<Shipped> for RequestId {
    fn call(&self, mut cx: Context, next: Next) -> Reply {
        let sent = cx
            .headers()
            .get(&self.name)
            .filter(|id| acceptable(id))
            .cloned();
        let id = sent.unwrap_or_else(|| self.make());
        cx.request_mut()
            .headers_mut()
            .insert(&self.name, id.clone());
        let name = self.name.clone();
        next.run(cx).map(move |mut response: Response<Body>| {
            response.headers_mut().entry(name).or_insert(id);
            response
        })
    }
}

fn acceptable(id: &HeaderValue) -> bool {
    (1..=128).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
}
