//! The `Date` field's value, formatted once a second (RFC 9110 section 6.6.1).

use std::cell::RefCell;
use std::fmt::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_codec::head::write::IMF_FIXDATE;

/// One thread's formatted second, and until when it is the truth.
struct Clock {
    octets: [u8; IMF_FIXDATE],
    until: Option<Instant>,
}

thread_local! {
    static CLOCK: RefCell<Clock> = const { RefCell::new(Clock { octets: [b' '; IMF_FIXDATE], until: None }) };
}

/// Hands the current date to `use_it` as the octets of an IMF-fixdate.
///
/// `now` is a reading of the monotonic clock that the caller has at hand, so that a request costs no further one.
pub(crate) fn with<R>(now: Instant, use_it: impl FnOnce(&[u8; IMF_FIXDATE]) -> R) -> R {
    CLOCK.with_borrow_mut(|clock| {
        if clock.until.is_none_or(|until| now >= until) {
            clock.format(now, SystemTime::now());
        }
        use_it(&clock.octets)
    })
}

impl Clock {
    fn format(&mut self, now: Instant, date: SystemTime) {
        let since = date.duration_since(UNIX_EPOCH).unwrap_or_default();
        let left = Duration::from_secs(1) - Duration::from_nanos(u64::from(since.subsec_nanos()));
        self.until = Some(now + left);
        let mut text = Text {
            octets: &mut self.octets,
            length: 0,
        };
        // Cannot fail: `Text` cuts what does not fit.
        let _ = write!(text, "{}", httpdate::HttpDate::from(date));
    }
}

/// A fixed piece of memory as a `fmt::Write`.
struct Text<'a> {
    octets: &'a mut [u8; IMF_FIXDATE],
    length: usize,
}

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = &mut self.octets[self.length..];
        let fits = text.len().min(room.len());
        room[..fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.length += fits;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_an_imf_fixdate() {
        let text = with(Instant::now(), |octets| String::from_utf8(octets.to_vec()));
        let parsed = httpdate::parse_http_date(&text.expect("ASCII")).expect("a date");
        let apart = SystemTime::now()
            .duration_since(parsed)
            .expect("not ahead of the clock");
        assert!(apart < Duration::from_secs(3));
    }

    #[test]
    fn a_date_holds_for_the_rest_of_its_second() {
        let now = Instant::now();
        let mut clock = Clock {
            octets: [b' '; IMF_FIXDATE],
            until: None,
        };
        clock.format(now, UNIX_EPOCH + Duration::from_millis(784_111_777_250));
        assert_eq!(&clock.octets, b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(clock.until, Some(now + Duration::from_millis(750)));
    }
}
