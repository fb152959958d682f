//! What can end a framed connection.

use std::{fmt, io};

use crate::error::{DecodeError, EncodeError};

/// An error of [`ServerCodec`](super::ServerCodec) or [`ClientCodec`](super::ClientCodec), by its
/// culprit.
#[derive(Debug)]
#[non_exhaustive]
pub enum CodecError {
    /// The transport failed.
    Io(io::Error),
    /// The peer broke the protocol.
    Decode(DecodeError),
    /// What we were asked to send is no message.
    Encode(EncodeError),
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CodecError::Io(_) => "transport failed",
            CodecError::Decode(_) => "peer broke the protocol",
            CodecError::Encode(_) => "message cannot be sent",
        })
    }
}

impl std::error::Error for CodecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            CodecError::Io(error) => error,
            CodecError::Decode(error) => error,
            CodecError::Encode(error) => error,
        })
    }
}

impl From<io::Error> for CodecError {
    fn from(error: io::Error) -> Self {
        CodecError::Io(error)
    }
}

impl From<DecodeError> for CodecError {
    fn from(error: DecodeError) -> Self {
        CodecError::Decode(error)
    }
}

impl From<EncodeError> for CodecError {
    fn from(error: EncodeError) -> Self {
        CodecError::Encode(error)
    }
}
