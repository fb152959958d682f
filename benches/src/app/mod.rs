//! What every server serves: one set of answers, whatever routes to them.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | `Hello, World!` with one field of its own |
//! | `GET /user/{id}` | the id |
//! | `POST /echo` | the content, collected first |
//! | `POST /upload` | how many octets came |
//! | `GET /1k`, `/64k`, `/1m` | so many octets at once |
//! | `GET /chunked` | 16 pieces of 1 KiB, of unknown length |
//! | `GET /json` | `{"message":"Hello, World!"}` |
//! | `GET` or `POST /baseline11?a=..&b=..` | the sum of a, b and the content |
//!
//! [`plain`] is the whole of it as one function over any `http::Request`: the very same code runs
//! behind our server and behind hyper.

mod answers;
mod content;

use std::convert::Infallible;

use bytes::{Buf, Bytes};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::BodyExt;

pub use answers::{HELLO, JSON, PIECE, PIECES, octets, sum};
pub use content::Content;

/// A text answer with one field: what the allocation budgets count.
pub fn text(content: impl Into<Bytes>) -> Response<Content> {
    typed("text/plain", Content::whole(content))
}

/// An answer with one field, its content type.
pub fn typed(kind: &'static str, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
    let value = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response
}

/// All of the content in one piece; empty when it fails, which the load generator notices.
pub async fn collect<B: Body<Data = Bytes>>(body: B) -> Bytes {
    match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => Bytes::new(),
    }
}

/// Counts the content's octets without keeping them.
pub async fn count<B: Body<Data = Bytes>>(body: B) -> u64 {
    let mut body = std::pin::pin!(body);
    let mut octets = 0;
    while let Some(Ok(frame)) = body.frame().await {
        octets += frame.data_ref().map_or(0, |data| data.remaining() as u64);
    }
    octets
}

/// Every answer, chosen by a `match`: the service of the servers that are measured without a router.
pub async fn plain<B>(request: Request<B>) -> Result<Response<Content>, Infallible>
where
    B: Body<Data = Bytes>,
{
    let path = request.uri().path();
    Ok(match path {
        "/" => text(HELLO),
        "/echo" => text(collect(request.into_body()).await),
        "/upload" => text(count(request.into_body()).await.to_string()),
        "/json" => typed("application/json", Content::whole(JSON)),
        "/chunked" => typed("application/octet-stream", Content::pieces()),
        "/baseline11" => {
            let (head, body) = request.into_parts();
            let content = collect(body).await;
            text(sum(head.uri.query().unwrap_or(""), &content))
        }
        _ => match path.strip_prefix("/user/") {
            Some(id) => text(Bytes::copy_from_slice(id.as_bytes())),
            None => sized(path),
        },
    })
}

/// `/1k`, `/64k`, `/1m`, or 404.
fn sized(path: &str) -> Response<Content> {
    match octets(path.trim_start_matches('/')) {
        Some(octets) => typed("application/octet-stream", Content::whole(octets)),
        None => missing(),
    }
}

/// 404 without content.
pub fn missing() -> Response<Content> {
    let mut response = Response::new(Content::whole(Bytes::new()));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The ten fields of a browser's request, as the reference page of costs has them.
pub fn browser_fields() -> HeaderMap {
    answers::BROWSER
        .iter()
        .map(|(name, value)| {
            (
                header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}
