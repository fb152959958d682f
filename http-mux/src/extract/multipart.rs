//! `multipart/form-data` (RFC 7578), streamed: a part is read as it arrives, and nothing is collected unless asked for.

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::BodyDataStream;
use http_codec::Body;

use super::content::wrong_type;
use super::{InputError, InputKind, RequestExt};

/// The parts of a form, in their order.
///
/// ```no_run
/// use http_mux::extract::{InputError, RequestExt};
/// use http_mux::{Body, Request};
///
/// async fn upload(mut request: Request<Body>) -> Result<String, InputError> {
///     let mut form = request.multipart()?;
///     let mut octets = 0;
///     while let Some(mut part) = form.next().await? {
///         while let Some(piece) = part.chunk().await? {
///             octets += piece.len();
///         }
///     }
///     Ok(format!("{octets} octets"))
/// }
/// ```
#[derive(Debug)]
pub struct Multipart(multer::Multipart<'static>);

impl Multipart {
    pub(super) fn of(request: &mut Request<Body>) -> Result<Self, InputError> {
        if !request
            .content_type()
            .eq_ignore_ascii_case("multipart/form-data")
        {
            return Err(wrong_type(request.content_type(), "multipart/form-data"));
        }
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let boundary = multer::parse_boundary(kind).map_err(failed)?;
        Ok(Self(multer::Multipart::new(
            BodyDataStream::new(request.take_body()),
            boundary,
        )))
    }

    /// The next part; `None` after the last. What is left of the part before is skipped.
    ///
    /// # Errors
    ///
    /// Content that is malformed or does not arrive.
    pub async fn next(&mut self) -> Result<Option<Part>, InputError> {
        Ok(self.0.next_field().await.map_err(failed)?.map(Part))
    }
}

/// One part of a form.
#[derive(Debug)]
pub struct Part(multer::Field<'static>);

impl Part {
    /// The field's name.
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }

    /// The name of the file, as the peer gave it: never a path to write to.
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The media type that the peer gave.
    pub fn content_type(&self) -> Option<&str> {
        self.0
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
    }

    /// The next piece of the part; `None` at its end.
    ///
    /// # Errors
    ///
    /// Content that is malformed or does not arrive.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, InputError> {
        self.0.chunk().await.map_err(failed)
    }

    /// The whole part.
    ///
    /// # Errors
    ///
    /// More than `limit` octets (413), or content that is malformed or does not arrive.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, InputError> {
        let mut whole = bytes::BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            if piece.len() > limit - whole.len() {
                return Err(InputError::too_large(limit));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The whole part as text.
    ///
    /// # Errors
    ///
    /// As for [`bytes`](Self::bytes), and what is not UTF-8 (400).
    pub async fn text(self, limit: usize) -> Result<String, InputError> {
        let whole = self.bytes(limit).await?;
        String::from_utf8(whole.into()).map_err(|error| {
            InputError::new(InputKind::Text, "the part is not UTF-8").with_source(error)
        })
    }
}

fn failed(error: multer::Error) -> InputError {
    if let multer::Error::StreamReadFailed(cause) = error {
        return match cause.downcast::<http_codec::BodyError>() {
            Ok(cause) => InputError::content(*cause, usize::MAX),
            Err(cause) => InputError::new(InputKind::Content, "the content could not be read")
                .with_source(cause),
        };
    }
    InputError::new(InputKind::Multipart, format!("multipart: {error}")).with_source(error)
}
