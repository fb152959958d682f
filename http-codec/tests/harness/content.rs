//! Chunked content: every way of cutting it, and the ABNF, give the same.

use http_codec::{BodyDecoder, BodyLength, DecodeError, Leniency, Limits};

use super::abnf::{self, Rest};
use super::{CUTS, feed};

#[derive(Debug, PartialEq, Eq)]
struct Content {
    data: Vec<u8>,
    trailers: usize,
    rest: Vec<u8>,
}

fn once(octets: &[u8], sizes: &[usize]) -> Result<Option<Content>, DecodeError> {
    let mut decoder = BodyDecoder::new(BodyLength::Chunked, Limits::request(), Leniency::strict());
    let (mut data, mut trailers) = (Vec::new(), 0);
    let (done, rest) = feed(octets, sizes, |src| {
        loop {
            let before = src.len();
            let Some(frame) = decoder.decode(src)? else {
                return Ok(decoder.is_end().then_some(()));
            };
            assert!(src.len() < before, "every frame costs octets");
            match frame.into_data() {
                Ok(piece) => {
                    assert!(!piece.is_empty());
                    data.extend_from_slice(&piece);
                }
                Err(frame) => trailers += frame.into_trailers().map_or(0, |map| map.len()),
            }
        }
    });
    match done? {
        Some(()) => Ok(Some(Content {
            data,
            trailers,
            rest,
        })),
        None => {
            assert!(decoder.finish().is_err());
            Ok(None)
        }
    }
}

/// Everything that must hold for chunked content at the start of `octets`.
pub fn chunked_body(octets: &[u8]) {
    let whole = once(octets, CUTS[0]);
    for sizes in CUTS {
        let split = once(octets, sizes);
        match (&whole, &split) {
            (Ok(one), Ok(two)) => assert_eq!(one, two),
            (Err(_), Err(_)) => {}
            _ => panic!("whole {whole:?}, split {split:?}"),
        }
    }
    let mut left = Rest(octets);
    let parsed = abnf::chunked_body(&mut left);
    match (whole, parsed) {
        (Ok(Some(content)), Some((data, trailers))) => {
            assert_eq!((&content.data, &content.rest[..]), (&data, left.0));
            assert!(content.trailers <= trailers.len());
        }
        (Ok(Some(content)), None) => panic!("taken against the ABNF: {content:?}"),
        (Ok(None), parsed) => assert!(parsed.is_none()),
        // Only a limit may refuse what the grammar accepts.
        (Err(error), Some(_)) => assert!(error.to_string().contains("exceed"), "{error}"),
        (Err(_), None) => {}
    }
}
