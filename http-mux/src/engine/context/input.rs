//! Input through the context: parameters, query, form, cookies, content.

use std::borrow::Cow;

use bytes::Bytes;
#[cfg(feature = "serde")]
use serde::de::DeserializeOwned;

use super::Context;
use crate::error::InputError;
use crate::extract::{MOST_PAIRS, RequestExt, pairs};

impl Context {
    /// The value of a path parameter; empty if the pattern has none of that name.
    pub fn param(&self, name: &str) -> Cow<'_, str> {
        self.params().get(name).unwrap_or_default()
    }

    /// The first value of that name in the query, decoded. The query is parsed once a request.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query_pairs().iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// All values of that name in the query, in their order.
    pub fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        let pairs = self.query_pairs().iter();
        pairs
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values that the query gives for the keys of a map, `a[k]=v`, in their order.
    pub fn query_map<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.query_pairs().iter().filter_map(move |(key, value)| {
            let key = key
                .strip_prefix(name)?
                .strip_prefix('[')?
                .strip_suffix(']')?;
            Some((key, value.as_str()))
        })
    }

    fn query_pairs(&self) -> &[(String, String)] {
        let inner = self.get_ref();
        inner.query.get_or_init(|| {
            let query = pairs(inner.request().uri().query().unwrap_or_default());
            query
                .take(MOST_PAIRS)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect()
        })
    }

    /// The value of the first cookie of that name, as sent.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.request().cookies().get(name)
    }

    /// The media type of the request's content, without parameters; empty if there is none.
    pub fn content_type(&self) -> &str {
        self.request().content_type()
    }

    /// The whole content.
    ///
    /// # Errors
    ///
    /// More than `limit` octets (413), or content that does not arrive.
    pub async fn bytes(&mut self, limit: usize) -> Result<Bytes, InputError> {
        self.request_mut().bytes(limit).await
    }

    /// The path parameters as a struct, a map, a tuple, or one value.
    ///
    /// # Errors
    ///
    /// A 400 that names the parameter.
    #[cfg(feature = "serde")]
    pub fn bind_path<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        self.params().bind()
    }

    /// The query as a struct or a map.
    ///
    /// # Errors
    ///
    /// 400: a field is missing or does not parse.
    #[cfg(feature = "serde")]
    pub fn bind_query<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        self.request().query()
    }

    /// A form: the query of a `GET` or `HEAD`, else the content.
    ///
    /// # Errors
    ///
    /// Those of [`RequestExt::form`].
    #[cfg(feature = "serde")]
    pub async fn bind_form<T: DeserializeOwned>(&mut self) -> Result<T, InputError> {
        self.request_mut().form().await
    }

    /// JSON content.
    ///
    /// # Errors
    ///
    /// Those of [`RequestExt::json`].
    #[cfg(feature = "json")]
    pub async fn bind_json<T: DeserializeOwned>(&mut self) -> Result<T, InputError> {
        self.request_mut().json().await
    }

    /// By method and media type, as Gin does: the query of a `GET` or `HEAD`, JSON content, or a form.
    ///
    /// # Errors
    ///
    /// Those of [`RequestExt::form`] and [`RequestExt::json`].
    #[cfg(feature = "json")]
    pub async fn bind<T: DeserializeOwned>(&mut self) -> Result<T, InputError> {
        let safe = matches!(*self.method(), http::Method::GET | http::Method::HEAD);
        let kind = self.content_type().to_ascii_lowercase();
        if !safe && kind.ends_with("json") {
            return self.bind_json().await;
        }
        self.bind_form().await
    }

    /// The parts of `multipart/form-data`.
    ///
    /// # Errors
    ///
    /// Those of [`RequestExt::multipart`].
    #[cfg(feature = "multipart")]
    pub fn multipart(&mut self) -> Result<crate::Multipart, InputError> {
        self.request_mut().multipart()
    }
}
