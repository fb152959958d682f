//! Endpoints that show the request.

use http::Request;
use http_codec::Body;
use serde_json::{Value, json};

use super::reply::{json, not_found};
use super::request_data::{self, RequestData};
use super::{PathArgs, Reply};

/// `/get`, `/head`: what there is without content.
pub async fn get(request: Request<Body>, _: PathArgs) -> Reply {
    Ok(json(&show_head(
        request,
        &["args", "headers", "origin", "url"],
    )))
}

/// `/post`, `/put`, `/patch`, `/delete`: everything but the method.
pub async fn with_content(request: Request<Body>, _: PathArgs) -> Reply {
    let data = RequestData::read(request).await?;
    Ok(json(
        &data
            .show(&[
                "args", "data", "files", "form", "headers", "json", "origin", "url",
            ])
            .into(),
    ))
}

/// `/anything/{rest...}`: as `/anything`; routers do not agree whether the rest may be empty, so that is settled here.
pub async fn anything_below(request: Request<Body>, path: PathArgs) -> Reply {
    // Gin's rest begins with its slash.
    if matches!(path.get("rest"), "" | "/") {
        return Ok(not_found());
    }
    anything(request, path).await
}

/// `/anything`, by any method.
pub async fn anything(request: Request<Body>, _: PathArgs) -> Reply {
    let data = RequestData::read(request).await?;
    let parts = [
        "args", "data", "files", "form", "headers", "json", "method", "origin", "url",
    ];
    Ok(json(&data.show(&parts).into()))
}

/// `/headers`.
pub async fn headers(request: Request<Body>, _: PathArgs) -> Reply {
    Ok(json(&show_head(request, &["headers"])))
}

/// `/ip`.
pub async fn ip(request: Request<Body>, _: PathArgs) -> Reply {
    Ok(json(&show_head(request, &["origin"])))
}

/// `/user-agent`.
pub async fn user_agent(request: Request<Body>, _: PathArgs) -> Reply {
    let agent = request
        .headers()
        .get("user-agent")
        .map(|value| request_data::field_text(value.as_bytes()));
    Ok(json(&json!({ "user-agent": agent })))
}

/// `/uuid`: a random one (RFC 9562 section 5.4).
pub async fn uuid(_: Request<Body>, _: PathArgs) -> Reply {
    Ok(json(&json!({ "uuid": random_uuid() })))
}

/// These parts of a request whose content is not asked for.
pub(super) fn show_head(request: Request<Body>, parts: &[&str]) -> Value {
    let origin = request_data::origin(&request);
    RequestData::of_head(request, origin).show(parts).into()
}

/// A version 4 UUID in its usual form.
pub(super) fn random_uuid() -> String {
    const VERSION: u128 = 0x4 << 76;
    const VARIANT: u128 = 0b10 << 62;
    let random = fastrand::u128(..) & !(0xf << 76) & !(0b11 << 62) | VERSION | VARIANT;
    let digits = format!("{random:032x}");
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        for _ in 0..100 {
            let uuid = random_uuid();
            assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }
}
