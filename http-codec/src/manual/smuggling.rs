//! Request smuggling, and how it is refused.
//!
//! Two programs stand behind each other on a connection, a proxy and a server perhaps. If an attacker makes them
//! see the end of a message at different places, the rest of that message is a request to one of them: a request that
//! the other has never checked. All of these attacks live on one thing, a message that two readers may read in two
//! ways. So this crate has one rule for them: **what can be read in two ways is refused, and the refusal ends the
//! connection.** Nothing is repaired, nothing is skipped over, nothing is guessed.
//!
//! | attack | what it plays on | answer |
//! |---|---|---|
//! | CL.TE, TE.CL | both framing fields in one message | 400, whatever their order, version and spelling ([`LengthAndCoding`]) |
//! | TE.TE | `Transfer-Encoding` in a spelling that one reader overlooks: two lines, `chunked, chunked`, `xchunked`, empty members, parameters, a quoted name | 400 ([`TransferCoding`]); a foreign coding before a proper `chunked` is 501 ([`UnsupportedCoding`]) |
//! | CL.CL | two lengths, or one that is read in two ways: `+5`, `5,5`, `0x5`, `5 5` | 400 ([`ContentLength`], [`ContentLengthRepeated`]) |
//! | 0.CL | a length that only one reader sees: `Content-Length : 5`, a folded line, a name with a control octet | 400 ([`FieldName`], [`ObsFold`]) |
//! | TE in HTTP/1.0 | readers that ignore codings in old messages | 400 ([`CodingInOldVersion`]) |
//! | line ends | a lone LF or CR, which some take for the end of a line | 400, as soon as it shows ([`BareLf`], [`BareCr`]) |
//! | chunk sizes | `0x5`, `+5`, `5_0`, a size beyond 64 bits, space around it | error ([`ChunkSize`], [`ChunkSizeTooLong`]) |
//! | chunk extensions | line ends hidden in an extension (`5;\n`), or octets without end | error ([`ChunkExtension`], [`BareLf`], [`ChunkExtensionsTooLarge`]) |
//! | chunk ends | data that is not followed by CRLF | error ([`ChunkEnd`]) |
//! | trailers | `Content-Length` or `Authorization` behind the content, merged into the head | kept apart, and these names dropped ([`is_allowed`]) |
//! | routing | two `Host`s, `Host: a, b`, `user@host`, a target whose authority differs | one host and one only; the target's authority wins ([`HostRepeated`], [`Host`]) |
//! | twins | `Content_Length`, which a gateway may turn into the real one | never counts as the field |
//! | splitting | CR LF in what an application sends | names, values, targets and phrases are checked before they are written; framing fields are written by the crate alone |
//! | truncation | a message cut short, taken for a complete one | error ([`Truncated`]) |
//!
//! Reading never depends on how octets arrive: the tests run every case whole, split at each octet and octet by
//! octet, and hold the results against a grammar that was written a second time from the RFC's ABNF.
//!
//! ```
//! use bytes::BytesMut;
//! use http_codec::{DecodeErrorKind, Leniency, Limits, RequestHead, RequestHeadDecoder};
//!
//! // To a reader that follows Content-Length the second request is content; to one that follows
//! // Transfer-Encoding it is a request.
//! let mut buffer = BytesMut::from(
//!     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n\
//!      0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n",
//! );
//! let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
//! let error = decoder.decode(&mut buffer, &mut RequestHead::default()).unwrap_err();
//! assert_eq!(error.kind(), DecodeErrorKind::LengthAndCoding);
//! assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
//! ```
//!
//! # Where this crate is wider than the grammar
//!
//! - One empty line before a request line is skipped (RFC 9112 section 2.2).
//! - A status line may lack its reason phrase together with the space before it.
//! - A request-target may hold ``^ ` { | } [ ]``, which browsers send as they are.
//! - A minor version above 1 counts as 1 (RFC 9110 section 2.5).
//! - Equal `Content-Length` lines in a response count as one (RFC 9112 section 6.3).
//!
//! And narrower: no comma and no port above 65535 in `Host`, no empty member in a list of transfer codings, a length of
//! at most 63 bits, no `"`, `<` and `>` in a request-target. Everything else that real peers may need is a point of
//! [`Leniency`](crate::Leniency), off by default.
//!
//! # Where httparse differs
//!
//! The tests hold every head against `httparse` too. What it lets pass and this crate does not: lines that end
//! with LF alone (section 2.2), more than one empty line before the start line, or any before a status line (sections
//! 2.2 and 4), octets in a request-target that no URI has (section 3.2), and all that concerns the meaning of
//! fields. What `httparse` refuses and this crate takes: `HTTP/1.x` with x above 1 (RFC 9110 section 2.5).
//!
//! [`BareCr`]: crate::DecodeErrorKind::BareCr
//! [`BareLf`]: crate::DecodeErrorKind::BareLf
//! [`ChunkEnd`]: crate::DecodeErrorKind::ChunkEnd
//! [`ChunkExtension`]: crate::DecodeErrorKind::ChunkExtension
//! [`ChunkExtensionsTooLarge`]: crate::DecodeErrorKind::ChunkExtensionsTooLarge
//! [`ChunkSize`]: crate::DecodeErrorKind::ChunkSize
//! [`ChunkSizeTooLong`]: crate::DecodeErrorKind::ChunkSizeTooLong
//! [`CodingInOldVersion`]: crate::DecodeErrorKind::CodingInOldVersion
//! [`ContentLength`]: crate::DecodeErrorKind::ContentLength
//! [`ContentLengthRepeated`]: crate::DecodeErrorKind::ContentLengthRepeated
//! [`FieldName`]: crate::DecodeErrorKind::FieldName
//! [`Host`]: crate::DecodeErrorKind::Host
//! [`HostRepeated`]: crate::DecodeErrorKind::HostRepeated
//! [`LengthAndCoding`]: crate::DecodeErrorKind::LengthAndCoding
//! [`ObsFold`]: crate::DecodeErrorKind::ObsFold
//! [`TransferCoding`]: crate::DecodeErrorKind::TransferCoding
//! [`Truncated`]: crate::DecodeErrorKind::Truncated
//! [`UnsupportedCoding`]: crate::DecodeErrorKind::UnsupportedCoding
//! [`is_allowed`]: crate::fields::trailer::is_allowed
