//! `cookie-date`, as lenient as RFC 6265bis section 5.1.1 has it: the parts in any order, with anything in between.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The time that the text means, if it means one.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        if time.is_none() && clock(token).is_some() {
            time = clock(token);
        } else if day.is_none() && number(token, 1, 2).is_some() {
            day = number(token, 1, 2);
        } else if month.is_none() && month_of(token).is_some() {
            month = month_of(token);
        } else if year.is_none() && number(token, 2, 4).is_some() {
            year = number(token, 2, 4);
        }
    }
    let (day, month) = (day.filter(|day| (1..=31).contains(day))?, month?);
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let (hour, minute, second) = time?;
    if year < 1601 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let days = days_before(year, month, day);
    let following = match month {
        12 => days_before(year + 1, 1, 1),
        _ => days_before(year, month + 1, 1),
    };
    if days >= following {
        // A day that the month does not have.
        return None;
    }
    let seconds = days * 86_400 + i64::from(hour * 3600 + minute * 60 + second);
    let since = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        UNIX_EPOCH.checked_sub(since)
    } else {
        UNIX_EPOCH.checked_add(since)
    }
}

fn is_delimiter(char: char) -> bool {
    matches!(char, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

/// The leading digits of a token, if there are `least..=most` of them.
fn number(token: &str, least: usize, most: usize) -> Option<u32> {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    (least..=most)
        .contains(&digits)
        .then(|| token[..digits].parse().ok())?
}

fn clock(token: &str) -> Option<(u32, u32, u32)> {
    let mut parts = token.splitn(3, ':');
    let mut next = || number(parts.next()?, 1, 2);
    Some((next()?, next()?, next()?))
}

fn month_of(token: &str) -> Option<u32> {
    let start = token.get(..3)?;
    let at = MONTHS
        .iter()
        .position(|month| start.eq_ignore_ascii_case(month))?;
    Some(at as u32 + 1)
}

/// Days from the epoch to a date of the Gregorian calendar.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_servers_send() {
        let expected = httpdate::parse_http_date("Wed, 09 Jun 2021 10:18:14 GMT").unwrap();
        for text in [
            "Wed, 09 Jun 2021 10:18:14 GMT",
            "Wed, 09-Jun-2021 10:18:14 GMT",
            "Wednesday, 09-Jun-21 10:18:14 GMT",
            "Wed Jun  9 10:18:14 2021",
            "9 june 2021 10:18:14",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("Thu, 01 Jan 1970 00:00:00 GMT"), Some(UNIX_EPOCH));
        for text in ["29 Feb 2024 0:0:0", "31 Dec 2024 0:0:0"] {
            assert!(parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "Wed, 32 Jun 2021 10:18:14",
            "Wed, 31 Jun 2021 10:18:14",
            "Mon, 29 Feb 2021 10:18:14",
            "Wed, 09 Jun 2021 25:00:00",
            "1 Jan 1600 0:0:0",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
