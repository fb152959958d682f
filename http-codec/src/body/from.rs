//! What becomes content as it is.

use bytes::{Bytes, BytesMut};

use super::Body;

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::empty()
    }
}

macro_rules! from_bytes {
    ($($from:ty),*) => {$(
        impl From<$from> for Body {
            fn from(content: $from) -> Self {
                Self::from(Bytes::from(content))
            }
        }
    )*};
}

from_bytes!(
    Vec<u8>,
    String,
    &'static str,
    &'static [u8],
    BytesMut,
    Box<[u8]>
);
