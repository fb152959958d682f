//! What a message costs, and how to keep it low.
//!
//! # Spans before maps
//!
//! A decoded head is its octets and the places of its parts. Building a `HeaderMap` from it costs about as much again as
//! the whole of parsing, so it is a step of its own, [`to_parts`](crate::RequestHead::to_parts), for those who need
//! one. A proxy, a load generator or a router reads [`fields`](crate::RequestHead::fields) and never pays for it.
//!
//! # Nothing is allocated in the steady state
//!
//! Give the same [`RequestHead`](crate::RequestHead) to the decoder for each message: its span storage stays. A
//! `BytesMut` can use its memory again only when no slice of it is alive, so [`clear`](crate::RequestHead::clear) the head
//! before the buffer is filled again. The map of a request that is done goes back into the next `to_parts`, which
//! takes over its memory.
//!
//! ```
//! use bytes::BytesMut;
//! use http::HeaderMap;
//! use http_codec::{Leniency, Limits, RequestHead, RequestHeadDecoder};
//!
//! # fn main() -> Result<(), http_codec::DecodeError> {
//! let mut buffer = BytesMut::with_capacity(8 * 1024);
//! let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
//! let mut head = RequestHead::default();
//! let mut map = HeaderMap::new();
//! for _ in 0..3 {
//!     buffer.extend_from_slice(b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
//!     while decoder.decode(&mut buffer, &mut head)? {
//!         let parts = head.to_parts(std::mem::take(&mut map))?;
//!         assert_eq!(parts.headers["host"], "example.com");
//!         map = parts.headers;
//!         map.clear();
//!         head.clear();
//!     }
//!     buffer.reserve(4 * 1024);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Content is not copied
//!
//! [`BodyDecoder`](crate::BodyDecoder) splits data off the buffer by reference, whatever its framing.
//! [`BodyEncoder`](crate::BodyEncoder) hands content to its [`Output`](crate::Output): a
//! [`WriteBuf`](crate::WriteBuf) copies what is small beside its head, so that both leave in one write, and queues what
//! is large by reference.
//!
//! # A head in one pass
//!
//! A head that is there as a whole is read once, eight octets at a time; each name is looked up once, for its framing
//! facts and for the `HeaderMap` that may follow. What this pass does not take, the strict parser decides, line by line: it
//! alone knows errors and leniency.
//!
//! # A head that drips in
//!
//! Each octet is looked at once as it arrives, each line parsed once when it is complete, so the cost of a head
//! grows with its size however it is cut: about ten instructions for an octet that ends nothing, and three hundred a line. A head
//! that comes octet by octet takes at most three times what it takes as a whole. What comes of a head, also its error and the place
//! of it, does not depend on how it was cut.
//! The first octets are judged at once: what is no method is refused before its line ends.
//!
//! # Figures
//!
//! User instructions on x86-64 (callgrind, thin LTO, one codegen unit), steady state, `BytesMut` handling included:
//!
//! | | instructions | beside it |
//! |---|---:|---:|
//! | decode a short request (one field) | 660 | httparse alone 550 |
//! | decode a browser's request (10 fields) | 3,040 | httparse alone 2,710 |
//! | decode a request of 100 fields | 31,000 | httparse alone 24,700 |
//! | the browser's request to `http::request::Parts` | 3,280 | hyper, beyond httparse 5,900 |
//! | write a response head (three fields of a `HeaderMap`, length, date) | 290 | |
//! | write a chunk of 1 KiB, its copy included | 235 | |
//! | decode a chunk of 16 KiB, by reference | 700 | copying it 16,400 |
//!
//! No allocation in any of them, but one for a head of more than 16 fields the first time that its `RequestHead` meets one. The figures
//! come from `benches` (`cargo bench -p benches --features peers --bench codec -- --instructions`), which prints those of the
//! machine it runs on.
