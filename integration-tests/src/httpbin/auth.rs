//! Basic and bearer authentication (RFC 7617, RFC 6750). Digest has its own file.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_codec::Body;
use serde_json::json;

use super::reply::{empty, json, with};
use super::{PathArgs, Reply, status};

/// `/basic-auth/{user}/{passwd}`: 401 with a challenge until the credentials are right.
pub async fn basic(request: Request<Body>, path: PathArgs) -> Reply {
    Ok(basic_or(StatusCode::UNAUTHORIZED, request.headers(), &path))
}

/// `/hidden-basic-auth/{user}/{passwd}`: 404 instead of a challenge.
pub async fn hidden_basic(request: Request<Body>, path: PathArgs) -> Reply {
    Ok(basic_or(StatusCode::NOT_FOUND, request.headers(), &path))
}

/// `/bearer`: any token will do.
pub async fn bearer(request: Request<Body>, _: PathArgs) -> Reply {
    Ok(match credentials(request.headers(), "Bearer") {
        Some(token) => json(&json!({ "authenticated": true, "token": token })),
        None => with(
            empty(StatusCode::UNAUTHORIZED),
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer"),
        ),
    })
}

fn basic_or(refused: StatusCode, headers: &HeaderMap, path: &PathArgs) -> http::Response<Body> {
    let (user, password) = (path.get("user"), path.get("passwd"));
    let given =
        credentials(headers, "Basic").and_then(|encoded| BASE64_STANDARD.decode(encoded).ok());
    if given.is_some_and(|given| given == format!("{user}:{password}").as_bytes()) {
        json(&json!({ "authenticated": true, "user": user }))
    } else {
        status::answer(refused)
    }
}

/// What follows the scheme in `Authorization`, where it is this scheme (its name in any case, RFC 9110 section 11.1).
pub(super) fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (given, rest) = value.split_once(' ')?;
    given
        .eq_ignore_ascii_case(scheme)
        .then(|| rest.trim_start())
}
