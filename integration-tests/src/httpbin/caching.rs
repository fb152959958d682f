//! Conditional requests and caching (RFC 9110 section 13, RFC 9111).

use std::time::SystemTime;

use http::header::{
    CACHE_CONTROL, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_codec::Body;
use serde_json::{Map, Value};

use super::inspect::{self, random_uuid};
use super::query::{Query, insert_or_append};
use super::reply::{empty, field_value, json, with};
use super::{PathArgs, Refusal, Reply};

/// `/cache`: 304 to anything conditional, else `/get` with validators.
pub async fn cache(request: Request<Body>, path: PathArgs) -> Reply {
    if request.headers().contains_key(IF_MODIFIED_SINCE)
        || request.headers().contains_key(IF_NONE_MATCH)
    {
        return Ok(empty(StatusCode::NOT_MODIFIED));
    }
    let response = inspect::get(request, path).await?;
    let now = httpdate::fmt_http_date(SystemTime::now());
    let tag = field_value(&format!("\"{}\"", random_uuid().replace('-', "")))?;
    Ok(with(
        with(response, LAST_MODIFIED, field_value(&now)?),
        ETAG,
        tag,
    ))
}

/// `/cache/{n}`: `/get`, fresh for n seconds.
pub async fn cache_for(request: Request<Body>, path: PathArgs) -> Reply {
    let seconds: u64 = path.parse("n")?;
    let response = inspect::get(request, path).await?;
    Ok(with(
        response,
        CACHE_CONTROL,
        field_value(&format!("public, max-age={seconds}"))?,
    ))
}

/// `/etag/{etag}`: `/get` under this entity tag, by `If-None-Match` and `If-Match`.
pub async fn etag(request: Request<Body>, path: PathArgs) -> Reply {
    let etag = path.get("etag").to_owned();
    let tag = field_value(&format!("\"{etag}\""))?;
    let headers = request.headers();
    if headers.contains_key(IF_NONE_MATCH) {
        if names(headers, &IF_NONE_MATCH, &etag) {
            return Ok(with(empty(StatusCode::NOT_MODIFIED), ETAG, tag));
        }
    } else if headers.contains_key(IF_MATCH) && !names(headers, &IF_MATCH, &etag) {
        return Ok(empty(StatusCode::PRECONDITION_FAILED));
    }
    Ok(with(inspect::get(request, path).await?, ETAG, tag))
}

/// Whether a list of entity tags, quoted or not, names this one, or all by `*`.
fn names(headers: &HeaderMap, field: &http::HeaderName, etag: &str) -> bool {
    let lines = headers
        .get_all(field)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(|tag| {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
    });
    tags.any(|tag| tag == "*" || tag == etag)
}

/// `/response-headers?name=value&...`: the query as fields, and the fields as content.
pub async fn response_headers(request: Request<Body>, _: PathArgs) -> Reply {
    let mut fields = HeaderMap::new();
    for (name, value) in Query::of(request.uri()).iter() {
        let name = http::HeaderName::from_bytes(name.as_bytes());
        let name =
            name.map_err(|_| Refusal::bad_request("a name in the query is not a field name"))?;
        fields.append(name, field_value(value)?);
    }
    let mut shown = Map::new();
    for (name, value) in Query::of(request.uri()).iter() {
        insert_or_append(&mut shown, name, value.into());
    }
    shown
        .entry("Content-Type")
        .or_insert_with(|| "application/json".into());
    Ok(with_fields(self_described(shown), fields))
}

/// The content tells its own length, which is a digit longer for telling it: repeated until it holds.
fn self_described(mut shown: Map<String, Value>) -> Response<Body> {
    let mut length = 0;
    loop {
        shown.insert("Content-Length".to_owned(), length.to_string().into());
        let next = format!("{:#}\n", Value::Object(shown.clone())).len();
        if next == length {
            return json(&Value::Object(shown));
        }
        length = next;
    }
}

fn with_fields(mut response: Response<Body>, fields: HeaderMap) -> Response<Body> {
    // `extend` replaces what is there and keeps repeats of what comes.
    response.headers_mut().extend(fields);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_match_quoted_weak_or_bare() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, "W/\"a\", \"b\", c".parse().unwrap());
        for etag in ["a", "b", "c"] {
            assert!(names(&headers, &IF_NONE_MATCH, etag));
        }
        assert!(!names(&headers, &IF_NONE_MATCH, "d"));
    }

    #[test]
    fn a_described_length_is_the_length() {
        let response = self_described(Map::new());
        let content = response.body().known().unwrap();
        let shown: Value = serde_json::from_slice(content).unwrap();
        assert_eq!(shown["Content-Length"], content.len().to_string());
    }
}
