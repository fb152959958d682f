//! The chunked transfer coding (RFC 9112 section 7.1).
//!
//! ```text
//! chunked-body = *chunk last-chunk trailer-section CRLF
//! chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
//! chunk-size   = 1*HEXDIG
//! chunk-ext    = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
//! ```
//!
//! A chunk-size line is a small machine that takes one octet at a time: each is looked at once however
//! the line drips in, and an offence shows at its own octet. Data is handed on as it arrives; a chunk is
//! never collected, so its announced size may be anything a `u64` holds.

use crate::error::DecodeErrorKind as Kind;
use crate::grammar;
use crate::leniency::Leniency;
use crate::limits::Limits;

/// The most digits of a chunk size: those of a `u64`.
const DIGITS: u8 = 16;

/// A chunk-size line, as far as it has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChunkLine {
    size: u64,
    digits: u8,
    place: Place,
    octets: u32,
}

/// Where in the line the next octet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Size,
    /// Whitespace behind the size, which only an extension (or leniency) makes good.
    AfterSize,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Value,
    Quoted,
    QuotedPair,
    /// Behind a value: whitespace here too needs another extension behind it.
    AfterValue,
    AfterQuoted,
    Lf,
}

impl ChunkLine {
    pub(super) const fn new() -> Self {
        ChunkLine {
            size: 0,
            digits: 0,
            place: Place::Size,
            octets: 0,
        }
    }

    /// Takes the octets of the line out of `octets`: how many were taken, and the size once the line
    /// is complete. `extensions` counts what the extensions of the message have cost.
    pub(super) fn take(
        &mut self,
        octets: &[u8],
        limits: Limits,
        leniency: Leniency,
        extensions: &mut usize,
    ) -> Result<(usize, Option<u64>), (usize, Kind)> {
        for (at, &octet) in octets.iter().enumerate() {
            if self.step(octet, leniency).map_err(|kind| (at, kind))? {
                return Ok((at + 1, Some(self.size)));
            }
            self.octets += 1;
            // The CR of the line end does not count.
            if self.octets as usize > limits.chunk_line && self.place != Place::Lf {
                return Err((at, Kind::ChunkLineTooLong(limits.chunk_line)));
            }
            if !matches!(self.place, Place::Size | Place::Lf) {
                *extensions += 1;
                if *extensions > limits.chunk_extensions {
                    let kind = Kind::ChunkExtensionsTooLarge(limits.chunk_extensions);
                    return Err((at, kind));
                }
            }
        }
        Ok((octets.len(), None))
    }

    /// One octet; `true` if it ended the line.
    fn step(&mut self, octet: u8, leniency: Leniency) -> Result<bool, Kind> {
        if matches!(octet, b'\r' | b'\n') {
            return self.line_end(octet, leniency);
        }
        self.place = match self.place {
            Place::Size => self.size_octet(octet, leniency)?,
            Place::Lf => return Err(Kind::BareCr),
            place => extension_octet(place, octet)?,
        };
        Ok(false)
    }

    fn size_octet(&mut self, octet: u8, leniency: Leniency) -> Result<Place, Kind> {
        if let Some(digit) = grammar::hex_digit(octet) {
            if self.digits == DIGITS {
                return Err(Kind::ChunkSizeTooLong);
            }
            self.digits += 1;
            self.size = self.size << 4 | u64::from(digit);
            return Ok(Place::Size);
        }
        match octet {
            b';' if self.digits > 0 => Ok(Place::BeforeName),
            b' ' | b'\t' if self.digits > 0 => Ok(Place::AfterSize),
            b' ' | b'\t' if leniency.chunk_size_whitespace => Ok(Place::Size),
            _ => Err(Kind::ChunkSize),
        }
    }

    fn line_end(&mut self, octet: u8, leniency: Leniency) -> Result<bool, Kind> {
        if self.place == Place::Lf {
            return if octet == b'\n' {
                Ok(true)
            } else {
                Err(Kind::BareCr)
            };
        }
        match self.place {
            Place::Size if self.digits > 0 => {}
            Place::Size => return Err(Kind::ChunkSize),
            Place::AfterSize if leniency.chunk_size_whitespace => {}
            Place::AfterSize => return Err(Kind::ChunkSize),
            Place::Name | Place::Value | Place::AfterQuoted => {}
            _ => return Err(Kind::ChunkExtension),
        }
        if octet == b'\n' {
            return if leniency.bare_lf {
                Ok(true)
            } else {
                Err(Kind::BareLf)
            };
        }
        self.place = Place::Lf;
        Ok(false)
    }
}

/// One octet of the extensions; line ends do not come here.
fn extension_octet(place: Place, octet: u8) -> Result<Place, Kind> {
    let space = grammar::is_ows(octet);
    let token = grammar::is_tchar(octet);
    let next = match place {
        Place::AfterSize | Place::AfterValue => match octet {
            b';' => Place::BeforeName,
            _ if space => place,
            _ if place == Place::AfterSize => return Err(Kind::ChunkSize),
            _ => return Err(Kind::ChunkExtension),
        },
        Place::BeforeName if space => Place::BeforeName,
        Place::BeforeName | Place::Name if token => Place::Name,
        Place::Name | Place::AfterName => match octet {
            b'=' => Place::BeforeValue,
            b';' => Place::BeforeName,
            _ if space => Place::AfterName,
            _ => return Err(Kind::ChunkExtension),
        },
        Place::BeforeValue if space => Place::BeforeValue,
        Place::BeforeValue if octet == b'"' => Place::Quoted,
        Place::BeforeValue | Place::Value if token => Place::Value,
        Place::Value | Place::AfterQuoted => match octet {
            b';' => Place::BeforeName,
            _ if space => Place::AfterValue,
            _ => return Err(Kind::ChunkExtension),
        },
        Place::Quoted => match octet {
            b'"' => Place::AfterQuoted,
            b'\\' => Place::QuotedPair,
            _ if grammar::is_value_octet(octet) => Place::Quoted,
            _ => return Err(Kind::ChunkExtension),
        },
        Place::QuotedPair if grammar::is_value_octet(octet) => Place::Quoted,
        _ => return Err(Kind::ChunkExtension),
    };
    Ok(next)
}
