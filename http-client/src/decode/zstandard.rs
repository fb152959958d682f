//! The coding `zstd` (RFC 8878).

use super::{Decode, PIECE, io};
use zstd::stream::raw::{Decoder, Operation};

/// Remembers whether a frame is open, so that a cut one is told from a whole one.
pub(super) struct Zstd {
    decoder: Decoder<'static>,
    decoded: Vec<u8>,
    open: bool,
}

impl Zstd {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Zstd {
            decoder: Decoder::new()?,
            decoded: Vec::new(),
            open: false,
        })
    }
}

impl Decode for Zstd {
    fn put(&mut self, input: &[u8]) -> io::Result<usize> {
        self.decoded.resize(PIECE, 0);
        let status = self.decoder.run_on_buffers(input, &mut self.decoded)?;
        self.decoded.truncate(status.bytes_written);
        self.open = status.remaining != 0;
        Ok(status.bytes_read)
    }

    fn drain(&mut self) -> io::Result<()> {
        match self.open {
            true => self.put(&[]).map(|_| ()),
            false => Ok(()),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        if self.open {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        }
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.decoded)
    }
}
