//! Answers that take their time: lines, drops, events, delays, trailers.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures::stream;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, TRAILER};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_codec::Body;
use serde_json::json;

use super::bytes::Pieces;
use super::inspect::show_head;
use super::query::Query;
use super::reply::{self, field_value, text, with};
use super::request_data::RequestData;
use super::{PathArgs, Refusal, Reply};

/// `/stream/{n}`: n lines of JSON, at most 100, each in its own chunk.
pub async fn lines(request: Request<Body>, path: PathArgs) -> Reply {
    let n = path.parse::<u64>("n")?.min(100);
    let mut shown = show_head(request, &["args", "headers", "origin", "url"]);
    let lines = stream::iter((0..n).map(move |id| {
        shown["id"] = json!(id);
        Ok::<_, Infallible>(Bytes::from(format!("{shown}\n")))
    }));
    Ok(text("application/json", Body::from_stream(lines)))
}

/// `/drip?numbytes=&duration=&delay=&code=`: octets evenly over time.
pub async fn drip(request: Request<Body>, _: PathArgs) -> Reply {
    let query = Query::of(request.uri());
    let count = query.number::<i64>("numbytes", 10)?.min(10 << 20);
    let count = usize::try_from(count).ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| Refusal::bad_request("number of bytes must be positive"))?;
    let code = StatusCode::from_u16(query.number("code", 200)?)
        .ok()
        .filter(|code| !code.is_informational());
    let code = code.ok_or_else(|| Refusal::bad_request("Invalid status code"))?;
    let duration = query.seconds("duration", 2.0, 60.0)?;
    tokio::time::sleep(query.seconds("delay", 0.0, 60.0)?).await;

    let body = Pieces::over(duration, count, 1).body(drops(count));
    let mut response = with(
        text("application/octet-stream", body),
        CONTENT_LENGTH,
        HeaderValue::from(count),
    );
    *response.status_mut() = code;
    Ok(response)
}

/// So many drops, at most 10 MiB. A drip takes its time, and there may be many: all of them share the octets.
fn drops(count: usize) -> Bytes {
    static DROPS: LazyLock<Bytes> = LazyLock::new(|| vec![b'*'; 10 << 20].into());
    DROPS.slice(..count)
}

/// `/delay/{n}`: the answer after n seconds, at most 10.
pub async fn delay(request: Request<Body>, path: PathArgs) -> Reply {
    let seconds: f64 = path.parse("n")?;
    if !seconds.is_finite() || seconds < 0.0 {
        return Err(Refusal::bad_request("n is not a number of seconds"));
    }
    let data = RequestData::read(request).await?;
    tokio::time::sleep(Duration::from_secs_f64(seconds.min(10.0))).await;
    Ok(reply::json(
        &data
            .show(&["args", "data", "files", "form", "headers", "origin", "url"])
            .into(),
    ))
}

/// `/sse?count=&duration=&delay=`: server-sent events.
pub async fn events(request: Request<Body>, _: PathArgs) -> Reply {
    let query = Query::of(request.uri());
    let count = query.number::<u32>("count", 10)?.clamp(1, 1000);
    let pause = query.seconds("duration", 1.0, 60.0)? / count;
    let delay = query.seconds("delay", 0.0, 60.0)?;
    let events = stream::unfold(0, move |id| async move {
        if id == count {
            return None;
        }
        tokio::time::sleep(if id == 0 { delay } else { pause }).await;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let data =
            json!({ "id": id, "timestamp": u64::try_from(now.as_millis()).unwrap_or(u64::MAX) });
        Some((
            Ok::<_, Infallible>(Bytes::from(format!("event: ping\ndata: {data}\n\n"))),
            id + 1,
        ))
    });
    let response = text("text/event-stream", Body::from_stream(events));
    Ok(with(
        response,
        CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    ))
}

/// `/trailers?name=value&...`: the query comes back as the trailer section (RFC 9110 section 6.5).
pub async fn trailers(request: Request<Body>, _: PathArgs) -> Reply {
    let mut trailers = HeaderMap::new();
    for (name, value) in Query::of(request.uri()).iter() {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name =
            name.map_err(|_| Refusal::bad_request("a name in the query is not a field name"))?;
        trailers.append(name, field_value(value)?);
    }
    let shown = show_head(request, &["args", "headers", "origin", "url"]);
    let declared: Vec<&str> = trailers.keys().map(HeaderName::as_str).collect();
    let declared = field_value(&declared.join(", "))?;
    let mut response = Response::new(Body::from(format!("{shown:#}\n")).with_trailers(trailers));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if !declared.is_empty() {
        response.headers_mut().insert(TRAILER, declared);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drips_share_their_octets() {
        let (few, most) = (drops(3), drops(10 << 20));
        assert_eq!((&few[..], most.len()), (&b"***"[..], 10 << 20));
        assert_eq!(few.as_ptr(), most.as_ptr());
    }
}
