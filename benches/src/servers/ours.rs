//! Our server, with its default deadlines on: plain, in the raw lane, and under each router.

use std::io;

use http_server::{Server, raw, service_fn};

use super::routed;
use super::runtime::listen;
use crate::app;

/// The plain service.
pub(super) async fn serve_plain() -> io::Result<()> {
    Server::new()
        .serve(listen().await?, service_fn(app::plain))
        .await
}

/// The raw lane.
pub(super) async fn serve_raw() -> io::Result<()> {
    Server::new()
        .serve_raw(listen().await?, raw::service_fn(super::raw))
        .await
}

/// Routed by `ServeMux`.
pub(super) async fn serve_mux() -> io::Result<()> {
    Server::new().serve(listen().await?, routed::mux()).await
}

/// Routed by `Engine`.
pub(super) async fn serve_engine() -> io::Result<()> {
    Server::new().serve(listen().await?, routed::engine()).await
}

/// axum's router behind our server.
#[cfg(feature = "peers")]
pub(super) async fn serve_axum() -> io::Result<()> {
    Server::new()
        .serve(listen().await?, super::axum::router())
        .await
}
