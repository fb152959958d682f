//! The coding `deflate` (RFC 9110 section 8.4.1.2).

use super::{Decode, SIP, Write, io};
use flate2::write::{DeflateDecoder, ZlibDecoder};

/// The zlib format, as RFC 9110 has it; or the raw one, which some servers send.
#[derive(Default)]
pub(super) enum Deflate {
    #[default]
    Unknown,
    Zlib(ZlibDecoder<Vec<u8>>),
    Raw(DeflateDecoder<Vec<u8>>),
}

impl Decode for Deflate {
    fn put(&mut self, input: &[u8]) -> io::Result<usize> {
        match self {
            Deflate::Unknown => {
                *self = match input.first() {
                    None => return Ok(0),
                    Some(first) if first & 0x0f == 8 => Deflate::Zlib(ZlibDecoder::new(Vec::new())),
                    Some(_) => Deflate::Raw(DeflateDecoder::new(Vec::new())),
                };
                self.put(input)
            }
            Deflate::Zlib(decoder) => decoder.write(&input[..input.len().min(SIP)]),
            Deflate::Raw(decoder) => decoder.write(&input[..input.len().min(SIP)]),
        }
    }

    fn drain(&mut self) -> io::Result<()> {
        match self {
            Deflate::Unknown => Ok(()),
            Deflate::Zlib(decoder) => decoder.flush(),
            Deflate::Raw(decoder) => decoder.flush(),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Deflate::Unknown => Ok(()),
            Deflate::Zlib(decoder) => decoder.try_finish(),
            Deflate::Raw(decoder) => decoder.try_finish(),
        }
    }

    fn take(&mut self) -> Vec<u8> {
        match self {
            Deflate::Unknown => Vec::new(),
            Deflate::Zlib(decoder) => std::mem::take(decoder.get_mut()),
            Deflate::Raw(decoder) => std::mem::take(decoder.get_mut()),
        }
    }
}
