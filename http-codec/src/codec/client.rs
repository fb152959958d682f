//! The client's side of a connection.

use std::collections::VecDeque;

use bytes::BytesMut;
use http::{HeaderMap, Method, Request, StatusCode};
use tokio_util::codec::{Decoder, Encoder};

use super::error::CodecError;
use super::message::{Declared, Message, RawRequest};
use super::server::{message, put};
use crate::body::{BodyDecoder, BodyEncoder};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
use crate::exchange::MethodClass;
use crate::fields::trailer::TrailerNames;
use crate::framing::{self, BodyLength};
use crate::head::write::{self, ConnectionField, Framing, RequestLine};
use crate::head::{FieldLines, ResponseHead, ResponseHeadDecoder};
use crate::leniency::Leniency;
use crate::limits::Limits;

/// Requests out, responses in.
///
/// Encodes `Message<http::Request<()>>`, or [`Message<RawRequest>`] where order and spelling of the fields
/// matter; decodes [`Message<ResponseHead>`], each framed for the request that it answers. A request's content is
/// framed by the `Content-Length` that it declares, chunked where it declares `Transfer-Encoding`, and
/// is otherwise empty.
#[derive(Debug)]
pub struct ClientCodec {
    limits: Limits,
    leniency: Leniency,
    heads: ResponseHeadDecoder,
    reading: Reading,
    /// The requests that await a final response, in their order.
    awaited: VecDeque<Awaited>,
    /// Interim responses to the first of them.
    interim: usize,
    writing: Option<(BodyEncoder, TrailerNames)>,
    /// A request said `Connection: close`.
    last: bool,
}

/// What the response to a request depends on.
#[derive(Debug, Clone, Copy)]
struct Awaited {
    method: MethodClass,
    /// The request offers another protocol.
    upgrade: bool,
}

impl Awaited {
    /// The octets behind this request may not be HTTP: no other request follows it.
    fn may_tunnel(self) -> bool {
        self.upgrade || self.method == MethodClass::Connect
    }
}

#[derive(Debug)]
enum Reading {
    Head,
    Content(BodyDecoder, Next),
    Tunnel,
    /// The connection carries no further message.
    Done,
    Failed(DecodeError),
}

/// What follows the content of a response.
#[derive(Debug, Clone, Copy)]
enum Next {
    Head,
    Tunnel,
    Done,
}

impl ClientCodec {
    /// A codec for a fresh connection.
    pub fn new(limits: Limits, leniency: Leniency) -> Self {
        ClientCodec {
            limits,
            leniency,
            heads: ResponseHeadDecoder::new(limits, leniency),
            reading: Reading::Head,
            awaited: VecDeque::new(),
            interim: 0,
            writing: None,
            last: false,
        }
    }

    /// How many requests await their final response.
    pub fn awaited(&self) -> usize {
        self.awaited.len()
    }

    /// Whether the connection has become a tunnel.
    pub fn is_tunnel(&self) -> bool {
        matches!(self.reading, Reading::Tunnel)
    }

    fn head(&mut self, src: &mut BytesMut) -> Result<Option<Message<ResponseHead>>, CodecError> {
        let Some(&Awaited { method, upgrade }) = self.awaited.front() else {
            return match src.is_empty() {
                true => Ok(None),
                false => Err(DecodeError::new(DecodeErrorKind::Unsolicited, 0).into()),
            };
        };
        let mut head = ResponseHead::default();
        if !self.heads.decode(src, method, &mut head)? {
            return Ok(None);
        }
        if head.is_interim() {
            self.interim += 1;
            if self.interim > self.limits.interim {
                let kind = DecodeErrorKind::TooManyInterim(self.limits.interim);
                return Err(DecodeError::new(kind, 0).into());
            }
            return Ok(Some(Message::Head(head)));
        }
        if head.status() == StatusCode::SWITCHING_PROTOCOLS && !(upgrade && head.upgrade()) {
            return Err(DecodeError::new(DecodeErrorKind::Upgrade, 0).into());
        }
        self.interim = 0;
        self.awaited.pop_front();
        let next = match head.length() {
            BodyLength::Tunnel => Next::Tunnel,
            _ if head.persistence().is_keep_alive() => Next::Head,
            _ => Next::Done,
        };
        let body = BodyDecoder::new(head.length(), self.limits, self.leniency);
        self.reading = Reading::Content(body, next);
        Ok(Some(Message::Head(head)))
    }

    fn content(&mut self, src: &mut BytesMut) -> Result<Option<Message<ResponseHead>>, CodecError> {
        let Reading::Content(body, next) = &mut self.reading else {
            return Ok(None);
        };
        if let Some(frame) = body.decode(src)? {
            return Ok(Some(message(frame)));
        }
        if !body.is_end() {
            return Ok(None);
        }
        self.reading = match next {
            Next::Head => Reading::Head,
            Next::Tunnel => Reading::Tunnel,
            Next::Done => Reading::Done,
        };
        Ok(Some(Message::End))
    }

    fn request(
        &mut self,
        line: RequestLine<'_>,
        host: &[u8],
        fields: &impl FieldLines,
        declared: Declared,
        trailers: TrailerNames,
        dst: &mut BytesMut,
    ) -> Result<(), CodecError> {
        let open = self
            .writing
            .as_ref()
            .is_some_and(|(body, _)| !body.is_end());
        if open
            || self.last
            || self.awaited.back().is_some_and(|last| last.may_tunnel())
            || !matches!(
                self.reading,
                Reading::Head | Reading::Content(_, Next::Head)
            )
        {
            return Err(EncodeError::new(EncodeErrorKind::Order).into());
        }
        let size = match declared {
            Declared { chunked: true, .. } => None,
            Declared { length, .. } => Some(length.unwrap_or(0)),
        };
        let outgoing = match MethodClass::from(line.method) {
            // A CONNECT has no content (RFC 9110 section 9.3.6).
            MethodClass::Connect => framing::outgoing_request(&Method::CONNECT, Some(0)),
            _ => framing::outgoing_request(line.method, size),
        };
        let connection = match declared.close {
            true => ConnectionField::Close,
            false => ConnectionField::None,
        };
        let framing = Framing::new(outgoing.field).with_connection(connection);
        write::request_head(dst, line, host, fields, framing)?;
        self.last = declared.close;
        self.awaited.push_back(Awaited {
            method: MethodClass::from(line.method),
            upgrade: declared.upgrade,
        });
        self.writing = Some((BodyEncoder::new(outgoing.body), trailers));
        Ok(())
    }

    fn rest<H>(&mut self, frame: Message<H>, dst: &mut BytesMut) -> Result<(), CodecError> {
        let tunnel = self.is_tunnel();
        let Some((body, names)) = &mut self.writing else {
            return Err(EncodeError::new(EncodeErrorKind::Order).into());
        };
        put(frame, tunnel, body, names, dst)
    }
}

impl Decoder for ClientCodec {
    type Item = Message<ResponseHead>;
    type Error = CodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, CodecError> {
        let decoded = match self.reading {
            Reading::Head => self.head(src),
            Reading::Content(..) => self.content(src),
            Reading::Tunnel if src.is_empty() => Ok(None),
            Reading::Tunnel => Ok(Some(Message::Data(src.split().freeze()))),
            Reading::Done => {
                src.clear();
                Ok(None)
            }
            Reading::Failed(error) => Err(error.into()),
        };
        if let Err(CodecError::Decode(error)) = decoded {
            self.reading = Reading::Failed(error);
        }
        decoded
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, CodecError> {
        if let Some(frame) = self.decode(src)? {
            return Ok(Some(frame));
        }
        let truncated = match &mut self.reading {
            Reading::Content(body, _) => match body.finish() {
                Ok(()) => return self.content(src),
                Err(error) => Some(error),
            },
            Reading::Head if !src.is_empty() || !self.awaited.is_empty() => {
                Some(DecodeError::at(DecodeErrorKind::Truncated(1), src.len()))
            }
            _ => None,
        };
        src.clear();
        match truncated {
            None => Ok(None),
            Some(error) => {
                self.reading = Reading::Failed(error);
                Err(error.into())
            }
        }
    }
}

impl Encoder<Message<Request<()>>> for ClientCodec {
    type Error = CodecError;

    /// Encodes one frame. The target is the request's URI as it stands: in origin-form for a server, in
    /// absolute-form for a proxy, in authority-form for `CONNECT`; `Host` is that of the fields, else
    /// the URI's authority.
    ///
    /// # Errors
    ///
    /// `Order` for a head inside of content, after the end of the connection, or behind a `CONNECT` or an offered upgrade that
    /// is not answered, and for content without a head; `Target` and `Host`; `Excess` and `Missing` as [`BodyEncoder`].
    fn encode(
        &mut self,
        frame: Message<Request<()>>,
        dst: &mut BytesMut,
    ) -> Result<(), CodecError> {
        let Message::Head(head) = frame else {
            return self.rest(frame, dst);
        };
        let target = head.uri().to_string();
        let fields: &HeaderMap = head.headers();
        let host = match (fields.get(http::header::HOST), head.uri().authority()) {
            (Some(host), _) => host.as_bytes(),
            (None, Some(authority)) => authority.as_str().as_bytes(),
            (None, None) => b"",
        };
        let line = RequestLine {
            method: head.method(),
            target: &target,
        };
        let names = TrailerNames::declared(fields);
        self.request(line, host, fields, Declared::of_map(fields), names, dst)
    }
}

impl Encoder<Message<RawRequest>> for ClientCodec {
    type Error = CodecError;

    /// Encodes one frame; trailer fields of any allowed name pass.
    ///
    /// # Errors
    ///
    /// As for `http::Request`.
    fn encode(&mut self, frame: Message<RawRequest>, dst: &mut BytesMut) -> Result<(), CodecError> {
        let Message::Head(head) = frame else {
            return self.rest(frame, dst);
        };
        let line = RequestLine {
            method: &head.method,
            target: &head.target,
        };
        let declared = Declared::of(&head.fields);
        let names = TrailerNames::any();
        self.request(line, &head.host, &head.fields, declared, names, dst)
    }
}
