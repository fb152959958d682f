//! What one request may have otherwise than its client.

use std::fmt;
use std::sync::Arc;

use http::response::Parts;
use http_codec::fields::host::HostValue;

use crate::client::Redirects;
use crate::config::Deadlines;
use crate::dial::Tls;
use crate::error::Error;
use crate::proxy::Proxy;
use crate::retry::Retries;
use crate::trace::{Hook, Trace};

/// Settings of one request. What is not set is as the client or transport has it.
///
/// A [`RequestBuilder`](crate::RequestBuilder) sets them by methods of its own; for a plain [`http::Request`] they go into
/// its extensions, from which a [`Transport`](crate::Transport) and a [`Client`](crate::Client) take them:
///
/// ```
/// use std::time::Duration;
/// use http_client::{Body, Deadlines, Options};
///
/// let mut request = http::Request::get("http://example.com/").body(Body::empty())?;
/// let soon = Deadlines::default().with_total(Duration::from_secs(3));
/// request.extensions_mut().insert(Options::new().with_deadlines(soon));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Options {
    pub(crate) deadlines: Option<Deadlines>,
    pub(crate) host: Option<HostValue>,
    pub(crate) proxy: Option<Choice>,
    pub(crate) tls: Option<Tls>,
    pub(crate) trace: Option<Hook>,
    pub(crate) interim: Option<InterimHook>,
    pub(crate) redirects: Option<Redirects>,
    pub(crate) retries: Option<Retries>,
    pub(crate) decode: Option<bool>,
}

type InterimHook = Arc<dyn Fn(&Parts) + Send + Sync>;

/// A proxy for one request, or none for it.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Direct,
    Via(Arc<Proxy>),
}

impl Options {
    /// No settings of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Deadlines in place of the transport's, all of them.
    #[must_use]
    pub fn with_deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = Some(deadlines);
        self
    }

    /// Another `Host` than the URL's (Go's `Request.Host`). The connection still goes where the URL says. A `Host` in the
    /// request's fields is ignored: this is the one way to send another.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request) if it is not `uri-host [ ":" port ]` (RFC 9110 section 7.2).
    pub fn with_host(mut self, host: &str) -> Result<Self, Error> {
        let value = HostValue::new(host.as_bytes()).filter(|_| !host.is_empty());
        self.host = Some(value.ok_or_else(|| Error::request(format!("{host:?} is not a host")))?);
        Ok(self)
    }

    /// A proxy for this request, whatever the transport would choose.
    #[must_use]
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(Choice::Via(Arc::new(proxy)));
        self
    }

    /// No proxy for this request.
    #[must_use]
    pub fn without_proxy(mut self) -> Self {
        self.proxy = Some(Choice::Direct);
        self
    }

    /// Another way to speak TLS for this request: other roots, another identity. Its connections are kept apart from those of
    /// requests with another [`Tls`](crate::Tls); clones of one value share them.
    #[cfg(feature = "_tls")]
    #[must_use]
    pub fn with_tls(mut self, tls: crate::Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Hears of the exchange when it is over ([`Trace`]).
    #[must_use]
    pub fn with_trace(mut self, hook: impl Fn(&Trace) + Send + Sync + 'static) -> Self {
        self.trace = Some(Hook(Arc::new(hook)));
        self
    }

    /// Hears of interim responses (RFC 9110 section 15.2), such as `103 Early Hints`, while the final one is awaited.
    #[must_use]
    pub fn with_interim(mut self, hook: impl Fn(&Parts) + Send + Sync + 'static) -> Self {
        self.interim = Some(Arc::new(hook));
        self
    }

    /// Which redirects the client follows. No meaning to a bare transport.
    #[must_use]
    pub fn with_redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = Some(redirects);
        self
    }

    /// When the client sends a request again that failed. No meaning to a bare transport.
    #[must_use]
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Whether the client asks for content codings on its own and undoes them. No meaning to a bare transport.
    #[must_use]
    pub fn with_decoding(mut self, decode: bool) -> Self {
        self.decode = Some(decode);
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("deadlines", &self.deadlines)
            .field("host", &self.host)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}
