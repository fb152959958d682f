//! How others wake a connection's task.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The waker of the task that a connection runs in. It stays when it has been used: a task changes seldom, if ever, so that
/// nothing is to be done for most of its waits.
#[derive(Debug, Default)]
pub(crate) struct TaskWaker(Mutex<Option<Waker>>);

impl TaskWaker {
    /// From now on this task is woken.
    pub(crate) fn set(&self, waker: &Waker) {
        let before = self.lock().replace(waker.clone());
        // What it drops may be of the user's making.
        drop(before);
    }

    /// Wakes the task, if there is one yet.
    pub(crate) fn wake(&self) {
        let waker = self.lock().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_last_task_is_woken_each_time() {
        let waker = TaskWaker::default();
        waker.wake();
        let [one, other] = [(), ()].map(|()| Arc::new(Count::default()));
        waker.set(&Waker::from(Arc::clone(&one)));
        waker.wake();
        waker.set(&Waker::from(Arc::clone(&other)));
        waker.wake();
        waker.wake();
        let woken = [one, other].map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [1, 2]);
    }
}
