//! Content codings that the client asks for on its own and undoes (RFC 9110 section 8.4): Go's transparent mode.
//!
//! Only where the caller asked for none, without `Range`, and not for `HEAD`; the response loses `Content-Encoding` and
//! `Content-Length` then. A coding that is cut short is an error, never a short success.

#[cfg(feature = "br")]
mod brotlied;
#[cfg(feature = "deflate")]
mod deflate;
#[cfg(feature = "zstd")]
mod zstandard;

use std::io;
#[cfg(any(feature = "gzip", feature = "deflate"))]
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, RANGE};
use http::{HeaderMap, HeaderValue, Response};
use http_body::{Frame, SizeHint};
use http_codec::{Body, BodyError, BodyErrorKind};

/// What we can undo, in the order of preference.
const OFFERED: &str = {
    match (
        cfg!(feature = "zstd"),
        cfg!(feature = "br"),
        cfg!(feature = "gzip"),
        cfg!(feature = "deflate"),
    ) {
        (true, true, true, true) => "gzip, br, zstd, deflate",
        (true, true, true, false) => "gzip, br, zstd",
        (true, true, false, true) => "br, zstd, deflate",
        (true, true, false, false) => "br, zstd",
        (true, false, true, true) => "gzip, zstd, deflate",
        (true, false, true, false) => "gzip, zstd",
        (true, false, false, true) => "zstd, deflate",
        (true, false, false, false) => "zstd",
        (false, true, true, true) => "gzip, br, deflate",
        (false, true, true, false) => "gzip, br",
        (false, true, false, true) => "br, deflate",
        (false, true, false, false) => "br",
        (false, false, true, true) => "gzip, deflate",
        (false, false, true, false) => "gzip",
        (false, false, false, true) => "deflate",
        (false, false, false, false) => "identity",
    }
};

/// What decoded content may have by default, and how often what came on the wire: a bomb swells a thousandfold.
const MOST: u64 = 64 * 1024 * 1024;
const RATIO: u64 = 250;

/// How much is decoded at a time, so that little input cannot become much output at once.
#[cfg(any(feature = "br", feature = "zstd"))]
const PIECE: usize = 16 * 1024;

/// How much input is decoded at a time where the output cannot be bounded; it swells a thousandfold at most.
#[cfg(any(feature = "gzip", feature = "deflate"))]
const SIP: usize = 1024;

/// Whether these fields leave it to us what to ask for.
pub(crate) fn may_ask(fields: &HeaderMap) -> bool {
    !fields.contains_key(ACCEPT_ENCODING) && !fields.contains_key(RANGE)
}

/// The value of `Accept-Encoding`: what we can undo.
pub(crate) fn offer() -> HeaderValue {
    HeaderValue::from_static(OFFERED)
}

/// Undoes the coding of a response, if it is one of ours and the only one. `most` octets may come of it; `None`: by default.
pub(crate) fn undo(response: &mut Response<Body>, most: Option<u64>) {
    let mut codings = response.headers().get_all(CONTENT_ENCODING).iter();
    let (Some(coding), None) = (codings.next(), codings.next()) else {
        return;
    };
    let Some(decoder) = decoder(coding.as_bytes()) else {
        return;
    };
    if http_body::Body::is_end_stream(response.body()) {
        return;
    }
    response.headers_mut().remove(CONTENT_ENCODING);
    response.headers_mut().remove(CONTENT_LENGTH);
    let decoded = Decoded {
        body: std::mem::take(response.body_mut()),
        decoder: Some(decoder),
        most,
        taken: 0,
        given: 0,
        pending: Bytes::new(),
        keeps: false,
        at_end: None,
    };
    *response.body_mut() = Body::new(decoded);
}

fn decoder(coding: &[u8]) -> Option<Box<dyn Decode>> {
    match coding.trim_ascii() {
        #[cfg(feature = "gzip")]
        coding
            if coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip") =>
        {
            Some(Box::new(flate2::write::MultiGzDecoder::new(Vec::new())))
        }
        #[cfg(feature = "deflate")]
        coding if coding.eq_ignore_ascii_case(b"deflate") => {
            Some(Box::new(deflate::Deflate::default()))
        }
        #[cfg(feature = "br")]
        coding if coding.eq_ignore_ascii_case(b"br") => Some(Box::new(brotlied::Brotli::new())),
        #[cfg(feature = "zstd")]
        coding if coding.eq_ignore_ascii_case(b"zstd") => {
            let decoder = zstandard::Zstd::new().ok()?;
            Some(Box::new(decoder))
        }
        _ => None,
    }
}

/// A decoder that is written to.
trait Decode: Send {
    /// Takes some of the input; how much.
    fn put(&mut self, input: &[u8]) -> io::Result<usize>;
    /// There is no more input for now: decodes some of what was kept back for it to come. Nothing, if nothing was.
    fn drain(&mut self) -> io::Result<()>;
    /// The input is complete: fails if the coding is not.
    fn end(&mut self) -> io::Result<()>;
    /// What has been decoded.
    fn take(&mut self) -> Vec<u8>;
}

#[cfg(feature = "gzip")]
impl Decode for flate2::write::MultiGzDecoder<Vec<u8>> {
    fn put(&mut self, input: &[u8]) -> io::Result<usize> {
        self.write(&input[..input.len().min(SIP)])
    }

    fn drain(&mut self) -> io::Result<()> {
        self.flush()
    }

    fn end(&mut self) -> io::Result<()> {
        self.try_finish()
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.get_mut())
    }
}

struct Decoded {
    body: Body,
    /// Gone at the end and after an error.
    decoder: Option<Box<dyn Decode>>,
    most: Option<u64>,
    /// Octets before and behind the decoder.
    taken: u64,
    given: u64,
    /// Octets that have not been decoded yet.
    pending: Bytes,
    /// The decoder may keep something back.
    keeps: bool,
    /// Trailers, behind the content.
    at_end: Option<Frame<Bytes>>,
}

impl Decoded {
    /// Decodes until there is something, or nothing is left that could give something.
    fn decode(&mut self) -> Result<Option<Bytes>, BodyError> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(None);
        };
        let mut stuck = false;
        loop {
            let decoded = decoder.take();
            if !decoded.is_empty() {
                self.keeps = true;
                self.given += decoded.len() as u64;
                let most = match self.most {
                    Some(most) => most,
                    None => MOST.max(self.taken.saturating_mul(RATIO)),
                };
                if self.given > most {
                    let what = "the decoded content is larger than allowed";
                    return Err(BodyError::new(BodyErrorKind::TooLarge, what));
                }
                return Ok(Some(decoded.into()));
            }
            if self.pending.is_empty() {
                if !std::mem::take(&mut self.keeps) {
                    return Ok(None);
                }
                decoder.drain().map_err(broken)?;
                continue;
            }
            self.keeps = true;
            let was_stuck = stuck;
            let taken = decoder.put(&self.pending).map_err(broken)?;
            stuck = taken == 0;
            if stuck && was_stuck {
                return Err(broken(io::Error::other(
                    "octets behind the end of the coding",
                )));
            }
            let _ = self.pending.split_to(taken);
        }
    }

    fn poll_decoded(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Frame<Bytes>>, BodyError>> {
        loop {
            if let Some(decoded) = self.decode()? {
                return Poll::Ready(Ok(Some(Frame::data(decoded))));
            }
            if self.decoder.is_none() {
                return Poll::Ready(Ok(self.at_end.take()));
            }
            match ready!(http_body::Body::poll_frame(Pin::new(&mut self.body), cx)).transpose()? {
                Some(frame) => match frame.into_data() {
                    Ok(data) => {
                        self.taken += data.len() as u64;
                        self.pending = data;
                    }
                    Err(trailers) => self.at_end = Some(trailers),
                },
                None => {
                    // No octets at all are no content, whatever coding the head names.
                    if let Some(decoder) = self.decoder.as_mut().filter(|_| self.taken > 0) {
                        decoder.end().map_err(broken)?;
                    }
                    let last = self.decode()?;
                    self.decoder = None;
                    if let Some(last) = last {
                        return Poll::Ready(Ok(Some(Frame::data(last))));
                    }
                }
            }
        }
    }
}

fn broken(cause: io::Error) -> BodyError {
    BodyError::with_source(
        BodyErrorKind::Malformed,
        "the content coding is broken or cut short",
        cause,
    )
}

impl http_body::Body for Decoded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let decoded = ready!(self.poll_decoded(cx));
        if decoded.is_err() {
            // A broken coding ends the content; so does what is left of it on the wire.
            self.decoder = None;
            self.pending = Bytes::new();
            self.at_end = None;
            self.body = Body::empty();
        }
        Poll::Ready(decoded.transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.decoder.is_none() && self.at_end.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
