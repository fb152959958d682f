//! The server's side of a connection.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, Version};
use tokio_util::codec::{Decoder, Encoder};

use super::error::CodecError;
use super::message::{Declared, Message, RawResponse};
use crate::body::{BodyDecoder, BodyEncoder};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
use crate::exchange::{Exchange, MethodClass, Persistence};
use crate::fields::trailer::TrailerNames;
use crate::framing::{self, BodyLength};
use crate::head::write::{self, ConnectionField, Framing, StatusLine};
use crate::head::{FieldLines, ReasonPhrase, RequestHead, RequestHeadDecoder};
use crate::leniency::Leniency;
use crate::limits::Limits;

/// Requests in, responses out.
///
/// Decodes [`Message<RequestHead>`]; encodes `Message<http::Response<()>>`, or
/// [`Message<RawResponse>`] where order and spelling of the fields matter. Responses are framed for the
/// request that they answer, in the order of the requests: by a `Content-Length` that the response
/// declares, else chunked, else (HTTP/1.0) by the close. `Date` is the sender's to add.
///
/// Behind a `CONNECT`, octets wait until it is answered; refusing it closes the connection.
///
/// A request whose head is refused is none that could be answered: the status that
/// [`DecodeError::status`](crate::DecodeError::status) names is the caller's to write, behind the answers before it, and then to
/// close.
#[derive(Debug)]
pub struct ServerCodec {
    limits: Limits,
    leniency: Leniency,
    heads: RequestHeadDecoder,
    reading: Reading,
    /// The requests that await a final response, in their order.
    owed: VecDeque<Exchange>,
    writing: Option<Writing>,
    /// No further response can follow.
    closed: bool,
}

#[derive(Debug)]
enum Reading {
    Head,
    Content(BodyDecoder),
    /// `CONNECT`: what follows depends on the answer.
    Undecided,
    Tunnel,
    /// The last request of this connection is read; what follows is not looked at.
    Done,
    Failed(DecodeError),
}

/// The response whose head is written.
#[derive(Debug)]
struct Writing {
    body: BodyEncoder,
    trailers: TrailerNames,
    tunnel: bool,
}

impl ServerCodec {
    /// A codec for a fresh connection.
    pub fn new(limits: Limits, leniency: Leniency) -> Self {
        ServerCodec {
            limits,
            leniency,
            heads: RequestHeadDecoder::new(limits, leniency),
            reading: Reading::Head,
            owed: VecDeque::new(),
            writing: None,
            closed: false,
        }
    }

    /// How many requests await their final response.
    pub fn owed(&self) -> usize {
        self.owed.len()
    }

    /// Whether the connection has become a tunnel.
    pub fn is_tunnel(&self) -> bool {
        matches!(self.reading, Reading::Tunnel)
    }

    /// Whether the response that is being written, or was last written, is the last one: flush, then close.
    pub fn is_last(&self) -> bool {
        self.closed
    }

    fn head(&mut self, src: &mut BytesMut) -> Result<Option<Message<RequestHead>>, CodecError> {
        let mut head = RequestHead::default();
        if !self.heads.decode(src, &mut head)? {
            return Ok(None);
        }
        if self.owed.len() >= self.limits.owed {
            let kind = DecodeErrorKind::TooManyOwed(self.limits.owed);
            return Err(DecodeError::new(kind, 0).into());
        }
        self.owed.push_back(head.exchange());
        let body = BodyDecoder::new(head.length(), self.limits, self.leniency);
        self.reading = Reading::Content(body);
        Ok(Some(Message::Head(head)))
    }

    fn content(&mut self, src: &mut BytesMut) -> Result<Option<Message<RequestHead>>, CodecError> {
        let Reading::Content(body) = &mut self.reading else {
            return Ok(None);
        };
        if let Some(frame) = body.decode(src)? {
            return Ok(Some(message(frame)));
        }
        if !body.is_end() {
            return Ok(None);
        }
        self.reading = match self.owed.back() {
            _ if self.closed => Reading::Done,
            Some(last) if last.method == MethodClass::Connect => Reading::Undecided,
            Some(last) if !last.persistence.is_keep_alive() => Reading::Done,
            // The request is answered already.
            None if self.writing.as_ref().is_some_and(|writing| writing.tunnel) => Reading::Tunnel,
            _ => Reading::Head,
        };
        Ok(Some(Message::End))
    }

    /// Nothing more is read. The answer to a request whose content is broken is the last one.
    fn fail(&mut self, error: DecodeError) {
        if let (Reading::Content(_), Some(request)) = (&self.reading, self.owed.back_mut()) {
            request.persistence = Persistence::Close;
        }
        self.reading = Reading::Failed(error);
    }

    fn respond(
        &mut self,
        status: http::StatusCode,
        reason: Option<&ReasonPhrase>,
        fields: &impl FieldLines,
        declared: Declared,
        trailers: TrailerNames,
        dst: &mut BytesMut,
    ) -> Result<(), CodecError> {
        let Some(&exchange) = self.owed.front() else {
            return Err(EncodeError::new(EncodeErrorKind::Order).into());
        };
        if self
            .writing
            .as_ref()
            .is_some_and(|open| !open.body.is_end() || open.tunnel)
            || self.closed
        {
            return Err(EncodeError::new(EncodeErrorKind::Order).into());
        }
        let line = StatusLine { status, reason };
        let interim = status.is_informational() && status != http::StatusCode::SWITCHING_PROTOCOLS;
        if interim {
            if exchange.version == Version::HTTP_11 {
                let framing = Framing::new(framing::LengthField::None);
                write::response_head(dst, line, fields, framing, None);
            }
            return Ok(());
        }
        let length = declared.length.filter(|_| !declared.chunked);
        let outgoing =
            framing::outgoing_response(exchange.method, exchange.version, status, None, length);
        let tunnel = outgoing.body == BodyLength::Tunnel;
        if tunnel
            && status == http::StatusCode::SWITCHING_PROTOCOLS
            && !(exchange.upgrade && self.owed.len() == 1)
        {
            return Err(EncodeError::new(EncodeErrorKind::Order).into());
        }
        let refused_tunnel = exchange.method == MethodClass::Connect && !tunnel;
        let close = declared.close
            || refused_tunnel
            || outgoing.body == BodyLength::UntilClose
            || exchange.persistence == Persistence::Close;
        let connection = match exchange.version {
            _ if tunnel => ConnectionField::None,
            _ if close => ConnectionField::Close,
            Version::HTTP_10 => ConnectionField::KeepAlive,
            _ => ConnectionField::None,
        };
        let framing = Framing::new(outgoing.field).with_connection(connection);
        write::response_head(dst, line, fields, framing, None);
        self.owed.pop_front();
        self.closed = close && !tunnel;
        self.writing = Some(Writing {
            body: BodyEncoder::new(outgoing.body),
            trailers,
            tunnel,
        });
        match self.reading {
            Reading::Undecided | Reading::Head if tunnel => self.reading = Reading::Tunnel,
            Reading::Undecided | Reading::Head if close => self.reading = Reading::Done,
            _ => {}
        }
        Ok(())
    }

    fn rest<H>(&mut self, frame: Message<H>, dst: &mut BytesMut) -> Result<(), CodecError> {
        let Some(writing) = &mut self.writing else {
            return Err(EncodeError::new(EncodeErrorKind::Order).into());
        };
        put(
            frame,
            writing.tunnel,
            &mut writing.body,
            &writing.trailers,
            dst,
        )
    }
}

/// Encodes anything but a head.
pub(super) fn put<H>(
    frame: Message<H>,
    tunnel: bool,
    body: &mut BodyEncoder,
    names: &TrailerNames,
    dst: &mut BytesMut,
) -> Result<(), CodecError> {
    match frame {
        Message::Data(data) if tunnel => dst.extend_from_slice(&data),
        Message::Data(data) => body.data(data, dst)?,
        Message::Trailers(trailers) => body.trailers(&trailers, names, dst)?,
        Message::Head(_) | Message::End => body.end(dst)?,
    }
    Ok(())
}

/// A frame of content as a frame of a message.
pub(super) fn message<H>(frame: http_body::Frame<Bytes>) -> Message<H> {
    match frame.into_data() {
        Ok(data) => Message::Data(data),
        Err(frame) => Message::Trailers(frame.into_trailers().unwrap_or_default()),
    }
}

impl Decoder for ServerCodec {
    type Item = Message<RequestHead>;
    type Error = CodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, CodecError> {
        let decoded = match self.reading {
            Reading::Head => self.head(src),
            Reading::Content(_) => self.content(src),
            Reading::Tunnel if src.is_empty() => Ok(None),
            Reading::Tunnel => Ok(Some(Message::Data(src.split().freeze()))),
            Reading::Undecided if src.len() > self.limits.head => {
                let kind = DecodeErrorKind::HeadTooLarge(self.limits.head);
                Err(DecodeError::at(kind, src.len()).into())
            }
            Reading::Undecided => Ok(None),
            Reading::Done => {
                src.clear();
                Ok(None)
            }
            Reading::Failed(error) => Err(error.into()),
        };
        if let Err(CodecError::Decode(error)) = decoded {
            self.fail(error);
        }
        decoded
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, CodecError> {
        if let Some(frame) = self.decode(src)? {
            return Ok(Some(frame));
        }
        let truncated = match &mut self.reading {
            Reading::Content(body) => body.finish().err(),
            Reading::Head if self.heads.started(src) => {
                Some(DecodeError::at(DecodeErrorKind::Truncated(1), src.len()))
            }
            // It may yet become a tunnel, and what came is the tunnel's.
            Reading::Undecided => return Ok(None),
            _ => None,
        };
        src.clear();
        match truncated {
            None => Ok(None),
            Some(error) => {
                self.fail(error);
                Err(error.into())
            }
        }
    }
}

impl Encoder<Message<Response<()>>> for ServerCodec {
    type Error = CodecError;

    /// Encodes one frame.
    ///
    /// # Errors
    ///
    /// `Order` for a response that no request waits for, a head inside of content, content without a
    /// head; `Excess` and `Missing` as [`BodyEncoder`].
    fn encode(
        &mut self,
        frame: Message<Response<()>>,
        dst: &mut BytesMut,
    ) -> Result<(), CodecError> {
        let Message::Head(head) = frame else {
            return self.rest(frame, dst);
        };
        let fields: &HeaderMap = head.headers();
        let reason = head.extensions().get::<ReasonPhrase>();
        let names = TrailerNames::declared(fields);
        self.respond(
            head.status(),
            reason,
            fields,
            Declared::of_map(fields),
            names,
            dst,
        )
    }
}

impl Encoder<Message<RawResponse>> for ServerCodec {
    type Error = CodecError;

    /// Encodes one frame; trailer fields of any allowed name pass.
    ///
    /// # Errors
    ///
    /// As for `http::Response`.
    fn encode(
        &mut self,
        frame: Message<RawResponse>,
        dst: &mut BytesMut,
    ) -> Result<(), CodecError> {
        let Message::Head(head) = frame else {
            return self.rest(frame, dst);
        };
        let declared = Declared::of(&head.fields);
        let names = TrailerNames::any();
        self.respond(
            head.status,
            head.reason.as_ref(),
            &head.fields,
            declared,
            names,
            dst,
        )
    }
}
