//! The start line of a request, as far as it has come.
//!
//! ```text
//! request-line = method SP request-target SP HTTP-version CRLF
//! ```

use http::Version;

use super::span::Span;
use crate::error::DecodeError;
use crate::error::DecodeErrorKind as Kind;
use crate::grammar::{self, Class};
use crate::limits::Limits;

/// The parts of a request line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLineSpans {
    pub(crate) method: Span,
    pub(crate) target: Span,
    pub(crate) version: Version,
}

/// `request-line = method SP request-target SP HTTP-version` (RFC 9112 section 3), ending at `end`.
pub(crate) fn request_line(
    octets: &[u8],
    end: usize,
    limits: &Limits,
) -> Result<RequestLineSpans, DecodeError> {
    let line = &octets[..end];
    if line.starts_with(b"PRI * HTTP/2") {
        return Err(DecodeError::at(Kind::UnsupportedVersion, 0));
    }
    let mut start = StartLine::default();
    start.look(line, limits)?;
    match start.place {
        Place::Version if start.part < end => {}
        // A method and a target, and no version: the line of HTTP/0.9.
        Place::Version => return Err(DecodeError::at(Kind::Version, end)),
        Place::Target if start.part < end => return Err(DecodeError::at(Kind::Version, end)),
        Place::Target => return Err(DecodeError::at(Kind::Target, end)),
        Place::Method => return Err(DecodeError::at(Kind::Method, end)),
    }
    Ok(RequestLineSpans {
        method: Span::new(0, start.method),
        target: Span::new(start.method + 1, start.part - 1),
        version: version(&line[start.part..], start.part)?,
    })
}

/// A request line as far as it has come, looked at octet by octet; most of them go on with the part that the line is in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StartLine {
    at: u32,
    place: Place,
    /// Where the current part starts.
    part: usize,
    /// Octets of the method.
    method: usize,
    /// What goes on with the current part, up to so many octets of the line.
    class: Class,
    until: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Method,
    Target,
    Version,
}

impl StartLine {
    /// Whether the last of these octets alone is new, and goes on with the part that the line is in.
    #[inline(always)]
    pub(super) fn takes(&mut self, octets: &[u8]) -> bool {
        let next = self.next(octets).filter(|_| self.at() < self.until);
        let takes = next.is_some_and(|octet| self.class.has(octet));
        if takes {
            self.at = octets.len() as u32;
        }
        takes
    }

    /// Whether the last of these octets alone is new, and parts the line or goes on with it. A CR does not yet, and is looked at
    /// with what comes behind it.
    #[inline(always)]
    pub(super) fn goes_on(&mut self, octets: &[u8], most: usize, limits: &Limits) -> bool {
        match self.next(octets) {
            Some(b'\r') => true,
            Some(octet) => {
                let good = self.step(octet, limits).is_ok();
                self.go_on(most, limits);
                good
            }
            None => false,
        }
    }

    /// The last of these octets, if it alone is new.
    #[inline(always)]
    fn next(&self, octets: &[u8]) -> Option<u8> {
        match self.at().wrapping_add(1) == octets.len() {
            true => octets.get(self.at()).copied(),
            false => None,
        }
    }

    /// So many octets have been looked at.
    pub(super) const fn at(&self) -> usize {
        self.at as usize
    }

    /// From now on octets that go on with the part are taken, as long as the line has at most `most`.
    pub(super) fn go_on(&mut self, most: usize, limits: &Limits) {
        let (class, longest) = match self.place {
            Place::Method => (Class::TCHAR, limits.method),
            Place::Target => (Class::TARGET, limits.target),
            Place::Version => (Class::VALUE, 8),
        };
        self.class = class;
        self.until = self.part.saturating_add(longest).min(most);
    }

    /// Looks at what is new in `line`, which holds no line end.
    #[inline]
    pub(crate) fn look(&mut self, line: &[u8], limits: &Limits) -> Result<(), DecodeError> {
        while let Some(&octet) = line.get(self.at()) {
            self.step(octet, limits)?;
        }
        Ok(())
    }

    /// Looks at one octet.
    #[inline(always)]
    fn step(&mut self, octet: u8, limits: &Limits) -> Result<(), DecodeError> {
        let at = self.at();
        let length = at - self.part;
        match self.place {
            Place::Method if grammar::is_tchar(octet) => {
                if length >= limits.method {
                    return Err(DecodeError::at(Kind::MethodTooLong(limits.method), at));
                }
            }
            Place::Target if grammar::is_target_octet(octet) => {
                if length >= limits.target {
                    return Err(DecodeError::at(Kind::TargetTooLong(limits.target), at));
                }
            }
            Place::Method if octet == b' ' && length > 0 => {
                self.method = at;
                self.place = Place::Target;
                self.part = at + 1;
            }
            Place::Target if octet == b' ' && length > 0 => {
                self.place = Place::Version;
                self.part = at + 1;
            }
            Place::Method => return Err(DecodeError::at(Kind::Method, at)),
            Place::Target => return Err(DecodeError::at(Kind::Target, at)),
            Place::Version if length >= 8 => return Err(DecodeError::at(Kind::Version, self.part)),
            Place::Version => {}
        }
        self.at += 1;
        Ok(())
    }
}

/// `HTTP-version = "HTTP/" DIGIT "." DIGIT` (RFC 9112 section 2.3); a minor version above 1 counts
/// as 1 (RFC 9110 section 2.5).
pub(crate) fn version(octets: &[u8], position: usize) -> Result<Version, DecodeError> {
    match octets {
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            match (major, minor) {
                (b'1', b'0') => Ok(Version::HTTP_10),
                (b'1', _) => Ok(Version::HTTP_11),
                _ => Err(DecodeError::at(Kind::UnsupportedVersion, position)),
            }
        }
        _ => Err(DecodeError::at(Kind::Version, position)),
    }
}
