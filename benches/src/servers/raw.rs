//! Every answer of `app` in the raw lane: a head as spans in, field lines out, no map between.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use http_server::raw::{Request, Response};

use crate::app::{self, Content};

/// One field: its content type.
type Fields = [(HeaderName, HeaderValue); 1];

/// What [`app::plain`] answers.
pub async fn raw(request: Request) -> Result<Response<Fields, Content>, Infallible> {
    let (head, body) = request.into_parts();
    Ok(match head.path() {
        "/" => text(app::HELLO),
        "/echo" => text(app::collect(body).await),
        "/upload" => text(app::count(body).await.to_string()),
        "/json" => typed("application/json", Content::whole(app::JSON)),
        "/chunked" => typed("application/octet-stream", Content::pieces()),
        "/baseline11" => text(app::sum(
            head.query().unwrap_or(""),
            &app::collect(body).await,
        )),
        path => match path.strip_prefix("/user/") {
            Some(id) => text(Bytes::copy_from_slice(id.as_bytes())),
            None => sized(path),
        },
    })
}

fn text(content: impl Into<Bytes>) -> Response<Fields, Content> {
    typed("text/plain", Content::whole(content))
}

fn typed(kind: &'static str, content: Content) -> Response<Fields, Content> {
    answer(StatusCode::OK, kind, content)
}

fn sized(path: &str) -> Response<Fields, Content> {
    match app::octets(path.trim_start_matches('/')) {
        Some(octets) => typed("application/octet-stream", Content::whole(octets)),
        None => answer(
            StatusCode::NOT_FOUND,
            "text/plain",
            Content::whole(Bytes::new()),
        ),
    }
}

fn answer(status: StatusCode, kind: &'static str, content: Content) -> Response<Fields, Content> {
    let fields = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    Response::new(status, fields, content)
}
