//! What must hold for any octets whatsoever. The fuzz targets and the ordinary tests run the same functions.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "shared by several roots, each of which uses a part"
)]

pub mod abnf;
mod content;
mod exchange;
mod heads;
mod round_trip;

pub use content::chunked_body;
pub use exchange::whole_exchange;
pub use heads::{request_head, response_head};
pub use round_trip::round_trip;

use bytes::BytesMut;
use http_codec::DecodeError;

/// Feeds `octets` to `step` in pieces whose sizes `sizes` gives, in turn, until it gives something; what is left then.
pub fn feed<T>(
    octets: &[u8],
    sizes: &[usize],
    mut step: impl FnMut(&mut BytesMut) -> Result<Option<T>, DecodeError>,
) -> (Result<Option<T>, DecodeError>, Vec<u8>) {
    let mut src = BytesMut::new();
    let mut start = 0usize;
    let mut sizes = sizes.iter().copied().cycle();
    loop {
        let size = sizes.next().unwrap_or(usize::MAX).max(1);
        let end = start.saturating_add(size).min(octets.len());
        src.extend_from_slice(&octets[start..end]);
        start = end;
        match step(&mut src) {
            Ok(None) if start < octets.len() => {}
            done => {
                let rest = [&src[..], &octets[start..]].concat();
                return (done, rest);
            }
        }
    }
}

/// Ways to cut the same octets: whole, single octets, and two of no pattern.
pub const CUTS: [&[usize]; 4] = [&[usize::MAX], &[1], &[7, 1, 13], &[2, 64, 3]];
