//! Octets: random, in pieces, by range.

use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, RANGE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_codec::Body;

use super::query::Query;
use super::reply::{field_value, text};
use super::{PathArgs, Refusal, Reply};

const OCTETS: &str = "application/octet-stream";
const MOST: usize = 100 * 1024;

/// `/bytes/{n}?seed=`: n random octets, at most 100 KiB; the same ones for the same seed.
pub async fn bytes(request: Request<Body>, path: PathArgs) -> Reply {
    let n = path.parse::<usize>("n")?.min(MOST);
    Ok(text(OCTETS, random(&Query::of(request.uri()), n)?))
}

/// `/stream-bytes/{n}?seed=&chunk_size=`: the same in chunks.
pub async fn stream_bytes(request: Request<Body>, path: PathArgs) -> Reply {
    let query = Query::of(request.uri());
    let n = path.parse::<usize>("n")?.min(MOST);
    let pieces = Pieces {
        size: chunk_size(&query)?,
        pause: Duration::ZERO,
    };
    Ok(text(OCTETS, pieces.body(random(&query, n)?)))
}

/// `/range/{n}?duration=&chunk_size=`: n octets of the alphabet, over and over; the range that was asked for.
pub async fn range(request: Request<Body>, path: PathArgs) -> Reply {
    let n: u64 = path.parse("n")?;
    if n == 0 || n > MOST as u64 {
        let mut refused = text(
            "text/plain; charset=utf-8",
            "number of bytes must be in the range (0, 102400]",
        );
        *refused.status_mut() = StatusCode::NOT_FOUND;
        return describe(refused, n);
    }
    let query = Query::of(request.uri());
    let duration = query.seconds("duration", 0.0, 60.0)?;
    let pieces = Pieces::over(duration, n as usize, chunk_size(&query)?);
    let Some(range) = asked(request.headers(), n) else {
        let mut refused = describe(text("text/plain; charset=utf-8", Body::empty()), n)?;
        *refused.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        refused
            .headers_mut()
            .insert(CONTENT_RANGE, field_value(&format!("bytes */{n}"))?);
        return Ok(refused);
    };
    let (first, last) = range.clone().into_inner();
    let octets: Bytes = range.map(|at| b'a' + (at % 26) as u8).collect();
    let length = octets.len();
    let mut response = describe(text(OCTETS, pieces.body(octets)), n)?;
    if length as u64 != n {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let fields = response.headers_mut();
    fields.insert(
        CONTENT_RANGE,
        field_value(&format!("bytes {first}-{last}/{n}"))?,
    );
    fields.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}

fn describe(mut response: Response<Body>, n: u64) -> Reply {
    response
        .headers_mut()
        .insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
        .headers_mut()
        .insert(ETAG, field_value(&format!("\"range{n}\""))?);
    Ok(response)
}

/// The one range of `Range: bytes=..` (RFC 9110 section 14.1.2); all, where the field is absent or not understood; `None`
/// where nothing of it lies within.
fn asked(headers: &HeaderMap, length: u64) -> Option<RangeInclusive<u64>> {
    let all = 0..=length - 1;
    let Some(spec) = headers
        .get(RANGE)
        .and_then(|value| value.to_str().ok()?.trim().strip_prefix("bytes="))
    else {
        return Some(all);
    };
    let Some((first, last)) = spec.split_once('-') else {
        return Some(all);
    };
    let (first, last) = (first.trim(), last.trim());
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..=last.min(length - 1),
        (Ok(first), Err(_)) if last.is_empty() => first..=length - 1,
        (Err(_), Ok(count)) if first.is_empty() && count > 0 => {
            length.saturating_sub(count)..=length - 1
        }
        (Err(_), Ok(0)) if first.is_empty() => return None,
        _ => return Some(all),
    };
    (*range.start() < length).then_some(range)
}

fn chunk_size(query: &Query) -> Result<usize, Refusal> {
    Ok(query.number("chunk_size", 10 * 1024)?.max(1))
}

fn random(query: &Query, n: usize) -> Result<Bytes, Refusal> {
    let mut source = match query.get("seed") {
        Some(_) => fastrand::Rng::with_seed(u64::from_ne_bytes(
            query.number("seed", 0_i64)?.to_ne_bytes(),
        )),
        None => fastrand::Rng::new(),
    };
    let mut octets = vec![0; n];
    source.fill(&mut octets);
    Ok(octets.into())
}

/// Content that goes out piece by piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pieces {
    /// Octets in a piece, at least one.
    pub(super) size: usize,
    /// How long to wait after each.
    pub(super) pause: Duration,
}

impl Pieces {
    /// At least one octet evenly over a duration, in pieces of this size; in larger ones where they would fall faster than
    /// timers tick, which is in milliseconds.
    pub(super) fn over(duration: Duration, count: usize, size: usize) -> Self {
        let ticks = usize::try_from(duration.as_millis()).unwrap_or(usize::MAX);
        let size = size.clamp(count.div_ceil(ticks.max(1)), count);
        let pause = duration.mul_f64(size as f64 / count as f64);
        Self { size, pause }
    }

    pub(super) fn body(self, octets: Bytes) -> Body {
        Body::from_stream(stream::unfold(
            (octets, false),
            move |(mut left, again)| async move {
                if left.is_empty() {
                    return None;
                }
                if again && !self.pause.is_zero() {
                    tokio::time::sleep(self.pause).await;
                }
                let piece = left.split_to(self.size.min(left.len()));
                Some((Ok::<_, std::convert::Infallible>(piece), (left, true)))
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(range: &str) -> Option<(u64, u64)> {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().unwrap());
        asked(&headers, 100).map(RangeInclusive::into_inner)
    }

    /// RFC 9110 section 14.1.2.
    #[test]
    fn ranges_are_cut_to_what_there_is() {
        assert_eq!(ask("bytes=0-9"), Some((0, 9)));
        assert_eq!(ask("bytes=90-1000"), Some((90, 99)));
        assert_eq!(ask("bytes=90-"), Some((90, 99)));
        assert_eq!(ask("bytes=-10"), Some((90, 99)));
        assert_eq!(ask("bytes=-1000"), Some((0, 99)));
    }

    #[test]
    fn pieces_take_the_time_that_was_asked_for_and_no_more() {
        let minute = Duration::from_secs(60);
        for (duration, count, size, pieces) in [
            (minute, 1, usize::MAX, 1),
            (minute, MOST, 1, 51_200),
            (minute, 100, 30, 4),
            (Duration::from_millis(5), MOST, 1, 5),
            (Duration::from_nanos(5), MOST, 1, 1),
            (Duration::ZERO, MOST, 1, 1),
        ] {
            let cut = Pieces::over(duration, count, size);
            assert_eq!(count.div_ceil(cut.size), pieces);
            assert!(cut.pause <= duration, "{cut:?}");
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_refused_and_nonsense_is_ignored() {
        assert_eq!(ask("bytes=100-"), None);
        assert_eq!(ask("bytes=-0"), None);
        for nonsense in ["lines=1-2", "bytes=5", "bytes=9-1", "bytes=a-b", "bytes=-"] {
            assert_eq!(ask(nonsense), Some((0, 99)), "{nonsense}");
        }
    }
}
