//! Contexts are used again: what a context holds by its own is allocated once and then lent to request after request.

use std::sync::{Mutex, PoisonError};

use super::context::Inner;

/// How many contexts are kept where nothing else is said.
pub(super) const DEFAULT_CAPACITY: usize = 256;

/// The contexts that wait for a request.
#[derive(Debug, Default)]
#[allow(
    clippy::vec_box,
    reason = "the boxes themselves are lent; a list of values would move them"
)]
pub(super) struct Pool(Mutex<Vec<Box<Inner>>>);

impl Pool {
    pub(super) fn take(&self) -> Box<Inner> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop().unwrap_or_default()
    }

    /// Takes a context back, unless `capacity` of them wait already. It has been emptied.
    pub(super) fn put(&self, inner: Box<Inner>, capacity: usize) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < capacity {
            waiting.push(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Engine;
    use crate::engine::Context;
    use futures::FutureExt;
    use http::Request;
    use http_codec::Body;

    #[test]
    fn a_context_is_one_pointer() {
        assert_eq!(size_of::<Context>(), size_of::<usize>());
    }

    #[test]
    fn no_more_contexts_are_kept_than_is_said() {
        let mut engine = Engine::new();
        engine.settings_mut().pool = 3;
        engine.get("/", async |_: Context| {
            futures::future::pending::<()>().await
        });
        engine.get("/now", || "");
        let ask =
            |path: &str| engine.respond(Request::get(path).body(Body::empty()).expect("a request"));
        let waiting = || engine.core.pool.0.lock().expect("a lock").len();
        let mut running: Vec<_> = (0..10).map(|_| ask("/")).collect();
        running
            .iter_mut()
            .for_each(|reply| assert!(reply.now_or_never().is_none()));
        assert_eq!(waiting(), 0);
        drop(running);
        assert_eq!(waiting(), 3);
        assert!(ask("/now").now_or_never().is_some());
        assert_eq!(waiting(), 3);
    }
}
