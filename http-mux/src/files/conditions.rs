//! Conditional requests (RFC 9110 section 13.2.2), in the order that the section gives.

use std::time::{Duration, SystemTime};

use http::Method;
use http::header::{
    HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, RANGE,
};

/// What tells one state of a file from another.
pub(super) struct Version {
    /// A strong entity tag, with its quotes.
    pub(super) tag: Option<String>,
    pub(super) modified: Option<SystemTime>,
}

/// What the conditions come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// 412.
    Failed,
    /// 304.
    NotModified,
    /// The content; a range is not asked for, or is for another version.
    Whole,
    /// The range that is asked for.
    MaybeRange,
}

pub(super) fn check(method: &Method, headers: &HeaderMap, version: &Version) -> Outcome {
    let safe = matches!(*method, Method::GET | Method::HEAD);
    let matched = match tags(headers, &IF_MATCH) {
        Some(tags) => listed(&tags, version, false),
        None => later(version, date(headers, &IF_UNMODIFIED_SINCE)) != Some(true),
    };
    if !matched {
        return Outcome::Failed;
    }
    let unchanged = match tags(headers, &IF_NONE_MATCH) {
        Some(tags) => listed(&tags, version, true),
        None if safe => later(version, date(headers, &IF_MODIFIED_SINCE)) == Some(false),
        None => false,
    };
    match (unchanged, safe) {
        (true, true) => return Outcome::NotModified,
        (true, false) => return Outcome::Failed,
        (false, _) => {}
    }
    let same = match headers
        .get(IF_RANGE)
        .map(|value| value.to_str().unwrap_or_default())
    {
        None => true,
        Some(tag) if tag.starts_with('"') => version.tag.as_deref() == Some(tag),
        // A date is a strong validator only if it is the very one that was sent.
        Some(date) => httpdate::parse_http_date(date)
            .is_ok_and(|date| seconds(version.modified) == Some(date)),
    };
    // For other methods a range has no meaning, HEAD included (RFC 9110 section 14.2).
    if same && *method == Method::GET && headers.contains_key(RANGE) {
        Outcome::MaybeRange
    } else {
        Outcome::Whole
    }
}

/// The whole value of a field, lines joined. A tag may have octets that are no ASCII.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    let lines = headers.get_all(name).iter();
    let lines: Vec<&[u8]> = lines.map(|line| line.as_bytes()).collect();
    (!lines.is_empty()).then(|| lines.join(&b','))
}

/// Whether the list has the version's tag, or is `*`. `weak`: a weak tag of the same text will do.
fn listed(list: &[u8], version: &Version, weak: bool) -> bool {
    if list.trim_ascii() == b"*" {
        return true;
    }
    let Some(own) = version.tag.as_ref().map(String::as_bytes) else {
        return false;
    };
    // Our own tags hold no comma, so a tag that is cut in two matches nothing.
    list.split(|&octet| octet == b',')
        .map(<[u8]>::trim_ascii)
        .any(|tag| match tag.strip_prefix(b"W/") {
            Some(tag) => weak && tag == own,
            None => tag == own,
        })
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

/// Whether the file was changed after that date, in whole seconds. Without a date of either, the condition is none.
fn later(version: &Version, since: Option<SystemTime>) -> Option<bool> {
    Some(seconds(version.modified)? > since?)
}

fn seconds(time: Option<SystemTime>) -> Option<SystemTime> {
    let since = time?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs()))
}
