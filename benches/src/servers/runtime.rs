//! What the tokio servers share.

use std::io;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::process::obey;

/// The multi-thread runtime with one worker: what a user runs, and still one core's worth.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
}

/// A listener on a free port of loopback, announced to the parent.
pub(super) async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    obey(listener.local_addr()?);
    Ok(listener)
}
