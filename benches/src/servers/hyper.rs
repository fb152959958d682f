//! hyper's HTTP/1 connection with the plain service.

use std::io;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::runtime::listen;
use crate::app;

/// How it is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    /// As it comes.
    Plain,
    /// With `pipeline_flush(true)`.
    Flush,
    /// With a timer, and so with a deadline for the head.
    Timer,
}

pub(super) async fn serve(variant: Variant) -> io::Result<()> {
    let listener = listen().await?;
    let mut builder = http1::Builder::new();
    match variant {
        Variant::Plain => {}
        Variant::Flush => {
            builder.pipeline_flush(true);
        }
        Variant::Timer => {
            builder.timer(TokioTimer::new());
            builder.header_read_timeout(Duration::from_secs(30));
        }
    }
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let connection = builder.serve_connection(TokioIo::new(socket), service_fn(app::plain));
        tokio::spawn(async move {
            // The peer's leaving is the ordinary end.
            let _ = connection.await;
        });
    }
}
