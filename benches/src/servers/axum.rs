//! axum's router, on its own server and (later) on ours.

use std::io;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, RawQuery};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt;

use super::runtime::listen;
use crate::app::{self, Content};

pub(super) async fn serve() -> io::Result<()> {
    let listener = listen().await?.tap_io(|socket| {
        // A socket that is already gone fails at its first read.
        let _ = socket.set_nodelay(true);
    });
    axum::serve(listener, router()).await
}

/// The routes of `app`, as a user of axum writes them.
pub(super) fn router() -> Router {
    Router::new()
        .route("/", get(|| async { text(app::HELLO) }))
        .route("/json", get(json))
        .route(
            "/user/{id}",
            get(|Path(id): Path<String>| async { text(id) }),
        )
        .route("/echo", post(|content: Bytes| async { text(content) }))
        .route(
            "/upload",
            post(|body: Body| async { text(app::count(body).await.to_string()) }),
        )
        .route("/chunked", get(|| async { Body::new(Content::pieces()) }))
        .route("/baseline11", get(baseline).post(baseline))
        .route(
            "/{sized}",
            get(|Path(name): Path<String>| async move { sized(&name) }),
        )
        .layer(DefaultBodyLimit::disable())
}

fn text(content: impl Into<Body>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain")], content.into())
}

async fn json() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], app::JSON)
}

async fn baseline(RawQuery(query): RawQuery, content: Bytes) -> impl IntoResponse {
    text(app::sum(query.as_deref().unwrap_or(""), &content))
}

fn sized(name: &str) -> impl IntoResponse + use<> {
    (
        [(CONTENT_TYPE, "application/octet-stream")],
        app::octets(name).unwrap_or_default(),
    )
}
