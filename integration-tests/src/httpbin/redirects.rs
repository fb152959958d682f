//! Redirects in every form of `Location`.

use http::header::{HOST, LOCATION};
use http::{Request, StatusCode};
use http_codec::Body;
use percent_encoding::{AsciiSet, utf8_percent_encode};

use super::query::Query;
use super::reply::{empty, field_value, redirect, with};
use super::{PathArgs, Refusal, Reply};

/// What stands nowhere in a URL but as an escape (RFC 3986 section 2). Control octets are left to be refused.
const NOT_IN_URLS: &AsciiSet = &AsciiSet::EMPTY
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// `/redirect/{n}`: n hops, relative unless the query says `absolute=true`.
pub async fn times(request: Request<Body>, path: PathArgs) -> Reply {
    let absolute = Query::of(request.uri())
        .get("absolute")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if absolute {
        absolute_hop(&request, hops(&path)?)
    } else {
        redirect(StatusCode::FOUND, &relative(hops(&path)?))
    }
}

/// `/relative-redirect/{n}`.
pub async fn relative_times(_: Request<Body>, path: PathArgs) -> Reply {
    Ok(with(
        empty(StatusCode::FOUND),
        LOCATION,
        field_value(&relative(hops(&path)?))?,
    ))
}

/// `/absolute-redirect/{n}`.
pub async fn absolute_times(request: Request<Body>, path: PathArgs) -> Reply {
    absolute_hop(&request, hops(&path)?)
}

/// `/redirect-to?url=...&status_code=...`: anywhere, with any 3xx.
pub async fn to(request: Request<Body>, _: PathArgs) -> Reply {
    let query = Query::of(request.uri());
    let url = query
        .get("url")
        .ok_or_else(|| Refusal::bad_request("the query has no url"))?;
    let code = query.number("status_code", 302)?;
    let status = StatusCode::from_u16(code)
        .ok()
        .filter(StatusCode::is_redirection)
        .unwrap_or(StatusCode::FOUND);
    // The query was decoded, and what is no part of a URL would make a `Location` that is none.
    let url = utf8_percent_encode(url, NOT_IN_URLS).to_string();
    Ok(with(empty(status), LOCATION, field_value(&url)?))
}

fn hops(path: &PathArgs) -> Result<u64, Refusal> {
    match path.parse("n")? {
        0 => Err(Refusal::bad_request("n must be positive")),
        n => Ok(n),
    }
}

fn relative(n: u64) -> String {
    if n == 1 {
        "/get".to_owned()
    } else {
        format!("/relative-redirect/{}", n - 1)
    }
}

fn absolute_hop(request: &Request<Body>, n: u64) -> Reply {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    // HTTP/1.0 may name no host, and `http:///` is no URL.
    let origin = host.map_or_else(String::new, |host| format!("http://{host}"));
    let path = if n == 1 {
        "/get".to_owned()
    } else {
        format!("/absolute-redirect/{}", n - 1)
    };
    redirect(StatusCode::FOUND, &format!("{origin}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absolute_needs_a_host() {
        let mut request = Request::new(Body::empty());
        let hop = |request: &_| absolute_hop(request, 2).unwrap().headers()[LOCATION].clone();
        assert_eq!(hop(&request), "/absolute-redirect/1");
        request.headers_mut().insert(HOST, "a:81".parse().unwrap());
        assert_eq!(hop(&request), "http://a:81/absolute-redirect/1");
    }
}
