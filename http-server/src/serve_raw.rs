//! Serving by the raw lane, and one connection by either.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use http_codec::{BoxError, FieldLines};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use crate::accept::{self, Same};
use crate::connection::Connection;
use crate::info::ConnectionInfo;
use crate::lane::{FromHead, Serves};
use crate::listener::Listener;
use crate::raw;
use crate::server::Server;

impl Server {
    /// As [`serve`](Self::serve), for a service that takes a request's head as the octets it came in and answers with field
    /// lines that were never a map; see [`raw`].
    ///
    /// ```no_run
    /// # use std::convert::Infallible;
    /// # use http::StatusCode;
    /// # use http_server::{Body, Server, raw};
    /// # async fn example(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    /// let hello = raw::service_fn(|_: raw::Request| async {
    ///     Ok::<_, Infallible>(raw::Response::new(StatusCode::OK, (), Body::from("hello\n")))
    /// });
    /// Server::new().serve_raw(listener, hello).await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    ///
    /// # Cancel safety
    ///
    /// As [`serve`](Self::serve).
    pub async fn serve_raw<L, S, F, B>(&self, listener: L, service: S) -> io::Result<()>
    where
        L: Listener,
        S: Service<
                raw::Request,
                Response = raw::Response<F, B>,
                Error: Into<BoxError>,
                Future: Send,
            > + Clone
            + Send
            + 'static,
        F: FieldLines + Send + Sync + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let core = Arc::clone(self.core());
        accept::run::<raw::Request, _, _>(core, listener, Same(service)).await?;
        self.emptied().await;
        Ok(())
    }

    /// As [`serve_connection_of`](Self::serve_connection_of), by the raw lane.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection where it stands.
    pub fn serve_raw_connection<Io, S, F, B>(
        &self,
        io: Io,
        info: ConnectionInfo,
        service: S,
    ) -> impl Future<Output = ()> + Send + use<Io, S, F, B>
    where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        S: Service<
                raw::Request,
                Response = raw::Response<F, B>,
                Error: Into<BoxError>,
                Future: Send,
            > + Send
            + 'static,
        F: FieldLines + Send + Sync + 'static,
        B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        self.connection::<raw::Request, _, _>(io, info, service)
    }

    /// One connection by either lane, in the caller's task.
    pub(crate) fn connection<R, Io, S>(
        &self,
        io: Io,
        info: ConnectionInfo,
        service: S,
    ) -> impl Future<Output = ()> + Send + use<R, Io, S>
    where
        R: FromHead,
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        S: Serves<R>,
    {
        let core = self.core();
        core.totals.accepted.fetch_add(1, Relaxed);
        let slot = core.admit(info.peer_addr().map(|peer| peer.ip()));
        if slot.is_none() {
            core.totals.refused.fetch_add(1, Relaxed);
        }
        let service = Some(Box::new(service));
        let mut admitted = slot.map(|slot| (Connection::new(slot, io, info), service));
        async move {
            // In place: what is moved out of a future's captures is there twice.
            if let Some((connection, service)) = &mut admitted {
                connection.serve(service).await;
            }
        }
    }
}
