//! What the fields of a head say that concerns its message and its connection, noted in one pass.

use super::span::{FieldSpan, Span};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::exchange::Expectation;
use crate::fields::connection::ConnectionOptions;
use crate::fields::content_length::Repeat;
use crate::fields::{content_length, expect, host, transfer_coding};
use crate::framing::FramingFields;

/// The facts of a field section.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) framing: FramingFields,
    pub(crate) connection: ConnectionOptions,
    pub(crate) expectation: Expectation,
    pub(crate) upgrade: bool,
    /// Where the value of `Host` stands; its grammar is looked at later.
    pub(crate) host: Option<Span>,
    /// Some field but `Host` and `Connection: keep-alive` had something to say.
    pub(crate) special: bool,
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            framing: FramingFields::default(),
            connection: ConnectionOptions::default(),
            expectation: Expectation::None,
            upgrade: false,
            host: None,
            special: false,
        }
    }
}

/// The direction of a message, where a rule depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request(Repeat),
    Response,
}

impl Facts {
    /// Notes one field line; told apart by length and first letter, so that most cost a comparison or
    /// two.
    #[inline(always)]
    pub(crate) fn note(
        &mut self,
        name: &[u8],
        value: &[u8],
        span: Span,
        direction: Direction,
    ) -> Result<(), DecodeErrorKind> {
        let first = name.first().map_or(0, |first| first | 0x20);
        match (name.len(), first) {
            (4, b'h') if direction != Direction::Response => self.note_host(name, span),
            (6, b'e') | (7, b'u') | (10 | 14, b'c') | (17, b't') => {
                self.note_candidate(name, value, direction)
            }
            _ => Ok(()),
        }
    }

    fn note_candidate(
        &mut self,
        name: &[u8],
        value: &[u8],
        direction: Direction,
    ) -> Result<(), DecodeErrorKind> {
        match name.len() {
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.expectation = expect::note(self.expectation, value);
            }
            7 if name.eq_ignore_ascii_case(b"upgrade") => self.upgrade |= !value.is_empty(),
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.connection.note(value);
                if !self.connection.close && !self.connection.upgrade {
                    return Ok(());
                }
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let repeat = match direction {
                    Direction::Request(repeat) => repeat,
                    Direction::Response => Repeat::Collapse,
                };
                let before = self.framing.content_length;
                self.framing.content_length = content_length::note(before, value, repeat)?;
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                self.framing.coding = transfer_coding::note(self.framing.coding, value)?;
            }
            _ => return Ok(()),
        }
        self.special = true;
        Ok(())
    }

    /// Notes all lines of a section; the first offence, with its place.
    pub(crate) fn of(
        octets: &[u8],
        spans: &[FieldSpan],
        direction: Direction,
    ) -> Result<Self, DecodeError> {
        let mut facts = Facts::default();
        for span in spans {
            let (name, value) = (span.name.of(octets), span.value.of(octets));
            facts
                .note(name, value, span.value, direction)
                .map_err(|kind| DecodeError::new(kind, u64::from(span.value.start)))?;
        }
        Ok(facts)
    }

    #[inline]
    fn note_host(&mut self, name: &[u8], value: Span) -> Result<(), DecodeErrorKind> {
        if name.eq_ignore_ascii_case(b"host") {
            if self.host.is_some() {
                return Err(DecodeErrorKind::HostRepeated);
            }
            self.host = Some(value);
        }
        Ok(())
    }
}

/// The host that was last found good: on one connection nearly all requests name the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownHost {
    octets: [u8; 63],
    length: u8,
}

impl Default for KnownHost {
    fn default() -> Self {
        KnownHost {
            octets: [0; 63],
            length: 0,
        }
    }
}

impl KnownHost {
    /// Whether this is a host.
    #[inline]
    pub(crate) fn check(&mut self, value: &[u8]) -> Result<(), DecodeErrorKind> {
        if self.octets.get(..usize::from(self.length)) == Some(value) {
            return Ok(());
        }
        self.learn(value)
    }

    fn learn(&mut self, value: &[u8]) -> Result<(), DecodeErrorKind> {
        host::parse(value).ok_or(DecodeErrorKind::Host)?;
        if let Some(room) = self.octets.get_mut(..value.len()) {
            room.copy_from_slice(value);
            self.length = value.len() as u8;
        }
        Ok(())
    }
}
