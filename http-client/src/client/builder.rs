//! The settings of a [`Client`].

use std::sync::{Arc, Mutex};

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_codec::{Body, BoxError};
use tower_service::Service;

use super::fields::Fields;
use super::lower::{Layers, Lower};
use super::{Client, Inner, Redirects};
use crate::retry::Retries;
use crate::transport::Transport;

/// Builds a [`Client`]. Building cannot fail.
#[must_use]
pub struct ClientBuilder {
    lower: Option<Lower>,
    fields: HeaderMap,
    redirects: Redirects,
    retries: Retries,
    decode: bool,
    max_decoded: Option<u64>,
    #[cfg(feature = "cookies")]
    jar: Option<Arc<dyn crate::CookieJar>>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        let mut fields = HeaderMap::new();
        fields.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("http-client/", env!("CARGO_PKG_VERSION"))),
        );
        ClientBuilder {
            lower: None,
            fields,
            redirects: Redirects::default(),
            retries: Retries::none(),
            decode: true,
            max_decoded: None,
            #[cfg(feature = "cookies")]
            jar: None,
        }
    }
}

impl ClientBuilder {
    /// Uses this transport, with its pool and its settings. Default: [`Transport::new`].
    pub fn transport(mut self, transport: Transport) -> Self {
        self.lower = Some(Lower::Transport(transport));
        self
    }

    /// Uses a stack of tower layers, or any other service, in place of the transport. [`Options`](crate::Options) go down
    /// in the request's extensions.
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        self.lower = Some(Lower::Layers(Box::new(Layers(Mutex::new(service)))));
        self
    }

    /// Sends a field with every request that has none of that name. Default: `User-Agent` with our name and version.
    pub fn field(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.fields.insert(name, value);
        self
    }

    /// Sends no `User-Agent` of our own.
    pub fn without_user_agent(mut self) -> Self {
        self.fields.remove(USER_AGENT);
        self
    }

    /// Which redirects are followed. Default: at most 10.
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }

    /// When a request is sent again that failed. Default: never.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Whether requests that ask for no content coding ask for those that can be undone here, and have them undone
    /// (features `gzip`, `br`, `zstd`, `deflate`). Not with `Range`, nor for `HEAD`. Default: yes.
    pub fn decode(mut self, decode: bool) -> Self {
        self.decode = decode;
        self
    }

    /// The most octets that decoded content may have: more is an error where the content is read. Default: 64 MiB, or
    /// 250 times what came on the wire, if that is more. `u64::MAX` is no limit.
    pub fn max_decoded(mut self, octets: u64) -> Self {
        self.max_decoded = Some(octets);
        self
    }

    /// Keeps cookies in a jar. Default: none are kept.
    #[cfg(feature = "cookies")]
    pub fn cookies(mut self, jar: Arc<dyn crate::CookieJar>) -> Self {
        self.jar = Some(jar);
        self
    }

    /// The client.
    pub fn build(self) -> Client {
        Client {
            inner: Arc::new(Inner {
                lower: self
                    .lower
                    .unwrap_or_else(|| Lower::Transport(Transport::new())),
                fields: Fields::new(self.fields),
                redirects: self.redirects,
                retries: self.retries,
                decode: self.decode,
                #[cfg(feature = "_decode")]
                max_decoded: self.max_decoded,
                #[cfg(feature = "cookies")]
                jar: self.jar,
            }),
        }
    }
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("redirects", &self.redirects)
            .finish_non_exhaustive()
    }
}
