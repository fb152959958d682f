//! A request's query, cookies and content.

use std::borrow::Cow;
use std::future::Future;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use http_codec::Body;
#[cfg(feature = "serde")]
use serde::de::DeserializeOwned;

#[cfg(feature = "serde")]
use super::query::check;
use super::{Cookies, InputError, InputKind, cookies, pairs};

/// How much content is read where no limit is given: 2 MiB.
pub const DEFAULT_LIMIT: usize = 2 * 1024 * 1024;

/// Input of a request. The functions that read content leave an empty body behind, which still knows its connection.
///
/// Cancel safety: when a future of these is dropped, what it had read is lost, and the rest of the content with it.
pub trait RequestExt {
    /// The media type of the content, without parameters; empty if there is none.
    fn content_type(&self) -> &str;

    /// The first value of that name in the query, decoded.
    fn query_value<'a>(&'a self, name: &str) -> Option<Cow<'a, str>>;

    /// The request's cookies.
    fn cookies(&self) -> Cookies<'_>;

    /// Takes the body out and leaves an empty one, which keeps the link to the connection.
    fn take_body(&mut self) -> Body;

    /// The whole content.
    ///
    /// # Errors
    ///
    /// More than `limit` octets (413), or content that does not arrive.
    fn bytes(&mut self, limit: usize) -> impl Future<Output = Result<Bytes, InputError>> + Send;

    /// The whole content as text.
    ///
    /// # Errors
    ///
    /// As for [`bytes`](Self::bytes), and content that is not UTF-8 (400).
    fn text(&mut self, limit: usize) -> impl Future<Output = Result<String, InputError>> + Send;

    /// The query, as a struct or a map. Repeated names may be read as a `Vec`.
    ///
    /// # Errors
    ///
    /// 400: a field is missing or does not parse.
    #[cfg(feature = "serde")]
    fn query<T: DeserializeOwned>(&self) -> Result<T, InputError>;

    /// A form: the query of a `GET` or `HEAD`, else the content, `application/x-www-form-urlencoded`, of at most
    /// [`DEFAULT_LIMIT`].
    ///
    /// # Errors
    ///
    /// 415 for another media type, 413 for too much, 400 if a field is missing or does not parse.
    #[cfg(feature = "serde")]
    fn form<T: DeserializeOwned>(&mut self) -> impl Future<Output = Result<T, InputError>> + Send;

    /// [`form`](Self::form) with another limit.
    ///
    /// # Errors
    ///
    /// Those of `form`.
    #[cfg(feature = "serde")]
    fn form_within<T: DeserializeOwned>(
        &mut self,
        limit: usize,
    ) -> impl Future<Output = Result<T, InputError>> + Send;

    /// JSON content (`application/json` or `application/*+json`) of at most [`DEFAULT_LIMIT`].
    ///
    /// # Errors
    ///
    /// 415 for another media type, 413 for too much, 400 if it is not JSON or not the JSON that `T` wants.
    #[cfg(feature = "json")]
    fn json<T: DeserializeOwned>(&mut self) -> impl Future<Output = Result<T, InputError>> + Send;

    /// [`json`](Self::json) with another limit.
    ///
    /// # Errors
    ///
    /// Those of `json`.
    #[cfg(feature = "json")]
    fn json_within<T: DeserializeOwned>(
        &mut self,
        limit: usize,
    ) -> impl Future<Output = Result<T, InputError>> + Send;

    /// The parts of `multipart/form-data`, one after the other as they arrive.
    ///
    /// # Errors
    ///
    /// 415 for another media type, 400 without a boundary.
    #[cfg(feature = "multipart")]
    fn multipart(&mut self) -> Result<super::Multipart, InputError>;
}

impl RequestExt for Request<Body> {
    fn content_type(&self) -> &str {
        let value = self.headers().get(CONTENT_TYPE);
        let value = value.map_or(&b""[..], |value| value.as_bytes());
        // A parameter may be no text: it takes no media type with it.
        let kind = value.split(|&octet| octet == b';').next();
        let kind = std::str::from_utf8(kind.unwrap_or_default());
        kind.unwrap_or_default().trim()
    }

    fn query_value<'a>(&'a self, name: &str) -> Option<Cow<'a, str>> {
        pairs(self.uri().query().unwrap_or_default()).get(name)
    }

    fn cookies(&self) -> Cookies<'_> {
        cookies(self.headers())
    }

    fn take_body(&mut self) -> Body {
        let left = match self.body().lender() {
            Some(lender) => Body::empty().with_lender(lender.clone()),
            None => Body::empty(),
        };
        std::mem::replace(self.body_mut(), left)
    }

    async fn bytes(&mut self, limit: usize) -> Result<Bytes, InputError> {
        self.take_body()
            .collect_bytes(limit)
            .await
            .map_err(|error| InputError::content(error, Some(limit)))
    }

    async fn text(&mut self, limit: usize) -> Result<String, InputError> {
        let content = self.bytes(limit).await?;
        String::from_utf8(content.into()).map_err(|error| {
            InputError::new(InputKind::Text, "the content is not UTF-8").with_source(error)
        })
    }

    #[cfg(feature = "serde")]
    fn query<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        let query = self.uri().query().unwrap_or_default();
        check(query.as_bytes(), InputKind::Query)?;
        serde_html_form::from_str(query).map_err(|error| {
            InputError::new(InputKind::Query, format!("query: {error}")).with_source(error)
        })
    }

    #[cfg(feature = "serde")]
    async fn form<T: DeserializeOwned>(&mut self) -> Result<T, InputError> {
        self.form_within(DEFAULT_LIMIT).await
    }

    #[cfg(feature = "serde")]
    async fn form_within<T: DeserializeOwned>(&mut self, limit: usize) -> Result<T, InputError> {
        let failed = |error: serde_html_form::de::Error| {
            InputError::new(InputKind::Form, format!("form: {error}")).with_source(error)
        };
        if matches!(*self.method(), http::Method::GET | http::Method::HEAD) {
            let query = self.uri().query().unwrap_or_default();
            check(query.as_bytes(), InputKind::Form)?;
            return serde_html_form::from_str(query).map_err(failed);
        }
        if !self
            .content_type()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        {
            return Err(wrong_type(
                self.content_type(),
                "application/x-www-form-urlencoded",
            ));
        }
        let content = self.bytes(limit).await?;
        check(&content, InputKind::Form)?;
        serde_html_form::from_bytes(&content).map_err(failed)
    }

    #[cfg(feature = "json")]
    async fn json<T: DeserializeOwned>(&mut self) -> Result<T, InputError> {
        self.json_within(DEFAULT_LIMIT).await
    }

    #[cfg(feature = "json")]
    async fn json_within<T: DeserializeOwned>(&mut self, limit: usize) -> Result<T, InputError> {
        if !is_json(self.content_type()) {
            return Err(wrong_type(self.content_type(), "application/json"));
        }
        let content = self.bytes(limit).await?;
        serde_json::from_slice(&content).map_err(|error| {
            InputError::new(InputKind::Json, format!("JSON: {error}")).with_source(error)
        })
    }

    #[cfg(feature = "multipart")]
    fn multipart(&mut self) -> Result<super::Multipart, InputError> {
        super::Multipart::of(self)
    }
}

#[cfg(any(feature = "serde", feature = "multipart"))]
pub(super) fn wrong_type(found: &str, wanted: &str) -> InputError {
    let found = if found.is_empty() { "missing" } else { found };
    InputError::new(
        InputKind::MediaType,
        format!("content type: expected {wanted}, found {found}"),
    )
}

#[cfg(feature = "json")]
fn is_json(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}
