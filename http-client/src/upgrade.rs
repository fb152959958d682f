//! Connections that HTTP leaves: 101 (Switching Protocols), and 2xx to CONNECT.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::Response;
use http_body::SizeHint;
use http_codec::io::Upgraded;
use http_codec::{Body, BodyError, Lender, Piece};

use crate::error::{Error, ErrorKind, Phase};
use crate::persist_conn::Connection;

/// Takes the connection over after a 101 (RFC 9110 section 7.8), or a 2xx to `CONNECT` (section 9.3.6).
///
/// Octets that the peer sent behind the head come first.
///
/// # Errors
///
/// Kind [`Upgrade`](ErrorKind::Upgrade) if the response does not switch protocols, or the connection was taken already.
pub fn upgrade(response: &mut Response<Body>) -> Result<Upgraded, Error> {
    let offer = response
        .body()
        .lender()
        .map(|lender| Arc::clone(lender).as_any());
    offer
        .and_then(|lender| lender.downcast::<Offer>().ok())
        .and_then(|offer| {
            offer
                .upgraded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        })
        .ok_or_else(|| Error::new(ErrorKind::Upgrade, Phase::Call))
}

/// The content of a response that switches protocols: none, and the connection beside it.
pub(crate) fn hand_over(mut connection: Connection) -> Body {
    let upgraded = Upgraded::new(connection.take_read(), connection.take_write());
    Body::empty().with_lender(Arc::new(Offer {
        upgraded: Mutex::new(Some(upgraded)),
    }))
}

struct Offer {
    upgraded: Mutex<Option<Upgraded>>,
}

impl Lender for Offer {
    fn poll_piece(&self, _: &mut Context<'_>) -> Poll<Result<Piece, BodyError>> {
        Poll::Ready(Ok(Piece::Last(None, None)))
    }

    fn is_end_stream(&self) -> bool {
        true
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(0)
    }

    fn returned(&self) {}

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
