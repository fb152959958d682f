//! What the fields of a head say that concerns its message and its connection, noted in one pass.

use super::names::Name;
use super::span::{FieldSpan, Span};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::exchange::Expectation;
use crate::fields::connection::ConnectionOptions;
use crate::fields::content_length::Repeat;
use crate::fields::{content_length, expect, host, trailer, transfer_coding};
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
    /// A 2xx to `CONNECT`, whose framing fields are ignored (RFC 9110 section 9.3.6).
    Tunnel,
}

impl Facts {
    /// Notes one field line.
    #[inline(always)]
    pub(crate) fn note(
        &mut self,
        octets: &[u8],
        line: FieldSpan,
        direction: Direction,
    ) -> Result<(), DecodeErrorKind> {
        if !line.known.says_something() {
            return Ok(());
        }
        match line.known {
            Name::HOST if matches!(direction, Direction::Request(_)) => self.note_host(line.value),
            name => self.note_special(name, line.value.of(octets), direction),
        }
    }

    fn note_special(
        &mut self,
        name: Name,
        value: &[u8],
        direction: Direction,
    ) -> Result<(), DecodeErrorKind> {
        match name {
            Name::EXPECT => self.expectation = expect::note(self.expectation, value),
            Name::UPGRADE => self.upgrade |= !value.is_empty(),
            Name::CONNECTION => {
                self.connection.note(value);
                if !self.connection.close && !self.connection.upgrade {
                    return Ok(());
                }
            }
            Name::TRAILER => self.framing.late |= trailer::names_framing(value),
            Name::CONTENT_LENGTH => {
                let repeat = match direction {
                    Direction::Request(repeat) => repeat,
                    Direction::Response | Direction::Tunnel => Repeat::Collapse,
                };
                let before = self.framing.content_length;
                self.framing.content_length = content_length::note(before, value, repeat)?;
            }
            Name::TRANSFER_ENCODING => {
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
            // Asked before the span is copied: most say nothing.
            if !span.known.says_something() {
                continue;
            }
            if direction == Direction::Tunnel && span.known.frames() {
                continue;
            }
            facts
                .note(octets, *span, direction)
                .map_err(|kind| DecodeError::new(kind, u64::from(span.value.start)))?;
        }
        Ok(facts)
    }

    #[inline]
    fn note_host(&mut self, value: Span) -> Result<(), DecodeErrorKind> {
        if self.host.is_some() {
            return Err(DecodeErrorKind::HostRepeated);
        }
        self.host = Some(value);
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
