//! What callers do with a response.

use std::future::Future;

use bytes::Bytes;
use http::{Response, Uri};
use http_codec::{Body, BodyError, BodyErrorKind};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::error::{Error, ErrorKind, Phase, Progress};

/// The most that [`text`](ResponseExt::text) and `json` take: 64 MiB.
const WHOLE: usize = 64 * 1024 * 1024;

/// Where a response came from in the end, where that is not plain: when redirects led there, or the status is an error.
#[derive(Clone)]
pub(crate) struct FinalUrl(pub(crate) Uri);

/// Reading a response to its end, and the like.
pub trait ResponseExt: Sized {
    /// The URL that gave this response, where redirects were followed or the status is 400 or above.
    fn final_url(&self) -> Option<&Uri>;

    /// The response, unless its status is 400 or above.
    ///
    /// # Errors
    ///
    /// Kind [`Status`](ErrorKind::Status).
    fn error_for_status(self) -> Result<Self, Error>;

    /// The whole content, if it has at most `limit` octets.
    ///
    /// # Errors
    ///
    /// Kind [`TooLarge`](ErrorKind::TooLarge), [`Timeout`](ErrorKind::Timeout), [`Closed`](ErrorKind::Closed) for content that was cut off,
    /// [`Malformed`](ErrorKind::Malformed), [`Io`](ErrorKind::Io), [`Content`](ErrorKind::Content).
    ///
    /// # Cancel safety
    ///
    /// When dropped, what was read is lost.
    fn bytes(self, limit: usize) -> impl Future<Output = Result<Bytes, Error>> + Send;

    /// The whole content as text, at most 64 MiB. With the feature `charset` in the encoding that `Content-Type` names, else
    /// as UTF-8; what cannot be decoded becomes U+FFFD.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    fn text(self) -> impl Future<Output = Result<String, Error>> + Send;

    /// The whole content, read as JSON, at most 64 MiB.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes); kind [`Content`](ErrorKind::Content) if it is not the JSON of a `T`.
    #[cfg(feature = "json")]
    fn json<T: serde::de::DeserializeOwned>(self) -> impl Future<Output = Result<T, Error>> + Send;

    /// Writes the content to a writer as it arrives, and flushes that. The number of octets.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes); kind [`Content`](ErrorKind::Content) if the writer fails.
    fn copy_to<W: AsyncWrite + Unpin + Send>(
        self,
        writer: &mut W,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Hears how many octets of the content have been read, and how many there are, if that is known.
    #[must_use]
    fn on_progress(self, hook: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self;
}

impl ResponseExt for Response<Body> {
    fn final_url(&self) -> Option<&Uri> {
        self.extensions().get::<FinalUrl>().map(|url| &url.0)
    }

    fn error_for_status(self) -> Result<Self, Error> {
        let status = self.status();
        if !status.is_client_error() && !status.is_server_error() {
            return Ok(self);
        }
        let error = Error::new(ErrorKind::Status, Phase::Call).with_progress(Progress::Received);
        let error = error.with_message(format!("the server answered {status}"));
        Err(named(error, self.final_url()))
    }

    async fn bytes(self, limit: usize) -> Result<Bytes, Error> {
        let url = self.final_url().cloned();
        let collected = self.into_body().collect_bytes(limit).await;
        collected.map_err(|error| content_error(error, url.as_ref()))
    }

    async fn text(self) -> Result<String, Error> {
        #[cfg(feature = "charset")]
        let kind = self.headers().get(http::header::CONTENT_TYPE).cloned();
        let octets = self.bytes(WHOLE).await?;
        #[cfg(feature = "charset")]
        if let Some(encoding) = kind.as_ref().and_then(charset) {
            return Ok(encoding.decode(&octets).0.into_owned());
        }
        Ok(match String::from_utf8_lossy(&octets) {
            std::borrow::Cow::Borrowed(text) => text.to_owned(),
            std::borrow::Cow::Owned(text) => text,
        })
    }

    #[cfg(feature = "json")]
    async fn json<T: serde::de::DeserializeOwned>(self) -> Result<T, Error> {
        let url = self.final_url().cloned();
        let octets = self.bytes(WHOLE).await?;
        serde_json::from_slice(&octets).map_err(|cause| {
            let error = Error::new(ErrorKind::Content, Phase::Content)
                .with_message("the content is not the JSON expected")
                .with_source(cause);
            named(error, url.as_ref())
        })
    }

    async fn copy_to<W: AsyncWrite + Unpin + Send>(self, writer: &mut W) -> Result<u64, Error> {
        let url = self.final_url().cloned();
        let unwritten = |cause: std::io::Error| {
            let error = Error::new(ErrorKind::Content, Phase::Content)
                .with_message("the content could not be written")
                .with_source(cause);
            named(error, url.as_ref())
        };
        let unread = |error| content_error(error, url.as_ref());
        let mut body = self.into_body();
        let mut octets = 0;
        while let Some(data) = body.next_data().await.map_err(unread)? {
            octets += data.len() as u64;
            writer.write_all(&data).await.map_err(unwritten)?;
        }
        writer.flush().await.map_err(unwritten)?;
        Ok(octets)
    }

    fn on_progress(self, hook: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.map(|body| crate::progress::receiving(body, hook))
    }
}

/// The error of a call whose content could not be read.
fn content_error(error: BodyError, url: Option<&Uri>) -> Error {
    let kind = match error.kind() {
        BodyErrorKind::TooLarge => ErrorKind::TooLarge,
        BodyErrorKind::Timeout => ErrorKind::Timeout,
        BodyErrorKind::Truncated => ErrorKind::Closed,
        BodyErrorKind::Malformed => ErrorKind::Malformed,
        BodyErrorKind::Io => ErrorKind::Io,
        _ => ErrorKind::Content,
    };
    // The deadline that passed is named by the cause.
    let phase = std::error::Error::source(&error)
        .and_then(|cause| cause.downcast_ref::<Error>())
        .map_or(Phase::Content, Error::phase);
    let error = Error::new(kind, phase)
        .with_progress(Progress::Received)
        .with_source(error);
    named(error, url)
}

fn named(error: Error, url: Option<&Uri>) -> Error {
    match url {
        Some(url) => error.with_url(url),
        None => error,
    }
}

/// The encoding that a `Content-Type` names (RFC 9110 section 8.3.2).
#[cfg(feature = "charset")]
fn charset(kind: &http::HeaderValue) -> Option<&'static encoding_rs::Encoding> {
    let kind = kind.to_str().ok()?;
    let parameter = kind.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    })?;
    encoding_rs::Encoding::for_label(parameter.as_bytes())
}
