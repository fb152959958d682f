//! The coding `br` (RFC 7932).

use super::{Decode, PIECE, io};
use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};

/// Gives a piece at a time: a few octets of input can stand for many megabytes.
pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    decoded: Vec<u8>,
    stands: BrotliResult,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        Brotli {
            // Without the large windows that RFC 7932 does not have.
            state: BrotliState::new_strict(alloc(), alloc(), alloc()),
            decoded: Vec::new(),
            stands: BrotliResult::NeedsMoreInput,
        }
    }
}

impl Decode for Brotli {
    fn put(&mut self, input: &[u8]) -> io::Result<usize> {
        let (mut left, mut taken) = (input.len(), 0);
        let (mut room, mut given) = (PIECE, 0);
        self.decoded.resize(PIECE, 0);
        self.stands = BrotliDecompressStream(
            &mut left,
            &mut taken,
            input,
            &mut room,
            &mut given,
            &mut self.decoded,
            &mut 0,
            &mut self.state,
        );
        self.decoded.truncate(given);
        match self.stands {
            BrotliResult::ResultFailure => Err(io::ErrorKind::InvalidData.into()),
            _ => Ok(taken),
        }
    }

    fn drain(&mut self) -> io::Result<()> {
        self.put(&[]).map(|_| ())
    }

    fn end(&mut self) -> io::Result<()> {
        match self.stands {
            BrotliResult::ResultSuccess => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.decoded)
    }
}
