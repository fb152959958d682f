//! Sending again what failed: an opt-in policy with a backoff and a budget.
//!
//! This is apart from the replay on a reused connection, which every transport does and which the server cannot notice. A
//! retry here is a new attempt, after a pause, at a request that may have reached the server: it is limited to what does no
//! harm when done twice, and by a budget, so that clients do not keep down a server that is going down.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, StatusCode};

use crate::error::{Error, ErrorKind, Phase};
use crate::replay;

/// When a client sends a request again that failed, or was answered with 429, 502, 503 or 504.
///
/// Only harmless requests are sent again (`GET`, `HEAD`, `OPTIONS`, `TRACE`, or with an `Idempotency-Key`), and any request
/// that never left because no connection could be made; only with content that can be produced again.
///
/// The default is three attempts in all, with a pause of 100 ms that doubles up to 10 s (half of it at random), and a budget of
/// ten retries that refills by one for each ten successful calls. Clones share the budget. `Retry-After`, in seconds or
/// as a date, is obeyed up to a minute.
#[derive(Clone, Debug)]
pub struct Retries {
    attempts: u32,
    base: Duration,
    most: Duration,
    budget: Arc<Budget>,
}

/// Tenths of retries.
#[derive(Debug)]
struct Budget {
    left: AtomicI64,
    most: i64,
}

const TENTHS: i64 = 10;

/// The longest `Retry-After` that is obeyed.
const PATIENCE: Duration = Duration::from_secs(60);

impl Default for Retries {
    fn default() -> Self {
        Retries::new(3)
    }
}

impl Retries {
    /// At most so many attempts in all.
    pub fn new(attempts: u32) -> Retries {
        let budget = Budget {
            left: AtomicI64::new(10 * TENTHS),
            most: 10 * TENTHS,
        };
        Retries {
            attempts,
            base: Duration::from_millis(100),
            most: Duration::from_secs(10),
            budget: Arc::new(budget),
        }
    }

    /// No retries.
    pub fn none() -> Retries {
        Retries::new(1)
    }

    /// The first pause, and the longest.
    #[must_use]
    pub fn with_backoff(mut self, base: Duration, most: Duration) -> Retries {
        self.base = base;
        self.most = most;
        self
    }

    /// How many retries may be spent before successes must have earned them.
    #[must_use]
    pub fn with_budget(mut self, retries: u32) -> Retries {
        let most = i64::from(retries) * TENTHS;
        self.budget = Arc::new(Budget {
            left: AtomicI64::new(most),
            most,
        });
        self
    }

    pub(crate) fn is_none(&self) -> bool {
        self.attempts <= 1
    }

    /// A call succeeded.
    pub(crate) fn earn(&self) {
        if self.budget.left.load(Ordering::Relaxed) < self.budget.most {
            self.budget.left.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The pause before the next attempt, if there may be one. `attempt` is the number of the one that failed, from 1.
    pub(crate) fn pause(&self, attempt: u32, told: Option<Duration>) -> Option<Duration> {
        if attempt >= self.attempts || told.is_some_and(|told| told > PATIENCE) {
            return None;
        }
        if self.budget.left.fetch_sub(TENTHS, Ordering::Relaxed) < TENTHS {
            self.budget.left.fetch_add(TENTHS, Ordering::Relaxed);
            return None;
        }
        let doubled = self
            .base
            .saturating_mul(1 << (attempt - 1).min(16))
            .min(self.most);
        let chance = f64::from(fastrand()) / f64::from(u32::MAX);
        Some(
            doubled
                .mul_f64(0.5 + chance / 2.0)
                .max(told.unwrap_or_default()),
        )
    }
}

/// Whether a failed request may be sent again.
pub(crate) fn may_retry(error: &Error, method: &Method, fields: &HeaderMap) -> bool {
    let lost = matches!(
        error.kind(),
        ErrorKind::Io | ErrorKind::Closed | ErrorKind::Timeout
    );
    let whole_call = error.is_timeout() && error.phase() == Phase::Call;
    error.is_retryable() && !whole_call || (lost && !whole_call && replay::harmless(method, fields))
}

/// Whether an answer asks for another attempt, and when.
pub(crate) fn asks_for_retry(status: StatusCode, fields: &HeaderMap) -> Option<Option<Duration>> {
    matches!(status.as_u16(), 429 | 502..=504).then(|| {
        let after = fields.get(http::header::RETRY_AFTER)?.to_str().ok()?;
        match after.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => {
                let date = httpdate::parse_http_date(after).ok()?;
                Some(date.duration_since(SystemTime::now()).unwrap_or_default())
            }
        }
    })
}

/// Good enough to spread retries: the hash of nothing with random keys.
fn fastrand() -> u32 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_within_their_bounds() {
        let retries = Retries::new(20).with_budget(100);
        for (attempt, least, most) in [
            (1, 50, 100),
            (2, 100, 200),
            (4, 400, 800),
            (12, 5000, 10_000),
        ] {
            let pause = retries.pause(attempt, None).unwrap().as_millis();
            assert!((least..=most).contains(&pause), "{attempt}: {pause}");
        }
        assert!(retries.pause(20, None).is_none());
    }

    #[test]
    fn what_the_server_says_is_obeyed_within_reason() {
        let retries = Retries::default();
        assert!(retries.pause(1, Some(Duration::from_secs(5))).unwrap() >= Duration::from_secs(5));
        assert!(retries.pause(1, Some(Duration::from_secs(3600))).is_none());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let told = |value: &str| {
            let value = http::HeaderValue::from_str(value).unwrap();
            let fields = HeaderMap::from_iter([(http::header::RETRY_AFTER, value)]);
            asks_for_retry(StatusCode::SERVICE_UNAVAILABLE, &fields).unwrap()
        };
        assert_eq!(told("7"), Some(Duration::from_secs(7)));
        assert_eq!(told("Wed, 09 Jun 2021 10:18:14 GMT"), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(30));
        assert!((20..=30).contains(&told(&soon).unwrap().as_secs()));
        assert_eq!(told("soon"), None);
        assert!(asks_for_retry(StatusCode::NOT_FOUND, &HeaderMap::new()).is_none());
    }

    #[test]
    fn the_budget_is_spent_and_earned() {
        let retries = Retries::new(100).with_budget(2);
        assert!(retries.pause(1, None).is_some());
        assert!(retries.pause(1, None).is_some());
        assert!(retries.pause(1, None).is_none());
        (0..10).for_each(|_| retries.earn());
        assert!(retries.pause(1, None).is_some());
    }
}
