//! Building a request, step by step.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_codec::Body;

use super::call::Call;
use super::redirect::uri_of;
use super::{Client, Redirects};
use crate::config::Deadlines;
use crate::error::Error;
use crate::options::Options;
use crate::proxy::{Proxy, basic};
use crate::retry::Retries;
use crate::trace::Trace;

/// What can be a URL.
pub trait IntoUri {
    /// The URL. Text that is not yet a URI is made one as browsers do it: names in other scripts to their ASCII form,
    /// spaces and the like to their percent-encoding.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request) if it cannot be one.
    fn into_uri(self) -> Result<Uri, Error>;
}

impl IntoUri for Uri {
    fn into_uri(self) -> Result<Uri, Error> {
        Ok(self)
    }
}

impl IntoUri for &Uri {
    fn into_uri(self) -> Result<Uri, Error> {
        Ok(self.clone())
    }
}

impl IntoUri for &str {
    fn into_uri(self) -> Result<Uri, Error> {
        // A URI has no octets of other scripts, though its parser lets them pass behind the host; nor backslashes.
        let is_uri = self.bytes().all(|octet| octet.is_ascii() && octet != b'\\');
        if let Some(uri) = is_uri.then(|| self.parse().ok()).flatten() {
            return Ok(uri);
        }
        let failed = || Error::request("the URL is not one");
        let url = url::Url::parse(self).map_err(|cause| failed().with_source(cause))?;
        uri_of(&url).map_err(|cause| failed().with_source(cause))
    }
}

impl IntoUri for String {
    fn into_uri(self) -> Result<Uri, Error> {
        self.as_str().into_uri()
    }
}

impl IntoUri for &String {
    fn into_uri(self) -> Result<Uri, Error> {
        self.as_str().into_uri()
    }
}

/// A request that is being built. The first mistake in building is told by [`send`](Self::send) or [`build`](Self::build).
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder {
    client: Client,
    call: Box<Call>,
    mistake: Option<Error>,
    progress: Option<crate::progress::Hook>,
}

impl RequestBuilder {
    pub(super) fn new(client: Client, method: Method, url: impl IntoUri) -> RequestBuilder {
        let mut builder = RequestBuilder {
            client,
            call: Box::default(),
            mistake: None,
            progress: None,
        };
        *builder.call.request.method_mut() = method;
        match url.into_uri() {
            Ok(uri) => *builder.call.request.uri_mut() = uri,
            Err(error) => builder.mistake = Some(error),
        }
        builder
    }

    fn note(&mut self, error: Error) {
        self.mistake.get_or_insert(error);
    }

    fn fields(&mut self) -> &mut HeaderMap {
        self.call.request.headers_mut()
    }

    fn with(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        let options = self.call.options.take().unwrap_or_default();
        self.call.options = Some(change(options));
        self
    }

    /// Adds a field. `Host` is not added but sent in place of the URL's ([`Options::with_host`]).
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<http::Error>>,
        V: TryInto<HeaderValue, Error: Into<http::Error>>,
    {
        let mistake =
            |error: http::Error| Error::request("the field cannot be sent").with_source(error);
        match (
            name.try_into().map_err(Into::into),
            value.try_into().map_err(Into::into),
        ) {
            (Ok(name), Ok(value)) if name == HOST => {
                return self.host(value.to_str().unwrap_or_default());
            }
            (Ok(name), Ok(value)) => drop(self.fields().append(name, value)),
            (Err(error), _) | (_, Err(error)) => self.note(mistake(error)),
        }
        self
    }

    /// Sets these fields in place of those of the same names.
    pub fn headers(mut self, fields: HeaderMap) -> Self {
        for name in fields.keys() {
            self.fields().remove(name);
        }
        self.fields().extend(fields);
        self
    }

    /// Sets the content.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        *self.call.request.body_mut() = body.into();
        self
    }

    /// Adds pairs to the URL's query, encoded as forms are.
    pub fn query<K: AsRef<str>, V: AsRef<str>>(
        mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        let query = query.finish();
        if query.is_empty() {
            return self;
        }
        let uri = self.call.request.uri().clone();
        let (path, joint) = match uri.query() {
            None => (uri.path(), "?"),
            Some(_) => (
                uri.path_and_query().map_or("/", |target| target.as_str()),
                "&",
            ),
        };
        let mut parts = uri.clone().into_parts();
        let joined = format!("{path}{joint}{query}")
            .parse()
            .map(|target| parts.path_and_query = Some(target));
        match joined
            .map_err(http::Error::from)
            .and_then(|()| Uri::from_parts(parts).map_err(Into::into))
        {
            Ok(uri) => *self.call.request.uri_mut() = uri,
            Err(error) => self.note(Error::request("the query cannot be added").with_source(error)),
        }
        self
    }

    /// Sends pairs as `application/x-www-form-urlencoded` content.
    pub fn form<K: AsRef<str>, V: AsRef<str>>(
        self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        self.content("application/x-www-form-urlencoded", form.finish())
    }

    /// Sends a value as JSON content.
    #[cfg(feature = "json")]
    pub fn json(mut self, value: &(impl serde::Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(octets) => self.content("application/json", octets),
            Err(error) => {
                self.note(Error::request("the value cannot be written as JSON").with_source(error));
                self
            }
        }
    }

    /// Sends a form of several parts as `multipart/form-data` content (RFC 7578).
    pub fn multipart(self, form: crate::Form) -> Self {
        let kind = form.content_type();
        self.content(&kind, form.into_body())
    }

    fn content(mut self, kind: &str, body: impl Into<Body>) -> Self {
        if !self.fields().contains_key(CONTENT_TYPE) {
            match HeaderValue::try_from(kind) {
                Ok(kind) => drop(self.fields().insert(CONTENT_TYPE, kind)),
                Err(error) => {
                    self.note(Error::request("the content type is not one").with_source(error))
                }
            }
        }
        self.body(body)
    }

    /// Authenticates with a user name and a password (RFC 7617).
    pub fn basic_auth(mut self, user: &str, password: &str) -> Self {
        self.fields().insert(AUTHORIZATION, basic(user, password));
        self
    }

    /// Authenticates with a bearer token (RFC 6750).
    pub fn bearer_auth(mut self, token: &str) -> Self {
        match HeaderValue::try_from(format!("Bearer {token}")) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.fields().insert(AUTHORIZATION, value);
            }
            Err(error) => self.note(Error::request("the token cannot be sent").with_source(error)),
        }
        self
    }

    /// Another `Host` than the URL's ([`Options::with_host`]).
    pub fn host(mut self, host: &str) -> Self {
        let options = self.call.options.take().unwrap_or_default();
        match options.with_host(host) {
            Ok(options) => self.call.options = Some(options),
            Err(error) => self.note(error),
        }
        self
    }

    /// How long the whole call may take, to the last octet of the response. The other deadlines stay.
    pub fn timeout(self, total: Duration) -> Self {
        self.deadlines(|deadlines| deadlines.with_total(total))
    }

    /// Changes the deadlines for this request.
    pub fn deadlines(self, change: impl FnOnce(Deadlines) -> Deadlines) -> Self {
        let base = self
            .call
            .options
            .as_ref()
            .and_then(|options| options.deadlines);
        let base = base.or_else(|| {
            self.client
                .transport()
                .map(|transport| transport.deadlines())
        });
        let deadlines = change(base.unwrap_or_default());
        self.with(|options| options.with_deadlines(deadlines))
    }

    /// A proxy for this request.
    pub fn proxy(self, proxy: Proxy) -> Self {
        self.with(|options| options.with_proxy(proxy))
    }

    /// No proxy for this request.
    pub fn no_proxy(self) -> Self {
        self.with(Options::without_proxy)
    }

    /// Another way to speak TLS for this request ([`Options::with_tls`]).
    #[cfg(feature = "_tls")]
    pub fn tls(self, tls: crate::Tls) -> Self {
        self.with(|options| options.with_tls(tls))
    }

    /// Which redirects this request follows.
    pub fn redirects(self, redirects: Redirects) -> Self {
        self.with(|options| options.with_redirects(redirects))
    }

    /// When this request is sent again.
    pub fn retries(self, retries: Retries) -> Self {
        self.with(|options| options.with_retries(retries))
    }

    /// Whether content codings are asked for and undone.
    pub fn decode(self, decode: bool) -> Self {
        self.with(|options| options.with_decoding(decode))
    }

    /// Hears of each exchange when it is over ([`Options::with_trace`]).
    pub fn trace(self, hook: impl Fn(&Trace) + Send + Sync + 'static) -> Self {
        self.with(|options| options.with_trace(hook))
    }

    /// Hears of interim responses ([`Options::with_interim`]).
    pub fn on_interim(self, hook: impl Fn(&http::response::Parts) + Send + Sync + 'static) -> Self {
        self.with(|options| options.with_interim(hook))
    }

    /// Hears how much of the content has been handed to the connection, and how much there is, if that is known.
    pub fn on_progress(mut self, hook: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(hook));
        self
    }

    /// The request as it would be sent; [`Client::execute`] sends it.
    ///
    /// # Errors
    ///
    /// The first mistake in building.
    pub fn build(self) -> Result<Request<Body>, Error> {
        let Call {
            mut request,
            options,
        } = *self.finish()?.1;
        if let Some(options) = options {
            request.extensions_mut().insert(options);
        }
        Ok(request)
    }

    /// Sends the request, and waits for the head of its response.
    ///
    /// # Errors
    ///
    /// The first mistake in building, or what the call failed with. A response of any status is not an error
    /// ([`error_for_status`](crate::ResponseExt::error_for_status) makes it one).
    ///
    /// # Cancel safety
    ///
    /// As [`Transport::round_trip`](crate::Transport::round_trip).
    #[allow(
        clippy::manual_async_fn,
        reason = "the future of an async fn would be moved once more, all of it"
    )]
    pub fn send(self) -> impl Future<Output = Result<Response<Body>, Error>> + Send {
        async move {
            match self.finish() {
                Ok((client, call)) => client.call(call).await,
                Err(mistake) => Err(mistake),
            }
        }
    }

    fn finish(mut self) -> Result<(Client, Box<Call>), Error> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        if let Some(hook) = self.progress {
            let body = self.call.request.body_mut();
            *body = crate::progress::sending(std::mem::take(body), hook);
        }
        Ok((self.client, self.call))
    }

    /// The same with a body of another crate's type.
    pub fn stream<B>(self, body: B) -> Self
    where
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<http_codec::BoxError>,
    {
        self.body(Body::new(body))
    }
}

impl std::fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("method", self.call.request.method())
            .field(
                "url",
                &crate::error::without_credentials(self.call.request.uri()),
            )
            .finish_non_exhaustive()
    }
}
