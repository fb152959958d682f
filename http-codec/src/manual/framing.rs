//! How a message is framed (RFC 9112 sections 2 to 7).
//!
//! ```text
//! HTTP-message = start-line CRLF
//!                *( field-line CRLF )
//!                CRLF
//!                [ message-body ]
//! ```
//!
//! A connection carries one message after the other, and nothing but the messages themselves says where one ends.
//! Three decisions are made for each, always in this order, and each has its place in this crate:
//!
//! 1. **Where does the head end?** At the first empty line.
//!    [`RequestHeadDecoder`](crate::RequestHeadDecoder) and [`ResponseHeadDecoder`](crate::ResponseHeadDecoder) find
//!    it; what they give is the head as one run of octets, the places of its parts, and its framing facts.
//! 2. **How long is the content?** [`BodyLength`](crate::BodyLength), by the tables of [`framing`](crate::framing).
//!    A request without a framing field has none; a response without one ends with the connection, unless its
//!    status or the request's method says that it has none.
//! 3. **What follows?** The next message, the end of the connection
//!    ([`Persistence`](crate::Persistence)), or another protocol ([`BodyLength::Tunnel`](crate::BodyLength::Tunnel)).
//!
//! # Reading a request by hand
//!
//! Decoders take octets out of a buffer and say whether they need more. They own no transport, so this is the
//! whole of it:
//!
//! ```
//! use bytes::BytesMut;
//! use http_codec::{BodyDecoder, BodyLength, Leniency, Limits, RequestHead, RequestHeadDecoder};
//!
//! # fn main() -> Result<(), http_codec::DecodeError> {
//! let mut buffer = BytesMut::from(
//!     "POST /notes HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n\
//!      5\r\nhello\r\n0\r\nX-Sum: 5d41\r\n\r\nGET /next",
//! );
//! let (limits, leniency) = (Limits::request(), Leniency::strict());
//!
//! let mut head = RequestHead::default();
//! assert!(RequestHeadDecoder::new(limits, leniency).decode(&mut buffer, &mut head)?);
//! assert_eq!((head.method(), head.target()), ("POST", "/notes"));
//! assert_eq!(head.length(), BodyLength::Chunked);
//!
//! let mut body = BodyDecoder::new(head.length(), limits, leniency);
//! let data = body.decode(&mut buffer)?.unwrap().into_data().unwrap();
//! assert_eq!(data, "hello");
//! let trailers = body.decode(&mut buffer)?.unwrap().into_trailers().unwrap();
//! assert_eq!(trailers["x-sum"], "5d41");
//! assert!(body.is_end());
//!
//! assert_eq!(buffer, "GET /next", "what belongs to the next message is untouched");
//! # Ok(())
//! # }
//! ```
//!
//! # Writing a response by hand
//!
//! The framing of what is sent is decided before the head, from what is known: the method and version that the
//! request came with ([`Exchange`](crate::Exchange)), the status, the size.
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use http::{HeaderMap, StatusCode};
//! use http_codec::head::write;
//! use http_codec::{BodyEncoder, Exchange, Framing, StatusLine, framing};
//!
//! # fn main() -> Result<(), http_codec::EncodeError> {
//! let exchange = Exchange::default();
//! let status = StatusCode::OK;
//! let outgoing = framing::outgoing_response(exchange.method, exchange.version, status, None, None);
//!
//! let mut out = BytesMut::new();
//! let fields = HeaderMap::new();
//! write::response_head(&mut out, StatusLine::new(status), &fields, Framing::new(outgoing.field), None);
//! let mut body = BodyEncoder::new(outgoing.body);
//! body.data(Bytes::from_static(b"hello"), &mut out)?;
//! body.end(&mut out)?;
//!
//! assert_eq!(out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
//! # Ok(())
//! # }
//! ```
//!
//! # Whole connections
//!
//! [`ServerCodec`](crate::ServerCodec) and [`ClientCodec`](crate::ClientCodec) put these pieces together for
//! `tokio_util::codec::Framed`; the example `framed_proxy` is a forwarding proxy made of one of each.
