//! The pool over connections that are only names.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use http::Uri;
use tokio::runtime::{Handle, Id as RuntimeId};
use tokio::time::Instant;

use super::{Bounds, Dial, Pool, Pooled, Slot, Source, Stats};
use crate::dial::Route;
use crate::error::{Error, ErrorKind, Phase};
use crate::origin::Key;

static NAMES: AtomicUsize = AtomicUsize::new(0);

struct Fake {
    name: usize,
    slot: Slot<Fake>,
    runtime: RuntimeId,
    born: Instant,
    closed: Arc<AtomicBool>,
}

impl Fake {
    fn new(slot: Slot<Fake>) -> Fake {
        let name = NAMES.fetch_add(1, Ordering::Relaxed);
        Fake {
            name,
            slot,
            runtime: Handle::current().id(),
            born: Instant::now(),
            closed: Arc::default(),
        }
    }
}

impl Pooled for Fake {
    fn slot(&self) -> &Slot<Self> {
        &self.slot
    }
    fn slot_mut(&mut self) -> &mut Slot<Self> {
        &mut self.slot
    }
    fn runtime(&self) -> RuntimeId {
        self.runtime
    }
    fn born(&self) -> Instant {
        self.born
    }
    fn poll_disturbed(&mut self, _: &mut Context<'_>) -> Poll<()> {
        if self.closed.load(Ordering::Relaxed) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

fn dial_after(millis: u64) -> impl Fn(Slot<Fake>) -> Dial<Fake> + Send + Unpin + Clone {
    move |slot| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(Fake::new(slot))
        })
    }
}

fn failing_dial(slot: Slot<Fake>) -> Dial<Fake> {
    Box::pin(async move {
        drop(slot);
        Err(Error::new(ErrorKind::Connect, Phase::Connect))
    })
}

async fn take(
    pool: &Arc<Pool<Fake>>,
    dial: impl Fn(Slot<Fake>) -> Dial<Fake> + Send + Unpin,
) -> Result<(Fake, Source), Error> {
    let uri: Uri = "http://example.com/".parse().unwrap();
    let key = Key::of(&uri, &Route::Direct)?;
    let taken = pool.take(&key, Handle::current().id(), dial).await?;
    Ok((taken.connection, taken.source))
}

fn counts(stats: &Stats) -> (usize, usize, usize, usize) {
    (
        stats.idle(),
        stats.active(),
        stats.dialing(),
        stats.waiting(),
    )
}

#[tokio::test(start_paused = true)]
async fn the_newest_idle_connection_is_taken() {
    let pool = Pool::new(Bounds::default());
    let (one, _) = take(&pool, dial_after(1)).await.unwrap();
    let (two, source) = take(&pool, dial_after(1)).await.unwrap();
    assert_eq!(source, Source::Dialed);
    let newest = two.name;
    pool.park(one, Instant::now());
    pool.park(two, Instant::now());
    assert_eq!(counts(&pool.stats()), (2, 0, 0, 0));
    let (taken, source) = take(&pool, dial_after(1)).await.unwrap();
    assert_eq!(taken.name, newest);
    assert!(matches!(source, Source::Idle(_)));
    assert_eq!(pool.stats().hosts[0].reused, 1);
}

#[tokio::test(start_paused = true)]
async fn a_freed_connection_beats_the_dial_and_the_dial_is_parked() {
    let pool = Pool::new(Bounds::default());
    let (one, _) = take(&pool, dial_after(1)).await.unwrap();
    let name = one.name;
    let second = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { take(&pool, dial_after(1000)).await.unwrap() }
    });
    tokio::task::yield_now().await;
    assert_eq!(counts(&pool.stats()), (0, 1, 1, 1));
    pool.park(one, Instant::now());
    let (taken, source) = second.await.unwrap();
    assert_eq!((taken.name, source), (name, Source::Freed));
    assert_eq!(counts(&pool.stats()), (0, 1, 1, 0));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(counts(&pool.stats()), (1, 1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn waiters_are_served_in_their_order_and_newcomers_never_overtake() {
    let pool = Pool::new(Bounds {
        max_per_host: 1,
        ..Bounds::default()
    });
    let (mut connection, _) = take(&pool, dial_after(1)).await.unwrap();
    let (report, mut served) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..5 {
        let (pool, report) = (Arc::clone(&pool), report.clone());
        tokio::spawn(async move {
            let (connection, _) = take(&pool, dial_after(1)).await.unwrap();
            report.send((number, connection)).unwrap();
        });
        tokio::task::yield_now().await;
    }
    assert_eq!(counts(&pool.stats()), (0, 1, 0, 5));
    for expected in 0..5 {
        pool.park(connection, Instant::now());
        let (number, next) = served.recv().await.unwrap();
        assert_eq!(number, expected);
        connection = next;
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_connection_lets_the_front_waiter_dial() {
    let pool = Pool::new(Bounds {
        max_per_host: 1,
        ..Bounds::default()
    });
    let (first, _) = take(&pool, dial_after(1)).await.unwrap();
    let waiting = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { take(&pool, dial_after(1)).await.unwrap().1 }
    });
    tokio::task::yield_now().await;
    drop(first);
    assert_eq!(waiting.await.unwrap(), Source::Dialed);
    assert_eq!(counts(&pool.stats()), (0, 0, 0, 0));
}

/// What lies behind its last response would be taken for the answer to the next request.
#[tokio::test(start_paused = true)]
async fn a_disturbed_connection_is_not_handed_to_a_waiter() {
    let pool = Pool::new(Bounds {
        max_per_host: 1,
        ..Bounds::default()
    });
    let (first, _) = take(&pool, dial_after(1)).await.unwrap();
    let waiting = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { take(&pool, dial_after(1)).await.unwrap().1 }
    });
    tokio::task::yield_now().await;
    first.closed.store(true, Ordering::Relaxed);
    pool.park(first, Instant::now());
    assert_eq!(waiting.await.unwrap(), Source::Dialed);
    assert_eq!(counts(&pool.stats()), (0, 0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn each_failed_dial_fails_one_waiter() {
    let pool = Pool::new(Bounds {
        max_per_host: 2,
        ..Bounds::default()
    });
    let calls: Vec<_> = (0..7).map(|_| take(&pool, failing_dial)).collect();
    for outcome in futures::future::join_all(calls).await {
        assert_eq!(
            outcome.err().map(|error| error.kind()),
            Some(ErrorKind::Connect)
        );
    }
    assert!(pool.stats().hosts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn disturbed_and_expired_connections_are_not_taken() {
    let pool = Pool::new(Bounds::default());
    let (one, _) = take(&pool, dial_after(1)).await.unwrap();
    let (two, _) = take(&pool, dial_after(1)).await.unwrap();
    two.closed.store(true, Ordering::Relaxed);
    let name = one.name;
    pool.park(one, Instant::now());
    pool.park(two, Instant::now());
    let (taken, _) = take(&pool, dial_after(1)).await.unwrap();
    assert_eq!(taken.name, name);
    pool.park(taken, Instant::now());
    tokio::time::sleep(Duration::from_secs(91)).await;
    assert!(pool.stats().hosts.is_empty(), "the janitor has removed it");
}

#[tokio::test(start_paused = true)]
async fn a_closed_idle_connection_leaves_within_a_second() {
    let pool = Pool::new(Bounds::default());
    let (one, _) = take(&pool, dial_after(1)).await.unwrap();
    let closed = Arc::clone(&one.closed);
    pool.park(one, Instant::now());
    closed.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(pool.stats().hosts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_idleness() {
    let pool = Pool::new(Bounds {
        max_idle: 2,
        ..Bounds::default()
    });
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(take(&pool, dial_after(1)).await.unwrap().0);
    }
    all.into_iter()
        .for_each(|connection| pool.park(connection, Instant::now()));
    assert_eq!(counts(&pool.stats()), (2, 0, 0, 0));
    pool.close_idle();
    assert!(pool.stats().hosts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_comes_home_after_close_idle_is_closed_until_the_next_request() {
    let pool = Pool::new(Bounds::default());
    let (one, _) = take(&pool, dial_after(1)).await.unwrap();
    pool.close_idle();
    pool.park(one, Instant::now());
    assert!(pool.stats().hosts.is_empty());
    let (two, _) = take(&pool, dial_after(1)).await.unwrap();
    pool.park(two, Instant::now());
    assert_eq!(pool.stats().idle(), 1);
}

/// 10,000 calls, cancelled at random moments: no slot leaks, no waiter is lost.
#[tokio::test(start_paused = true)]
async fn accounting_survives_random_cancellation() {
    let pool = Pool::new(Bounds {
        max_per_host: 8,
        max_idle: 4,
        ..Bounds::default()
    });
    let served = Arc::new(AtomicUsize::new(0));
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..10_000 {
        let (pool, served) = (Arc::clone(&pool), Arc::clone(&served));
        let (begin, patience, dial, use_for, fate) = (
            next() % 5000,
            next() % 40,
            next() % 20,
            next() % 10,
            next() % 8,
        );
        calls.spawn(async move {
            tokio::time::sleep(Duration::from_millis(begin)).await;
            let making = move |slot: Slot<Fake>| -> Dial<Fake> {
                if fate == 0 {
                    failing_dial(slot)
                } else {
                    dial_after(dial)(slot)
                }
            };
            let patience = Duration::from_millis(if fate == 1 { 100_000 } else { patience });
            let Ok(Ok((connection, _))) = tokio::time::timeout(patience, take(&pool, making)).await
            else {
                return;
            };
            tokio::time::sleep(Duration::from_millis(use_for)).await;
            served.fetch_add(1, Ordering::Relaxed);
            if fate == 2 {
                connection.closed.store(true, Ordering::Relaxed);
            }
            if fate != 3 {
                pool.park(connection, Instant::now());
            }
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(served.load(Ordering::Relaxed) > 1000);
    let (idle, active, dialing, waiting) = counts(&pool.stats());
    assert_eq!((active, dialing, waiting), (0, 0, 0));
    assert!(idle <= 4);
    pool.close_idle();
    assert!(pool.stats().hosts.is_empty());
}

/// The waiter whose delivery was already made when it is dropped.
#[tokio::test(start_paused = true)]
async fn a_dropped_waiter_passes_its_delivery_on() {
    let pool = Pool::new(Bounds {
        max_per_host: 1,
        ..Bounds::default()
    });
    let (connection, _) = take(&pool, dial_after(1)).await.unwrap();
    let mut first: Pin<Box<dyn Future<Output = _>>> = Box::pin(take(&pool, dial_after(1)));
    let mut second: Pin<Box<dyn Future<Output = _>>> = Box::pin(take(&pool, dial_after(1)));
    poll_fn(|cx| {
        assert!(first.as_mut().poll(cx).is_pending());
        assert!(second.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    pool.park(connection, Instant::now());
    drop(first);
    let (_, source) = second.await.unwrap();
    assert_eq!(source, Source::Freed);
}

/// Wakers are anybody's, and may ask for the pool: how it fares, or by dropping a connection.
#[tokio::test(start_paused = true)]
async fn a_task_is_woken_without_the_lock() {
    struct Woken(Arc<Pool<Fake>>, AtomicUsize);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            assert!(self.0.table.try_lock().is_ok());
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }
    let pool = Pool::new(Bounds {
        max_per_host: 1,
        ..Bounds::default()
    });
    let (connection, _) = take(&pool, dial_after(1)).await.unwrap();
    let mut waiting = Box::pin(take(&pool, dial_after(1)));
    let woken = Arc::new(Woken(Arc::clone(&pool), AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    pool.park(connection, Instant::now());
    assert_eq!(woken.1.load(Ordering::Relaxed), 1);
    assert_eq!(waiting.await.unwrap().1, Source::Freed);
}

/// A call that is held and not polled, as behind a `select!` or in a buffer of futures, holds nobody else up.
#[tokio::test(start_paused = true)]
async fn a_waiter_that_nobody_polls_takes_no_dial_of_another() {
    for dial in [0, 10] {
        let pool = Pool::new(Bounds::default());
        let mut held = Box::pin(take(&pool, dial_after(5)));
        assert!(
            poll_fn(|cx| Poll::Ready(held.as_mut().poll(cx)))
                .await
                .is_pending()
        );
        let other = tokio::time::timeout(Duration::from_secs(9), take(&pool, dial_after(dial)));
        assert_eq!(other.await.unwrap().unwrap().1, Source::Dialed);
        let failed = tokio::time::timeout(Duration::from_secs(9), take(&pool, failing_dial));
        assert!(failed.await.unwrap().is_err());
        assert_eq!(held.await.unwrap().1, Source::Dialed);
    }
}

/// A connection is of no use to a waiter of another runtime; it must not keep the waiter from the last room either.
#[tokio::test(start_paused = true)]
async fn a_waiter_of_another_runtime_is_not_starved() {
    let other = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let id = other.handle().id();
    let pool = Pool::new(Bounds {
        max_per_host: 1,
        ..Bounds::default()
    });
    let (connection, _) = take(&pool, dial_after(1)).await.unwrap();
    let foreign = move |slot: Slot<Fake>| -> Dial<Fake> {
        Box::pin(async move {
            let mut made = Fake::new(slot);
            made.runtime = id;
            Ok(made)
        })
    };
    let uri: Uri = "http://example.com/".parse().unwrap();
    let key = Key::of(&uri, &Route::Direct).unwrap();
    let mut waiting = Box::pin(pool.take(&key, id, foreign));
    poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    pool.park(connection, Instant::now());
    assert_eq!(waiting.await.unwrap().source, Source::Dialed);
    other.shutdown_background();
}

/// One who is in a hurry does not spoil the dial of another.
#[tokio::test(start_paused = true)]
async fn a_failed_dial_fails_the_one_whose_it_was() {
    let pool = Pool::new(Bounds::default());
    let hasty = |slot: Slot<Fake>| -> Dial<Fake> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            failing_dial(slot).await
        })
    };
    let begun = Instant::now();
    let (patient, hasty) = tokio::join!(take(&pool, dial_after(1000)), async {
        let taken = take(&pool, hasty).await;
        assert_eq!(begun.elapsed(), Duration::from_millis(50));
        taken
    });
    assert!(hasty.is_err());
    assert_eq!(patient.unwrap().1, Source::Dialed);
}

/// Room that was kept for a dial in flight goes to the waiter of another runtime, to whom its connection is of no use.
#[tokio::test(start_paused = true)]
async fn a_waiter_of_another_runtime_gets_the_room_of_a_dial_that_is_not_for_it() {
    let other = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let id = other.handle().id();
    let pool = Pool::new(Bounds {
        max_per_host: 2,
        ..Bounds::default()
    });
    let (connection, _) = take(&pool, dial_after(1)).await.unwrap();
    let cancelled = tokio::time::timeout(Duration::from_millis(10), take(&pool, dial_after(100)));
    assert!(cancelled.await.is_err());
    let foreign = move |slot: Slot<Fake>| -> Dial<Fake> {
        Box::pin(async move {
            let mut made = Fake::new(slot);
            made.runtime = id;
            Ok(made)
        })
    };
    let uri: Uri = "http://example.com/".parse().unwrap();
    let key = Key::of(&uri, &Route::Direct).unwrap();
    let mut waiting = Box::pin(pool.take(&key, id, foreign));
    poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    drop(connection);
    let taken = tokio::time::timeout(Duration::from_secs(1), waiting);
    assert_eq!(taken.await.unwrap().unwrap().source, Source::Dialed);
    other.shutdown_background();
}
