//! The time of day, for log lines: UTC, without a time zone database.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment, printed as `2006/01/02 - 15:04:05`.
pub(super) struct Stamp(pub(super) SystemTime);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self
            .0
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let (year, month, day) = date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}/{month:02}/{day:02} - {hour:02}:{minute:02}:{second:02}"
        )
    }
}

/// Year, month and day of a day since 1970, in the Gregorian calendar: years are counted from March, so that the leap day is
/// the last of its year.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn leap_days_and_centuries() {
        let stamp = |seconds| Stamp(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!(stamp(0), "1970/01/01 - 00:00:00");
        assert_eq!(stamp(951_782_399), "2000/02/28 - 23:59:59");
        assert_eq!(stamp(951_782_400), "2000/02/29 - 00:00:00");
        assert_eq!(stamp(4_107_542_400), "2100/03/01 - 00:00:00");
    }
}
