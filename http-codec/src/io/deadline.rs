//! One timer for all the deadlines of a connection.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// A deadline that is cheap to move.
///
/// The timer behind it is armed when the deadline is first polled, and re-armed only when it fires too early or the
/// deadline moved forward in time: a deadline that is set for each request and hardly ever reached costs no timer
/// operation a request.
#[derive(Debug, Default)]
pub struct Deadline {
    at: Option<Instant>,
    timer: Option<Timer>,
}

#[derive(Debug)]
struct Timer {
    sleep: Pin<Box<Sleep>>,
    /// Whom the sleep wakes: while that is the task that asks, and the sleep goes on, there is nothing to poll.
    wakes: Waker,
}

impl Deadline {
    /// No deadline.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the deadline; `None` is never.
    pub fn set(&mut self, at: impl Into<Option<Instant>>) {
        self.at = at.into();
    }

    /// When it is.
    pub fn at(&self) -> Option<Instant> {
        self.at
    }

    /// Ready when the deadline has passed; the deadline stays.
    ///
    /// # Panics
    ///
    /// If the runtime has no timer enabled.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else {
            return Poll::Pending;
        };
        let Some(timer) = &mut self.timer else {
            let mut sleep = Box::pin(sleep_until(at));
            if poll_timer(sleep.as_mut(), cx).is_ready() {
                return Poll::Ready(());
            }
            self.timer = Some(Timer {
                sleep,
                wakes: cx.waker().clone(),
            });
            return Poll::Pending;
        };
        let Timer { sleep, wakes } = timer;
        if sleep.deadline() > at {
            sleep.as_mut().reset(at);
        } else if !sleep.is_elapsed() && wakes.will_wake(cx.waker()) {
            return Poll::Pending;
        }
        while poll_timer(sleep.as_mut(), cx).is_ready() {
            if sleep.deadline() >= at {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(at);
        }
        wakes.clone_from(cx.waker());
        Poll::Pending
    }

    /// Gives the timer back; the deadline stays.
    pub fn release(&mut self) {
        self.timer = None;
    }
}

/// Polls a timer, whatever its task has done before. Without budget left it would not take the waker and only ask for another poll,
/// which is spared when the timer is thought to go on: it would never fire.
fn poll_timer(sleep: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
    Pin::new(&mut unconstrained(sleep)).poll(cx)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_moved_deadline_fires_at_its_new_time() {
        let start = Instant::now();
        let mut deadline = Deadline::new();
        for (set, moved) in [(1, 5), (5, 1), (3, 3)] {
            let start = Instant::now();
            deadline.set(start + Duration::from_secs(set));
            assert!(
                poll_fn(|cx| Poll::Ready(deadline.poll(cx)))
                    .await
                    .is_pending()
            );
            deadline.set(start + Duration::from_secs(moved));
            poll_fn(|cx| deadline.poll(cx)).await;
            assert_eq!(start.elapsed().as_secs(), moved);
        }
        assert_eq!(start.elapsed().as_secs(), 9);
    }

    /// Does what a task may do before it must yield, but for `left` times: without any, tokio's timers only ask to be polled again.
    fn spend_budget(cx: &mut Context<'_>, left: usize) {
        const BUDGET: usize = 128;
        for _ in left..BUDGET {
            let spent = std::pin::pin!(tokio::task::consume_budget()).poll(cx);
            assert!(spent.is_ready(), "the budget is larger");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_fires_whatever_its_task_has_done() {
        for left in 0..4 {
            let start = Instant::now();
            let mut deadline = Deadline::new();
            deadline.set(start + Duration::from_secs(1));
            let fired = poll_fn(|cx| {
                // First when there is no timer yet, then when it fires too early.
                if matches!(start.elapsed().as_secs(), 0 | 1) {
                    spend_budget(cx, left);
                }
                let polled = deadline.poll(cx);
                deadline.set(start + Duration::from_secs(5));
                polled
            });
            let fired = tokio::time::timeout(Duration::from_secs(9), fired).await;
            assert!(fired.is_ok(), "{left} left");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_deadline_never_fires() {
        let mut deadline = Deadline::new();
        let waited = tokio::time::timeout(Duration::from_secs(9), poll_fn(|cx| deadline.poll(cx)));
        assert!(waited.await.is_err());
    }
}
