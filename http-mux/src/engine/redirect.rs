//! Redirects after a miss: a slash more or less, or the same path in another case. They never lead to another host.

use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, Request, Response, StatusCode};
use http_codec::Body;

use super::clean::safe_prefix;
use super::target::Target;
use crate::path;
use crate::serve_mux::Mounted;

/// The path with a slash more or less at its end.
pub(super) fn toggled(path: &str) -> Option<String> {
    match path.strip_suffix('/') {
        Some("") => None,
        Some(shorter) => Some(shorter.to_owned()),
        None => Some([path, "/"].concat()),
    }
}

/// Sends the request to `path`, which is written as the target's was. `prefix` is what a proxy took off, as it says.
pub(super) fn response(
    request: &Request<Body>,
    target: &Target,
    path: &str,
    prefix: Option<&str>,
) -> Response<Body> {
    let mut absolute = String::new();
    if let (Some(scheme), Some(authority)) = (request.uri().scheme_str(), request.uri().authority())
    {
        absolute = format!("{scheme}://{authority}");
    }
    let path = if target.is_raw() {
        path.to_owned()
    } else {
        escaped(path)
    };
    let prefix = prefix.map(safe_prefix).unwrap_or_default();
    let path = [&prefix, Mounted::prefix_of(request), &path].concat();
    let location = absolute + &path::location(&path, request.uri().query());
    let Ok(value) = HeaderValue::from_str(&location) else {
        return with_status(StatusCode::NOT_FOUND, Body::empty());
    };
    let get = *request.method() == Method::GET;
    let mut response = match get {
        true => with_status(StatusCode::MOVED_PERMANENTLY, page(&location).into()),
        false => with_status(StatusCode::TEMPORARY_REDIRECT, Body::empty()),
    };
    let headers = response.headers_mut();
    headers.insert(LOCATION, value);
    if get {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
    }
    response
}

fn with_status(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// A decoded path as it is written in a URI. Where that is not how it came, decoding has lost something.
pub(super) fn escaped(decoded: &str) -> String {
    let mut path = String::with_capacity(decoded.len());
    for (at, segment) in decoded.split('/').enumerate() {
        if at > 0 {
            path.push('/');
        }
        path::push_segment(&mut path, segment.as_bytes());
    }
    path
}

fn page(location: &str) -> String {
    let mut page = String::with_capacity(location.len() + 40);
    page.push_str("<a href=\"");
    for character in location.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&#34;"),
            '\'' => page.push_str("&#39;"),
            other => page.push(other),
        }
    }
    page.push_str("\">Moved Permanently</a>.\n\n");
    page
}
