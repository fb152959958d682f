//! The content of an answer: whole, or in pieces of unknown total.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::answers::{PIECE, PIECES};

/// The body that the plain service answers with, behind every server that takes any body.
#[derive(Debug)]
pub enum Content {
    /// All at once; its length is known.
    Whole(Option<Bytes>),
    /// So many pieces more; their length is not told.
    Pieces(usize),
}

impl Content {
    /// All at once.
    pub fn whole(octets: impl Into<Bytes>) -> Content {
        Content::Whole(Some(octets.into()).filter(|octets: &Bytes| !octets.is_empty()))
    }

    /// 16 pieces of 1 KiB.
    pub fn pieces() -> Content {
        Content::Pieces(PIECES)
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match &mut *self {
            Content::Whole(octets) => octets.take(),
            Content::Pieces(0) => None,
            Content::Pieces(left) => {
                *left -= 1;
                Some(PIECE.clone())
            }
        };
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Content::Whole(None) | Content::Pieces(0))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Content::Whole(octets) => {
                SizeHint::with_exact(octets.as_ref().map_or(0, |octets| octets.len() as u64))
            }
            Content::Pieces(_) => SizeHint::default(),
        }
    }
}
