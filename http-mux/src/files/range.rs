//! Range requests (RFC 9110 section 14.2): `Range: bytes=first-[last]`, `bytes=-suffix`.
//!
//! One range is answered with its part. Several are answered with the whole content, which the section allows, and which
//! costs no more than the parts.

use http::header::{HeaderMap, RANGE};

/// What of the content is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Whole,
    Part {
        start: u64,
        length: u64,
    },
    /// No octet of the content lies in the range: 416.
    Nothing,
}

pub(super) fn wanted(headers: &HeaderMap, size: u64) -> Wanted {
    let value = headers.get(RANGE).and_then(|value| value.to_str().ok());
    match value.and_then(|value| value.trim().strip_prefix("bytes=")) {
        Some(ranges) if size > 0 && !ranges.contains(',') => one(ranges.trim(), size),
        _ => Wanted::Whole,
    }
}

/// What is no range is ignored, as an unknown unit is.
fn one(range: &str, size: u64) -> Wanted {
    let Some((first, last)) = range.split_once('-') else {
        return Wanted::Whole;
    };
    let (first, last) = (number(first), number(last));
    match (first, last) {
        (Some(Some(start)), Some(last)) => {
            let last = last.unwrap_or(u64::MAX);
            if last < start {
                return Wanted::Whole;
            }
            match start < size {
                true => Wanted::Part {
                    start,
                    length: last.min(size - 1) - start + 1,
                },
                false => Wanted::Nothing,
            }
        }
        (Some(None), Some(Some(0))) => Wanted::Nothing,
        (Some(None), Some(Some(suffix))) => {
            let length = suffix.min(size);
            Wanted::Part {
                start: size - length,
                length,
            }
        }
        _ => Wanted::Whole,
    }
}

/// `None`: no number. `Some(None)`: nothing there. A number too large for us is as good as the largest.
fn number(digits: &str) -> Option<Option<u64>> {
    if digits.is_empty() {
        return Some(None);
    }
    digits
        .bytes()
        .all(|octet| octet.is_ascii_digit())
        .then(|| Some(digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let part = |start, length| Wanted::Part { start, length };
        let rows = [
            ("0-0", part(0, 1)),
            ("2-", part(2, 8)),
            ("2-99999999999999999999999", part(2, 8)),
            ("-3", part(7, 3)),
            ("-30", part(0, 10)),
            ("-0", Wanted::Nothing),
            ("10-", Wanted::Nothing),
            ("5-2", Wanted::Whole),
            ("x-2", Wanted::Whole),
            ("-", Wanted::Whole),
        ];
        for (range, wanted) in rows {
            assert_eq!(one(range, 10), wanted, "{range}");
        }
    }
}
