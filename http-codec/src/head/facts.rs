//! What the fields of a head say that concerns its message and its connection, noted in one pass.

use crate::error::DecodeErrorKind;
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
    /// The index of the `Host` line.
    pub(crate) host: Option<u32>,
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            framing: FramingFields::default(),
            connection: ConnectionOptions::default(),
            expectation: Expectation::None,
            upgrade: false,
            host: None,
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
    /// Notes one field line; told apart by length first, so that most cost one comparison.
    #[inline]
    pub(crate) fn note(
        &mut self,
        index: usize,
        name: &[u8],
        value: &[u8],
        direction: Direction,
    ) -> Result<(), DecodeErrorKind> {
        match name.len() {
            4 | 6 | 7 | 10 | 14 | 17 => self.note_candidate(index, name, value, direction),
            _ => Ok(()),
        }
    }

    fn note_candidate(
        &mut self,
        index: usize,
        name: &[u8],
        value: &[u8],
        direction: Direction,
    ) -> Result<(), DecodeErrorKind> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                if direction != Direction::Response {
                    self.note_host(index, value)?;
                }
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.expectation = expect::note(self.expectation, value);
            }
            7 if name.eq_ignore_ascii_case(b"upgrade") => self.upgrade |= !value.is_empty(),
            10 if name.eq_ignore_ascii_case(b"connection") => self.connection.note(value),
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
            _ => {}
        }
        Ok(())
    }

    fn note_host(&mut self, index: usize, value: &[u8]) -> Result<(), DecodeErrorKind> {
        if self.host.is_some() {
            return Err(DecodeErrorKind::HostRepeated);
        }
        if host::parse(value).is_none() {
            return Err(DecodeErrorKind::Host);
        }
        self.host = Some(index as u32);
        Ok(())
    }
}
