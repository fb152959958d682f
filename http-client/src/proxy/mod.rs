//! Which proxy a request goes through.

mod environment;
mod no_proxy;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::dial::Route;
use crate::error::Error;
use crate::origin::{bare, split_authority};
use environment::Environment;

/// A proxy: `http://`, `https://`, `socks5://` or `socks5h://`, with a user name and password where it wants them.
///
/// Requests for `http` URLs are forwarded by an HTTP proxy, with the whole URL as their target; for `https` it is asked for a
/// tunnel (`CONNECT`). A SOCKS proxy tunnels everything, and resolves the names (with both of its schemes).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    credentials: Option<(String, String)>,
    authorization: Option<HeaderValue>,
    connect_fields: HeaderMap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Http,
    Https,
    Socks,
}

impl Proxy {
    /// A proxy from its URL. Without a scheme it is `http`. User name and password in it are used for authentication.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request) if the URL is not one, or the scheme is not known.
    pub fn new(url: &str) -> Result<Proxy, Error> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let (kind, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Kind::Http, 80),
            "https" => (Kind::Https, 443),
            "socks5" | "socks5h" => (Kind::Socks, 1080),
            _ => {
                return Err(Error::request(format!(
                    "scheme {scheme:?} is not that of a proxy"
                )));
            }
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = split_authority(authority)?;
        let proxy = Proxy {
            kind,
            host: host.to_ascii_lowercase(),
            port: port.unwrap_or(default_port),
            credentials: None,
            authorization: None,
            connect_fields: HeaderMap::new(),
        };
        match authority.rsplit_once('@') {
            Some((userinfo, _)) => {
                let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
                let decoded = |part| {
                    percent_encoding::percent_decode_str(part)
                        .decode_utf8_lossy()
                        .into_owned()
                };
                Ok(proxy.with_credentials(&decoded(user), &decoded(password)))
            }
            None => Ok(proxy),
        }
    }

    /// Authenticates with a user name and a password (RFC 7617; RFC 1929 for SOCKS).
    #[must_use]
    pub fn with_credentials(mut self, user: &str, password: &str) -> Proxy {
        self.authorization = Some(basic(user, password));
        self.credentials = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Adds a field to the `CONNECT` request of a tunnel.
    #[must_use]
    pub fn with_connect_field(mut self, name: HeaderName, value: HeaderValue) -> Proxy {
        self.connect_fields.append(name, value);
        self
    }

    pub(crate) fn host(&self) -> &str {
        bare(&self.host)
    }

    pub(crate) fn bracketed_host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn is_https(&self) -> bool {
        self.kind == Kind::Https
    }

    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    pub(crate) fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials
            .as_ref()
            .map(|(user, password)| (&**user, &**password))
    }

    pub(crate) fn connect_fields(&self) -> &HeaderMap {
        &self.connect_fields
    }
}

/// `Basic` credentials (RFC 7617); the value does not show in debug output.
pub(crate) fn basic(user: &str, password: &str) -> HeaderValue {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    let mut value =
        HeaderValue::try_from(format!("Basic {encoded}")).expect("base64 is visible ASCII");
    value.set_sensitive(true);
    value
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("authenticates", &self.credentials.is_some())
            .finish_non_exhaustive()
    }
}

/// Which proxy each request goes through.
#[derive(Clone)]
pub struct Proxies(Rule);

#[derive(Clone)]
enum Rule {
    None,
    All(Arc<Proxy>),
    Environment(Arc<Environment>),
    Custom(Arc<Choose>),
}

type Choose = dyn Fn(&Uri) -> Option<Proxy> + Send + Sync;

impl Proxies {
    /// No proxy.
    pub const fn none() -> Proxies {
        Proxies(Rule::None)
    }

    /// One proxy for everything.
    pub fn all(proxy: Proxy) -> Proxies {
        Proxies(Rule::All(Arc::new(proxy)))
    }

    /// What the environment says, by Go's rules: `HTTP_PROXY` or `http_proxy` for `http`, `HTTPS_PROXY` or `https_proxy` for
    /// `https`, except for the hosts in `NO_PROXY` or `no_proxy`. `localhost` and loopback addresses are never proxied. It is
    /// read once a process.
    ///
    /// `NO_PROXY` is a list with commas of `*`, host names (which stand for their subdomains too), names with a leading dot
    /// (subdomains alone), addresses and networks (`10.0.0.0/8`), names and addresses with a `:port` where only that is meant.
    pub fn environment() -> Proxies {
        let environment = Environment::of_process();
        if environment.is_empty() {
            Proxies::none()
        } else {
            Proxies(Rule::Environment(environment))
        }
    }

    /// The choice of a function.
    pub fn custom(choose: impl Fn(&Uri) -> Option<Proxy> + Send + Sync + 'static) -> Proxies {
        Proxies(Rule::Custom(Arc::new(choose)))
    }

    /// The way to a URL.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request) if the environment names a proxy that is none.
    pub(crate) fn route(&self, uri: &Uri) -> Result<Cow<'static, Route>, Error> {
        let proxy = match &self.0 {
            Rule::None => return Ok(Cow::Borrowed(&Route::Direct)),
            Rule::All(proxy) => Some(Arc::clone(proxy)),
            Rule::Environment(environment) => environment.choose(uri)?,
            Rule::Custom(choose) => choose(uri).map(Arc::new),
        };
        Ok(Cow::Owned(
            proxy.map_or(Route::Direct, |proxy| through(proxy, uri)),
        ))
    }
}

/// The way through a proxy.
pub(crate) fn through(proxy: Arc<Proxy>, uri: &Uri) -> Route {
    let https = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
    match (proxy.kind, https) {
        (Kind::Socks, _) => Route::Socks(proxy),
        (_, true) => Route::Tunnel(proxy),
        (_, false) => Route::Forward(proxy),
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::None => f.write_str("None"),
            Rule::All(proxy) => proxy.fmt(f),
            Rule::Environment(_) => f.write_str("Environment"),
            Rule::Custom(_) => f.write_str("Custom"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies() {
        for (url, host, port, socks, https) in [
            (
                "http://proxy.example:3128",
                "proxy.example",
                3128,
                false,
                false,
            ),
            ("proxy.example", "proxy.example", 80, false, false),
            ("proxy.example:8080/", "proxy.example", 8080, false, false),
            ("https://Proxy.Example", "proxy.example", 443, false, true),
            ("socks5://[::1]", "::1", 1080, true, false),
            ("socks5h://user:pass@10.0.0.1:1", "10.0.0.1", 1, true, false),
        ] {
            let proxy = Proxy::new(url).unwrap();
            assert_eq!((proxy.host(), proxy.port()), (host, port), "{url}");
            assert_eq!(
                (proxy.kind == Kind::Socks, proxy.is_https()),
                (socks, https),
                "{url}"
            );
        }
        for url in ["ftp://proxy", "http://", "http://a b", "http://proxy:99999"] {
            assert!(Proxy::new(url).is_err(), "{url}");
        }
    }

    #[test]
    fn credentials_are_decoded_sent_and_not_shown() {
        let proxy = Proxy::new("http://us%40er:p%3Ass@proxy").unwrap();
        assert_eq!(proxy.credentials(), Some(("us@er", "p:ss")));
        assert_eq!(proxy.authorization().unwrap(), "Basic dXNAZXI6cDpzcw==");
        assert!(!format!("{proxy:?}").contains("p:ss"));
        let empty = Proxy::new("http://user@proxy").unwrap();
        assert_eq!(empty.authorization().unwrap(), "Basic dXNlcjo=");
    }

    #[test]
    fn the_way_depends_on_the_scheme_of_the_target() {
        let (http, https): (Uri, Uri) =
            ("http://a/".parse().unwrap(), "https://a/".parse().unwrap());
        let proxies = Proxies::all(Proxy::new("http://proxy").unwrap());
        assert!(matches!(*proxies.route(&http).unwrap(), Route::Forward(_)));
        assert!(matches!(*proxies.route(&https).unwrap(), Route::Tunnel(_)));
        let socks = Proxies::all(Proxy::new("socks5://proxy").unwrap());
        assert!(matches!(*socks.route(&http).unwrap(), Route::Socks(_)));
        assert!(matches!(*socks.route(&https).unwrap(), Route::Socks(_)));
    }
}
