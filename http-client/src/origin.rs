//! Where a request goes, and by which way: the key of the pool.
//!
//! An [`Origin`] is made once and shared by all connections to it. It carries what every request to it needs: the
//! hash by which it is found and the value of the `Host` field.

use std::hash::BuildHasher;
use std::sync::Arc;

use http::Uri;
use http_codec::fields::host::{self, HostValue};

use crate::dial::{Route, Tls};
use crate::error::Error;

/// Scheme, host and port of a request, borrowed from its URI, and the way to get there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a> {
    pub(crate) https: bool,
    /// As it stands in the URI: any case, with the brackets of an IPv6 address.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// It may be in upper case.
    pub(crate) any_case: bool,
    pub(crate) route: &'a Route,
    /// How TLS is spoken, where a request has it otherwise than the transport.
    pub(crate) tls: Option<&'a Tls>,
}

impl<'a> Key<'a> {
    /// Takes the target apart. A mere authority, which is what `CONNECT` may have, is taken for that of an `http` URL.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request) if the URI is neither that nor an absolute `http` or `https` one.
    pub(crate) fn of(uri: &'a Uri, route: &'a Route) -> Result<Key<'a>, Error> {
        let https = match uri.scheme() {
            Some(scheme) if *scheme == http::uri::Scheme::HTTP => false,
            Some(scheme) if *scheme == http::uri::Scheme::HTTPS => true,
            Some(scheme) => {
                return Err(Error::request(format!(
                    "scheme {scheme:?} is neither http nor https",
                    scheme = scheme.as_str()
                )));
            }
            None if uri.authority().is_some() => false,
            None => return Err(Error::request("the URL has no scheme")),
        };
        let authority = uri
            .authority()
            .ok_or_else(|| Error::request("the URL has no host"))?
            .as_str();
        // One look at each octet: nearly all authorities are those of a URL without a user, in lower case.
        let special = authority.bytes().fold(false, |any, octet| {
            any | (octet == b'@') | octet.is_ascii_uppercase()
        });
        let place = if special {
            authority
                .rsplit_once('@')
                .map_or(authority, |(_, place)| place)
        } else {
            authority
        };
        let (host, port) = split_roughly(place);
        Ok(Key {
            https,
            host,
            port: port.unwrap_or(if https { 443 } else { 80 }),
            any_case: special,
            route,
            tls: None,
        })
    }

    /// Whether the host is one, by its grammar. Asked once an origin, when its first connection is made.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request).
    pub(crate) fn check(&self) -> Result<(), Error> {
        if host::parse(self.host.as_bytes()).is_some_and(|parts| parts.host > 0) {
            Ok(())
        } else {
            Err(Error::request(format!("{:?} is not a host", self.host)))
        }
    }

    pub(crate) fn hash(&self, hasher: &impl BuildHasher) -> u64 {
        let place = u64::from(self.port) << 1 | u64::from(self.https);
        if self.any_case {
            hasher.hash_one((self.host.to_ascii_lowercase().as_bytes(), place))
        } else {
            hasher.hash_one((self.host.as_bytes(), place))
        }
    }

    pub(crate) fn is(&self, origin: &Origin) -> bool {
        self.https == origin.https
            && self.port == origin.port
            && (*self.host == *origin.host || self.host.eq_ignore_ascii_case(&origin.host))
            && *self.route == origin.route
            && self.tls == origin.tls.as_ref()
    }
}

/// `host [":" port]` without a look at the grammar: what is not `":" port` at the end belongs to the host, and is refused by
/// [`Key::check`].
fn split_roughly(place: &str) -> (&str, Option<u16>) {
    let octets = place.as_bytes();
    let (mut at, mut port, mut scale) = (octets.len(), 0, 1);
    while at > 0 && octets[at - 1].is_ascii_digit() && octets.len() - at < 6 {
        at -= 1;
        port += u32::from(octets[at] - b'0') * scale;
        scale *= 10;
    }
    if at == 0 || octets[at - 1] != b':' {
        return (place, None);
    }
    let Some(host) = place.get(..at - 1) else {
        return (place, None);
    };
    match u16::try_from(port) {
        Ok(_) if at == octets.len() => (host, None),
        Ok(port) => (host, Some(port)),
        Err(_) => (place, None),
    }
}

/// `host [":" port]` of an authority, without its userinfo.
///
/// # Errors
///
/// Kind [`Request`](crate::ErrorKind::Request) if it is not one, or the host is empty.
pub(crate) fn split_authority(authority: &str) -> Result<(&str, Option<u16>), Error> {
    let place = match memchr::memrchr(b'@', authority.as_bytes()) {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    match host::parse(place.as_bytes()) {
        Some(parts) if parts.host > 0 => Ok((&place[..parts.host], parts.port)),
        _ => Err(Error::request(format!("{place:?} is not a host"))),
    }
}

/// One place to connect to: the facts that all its connections share.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) hash: u64,
    pub(crate) https: bool,
    /// In lower case, with the brackets of an IPv6 address.
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
    pub(crate) route: Route,
    pub(crate) tls: Option<Tls>,
    /// The value of the `Host` field: the port only where it is not the scheme's own.
    pub(crate) host_value: HostValue,
}

impl Origin {
    pub(crate) fn new(key: &Key<'_>, hash: u64) -> Arc<Origin> {
        let host = key.host.to_ascii_lowercase();
        // `Key::check` has seen that it is one.
        let host_value = host_value(&host, key.port, key.https).unwrap_or_default();
        Arc::new(Origin {
            hash,
            https: key.https,
            host: host.into(),
            port: key.port,
            route: key.route.clone(),
            tls: key.tls.cloned(),
            host_value,
        })
    }

    /// The host as a resolver wants it: without brackets.
    pub(crate) fn name(&self) -> &str {
        bare(&self.host)
    }

    /// `scheme://host:port`, for people.
    pub(crate) fn label(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}:{}", self.host, self.port)
    }
}

/// The host without the brackets of an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

/// What stands in `Host` (RFC 9110 section 7.2).
pub(crate) fn host_value(host: &str, port: u16, https: bool) -> Result<HostValue, Error> {
    let value = if port == (if https { 443 } else { 80 }) {
        HostValue::new(host.as_bytes())
    } else {
        HostValue::new(format!("{host}:{port}").as_bytes())
    };
    value.ok_or_else(|| Error::request(format!("{host:?} is not a host")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(uri: &str) -> Arc<Origin> {
        let uri: Uri = uri.parse().unwrap();
        let key = Key::of(&uri, &Route::Direct).unwrap();
        Origin::new(&key, 0)
    }

    #[test]
    fn the_host_field_has_a_port_only_where_it_is_not_the_schemes() {
        for (uri, value) in [
            ("http://example.com", "example.com"),
            ("http://EXAMPLE.com:80/x", "example.com"),
            ("http://example.com:81", "example.com:81"),
            ("https://example.com:443", "example.com"),
            ("https://example.com:80", "example.com:80"),
            ("http://[::1]:8080/", "[::1]:8080"),
            ("http://user:pass@example.com/", "example.com"),
        ] {
            assert_eq!(origin(uri).host_value.as_bytes(), value.as_bytes(), "{uri}");
        }
    }

    #[test]
    fn spellings_of_one_origin_are_one_key() {
        let hasher = hashbrown::DefaultHashBuilder::default();
        let one = origin("http://example.com/a");
        for other in ["http://EXAMPLE.com:80/b", "http://u@example.COM"] {
            let uri: Uri = other.parse().unwrap();
            let key = Key::of(&uri, &Route::Direct).unwrap();
            let first: Uri = "http://example.com".parse().unwrap();
            let first = Key::of(&first, &Route::Direct).unwrap().hash(&hasher);
            assert_eq!(key.hash(&hasher), first);
            assert!(key.is(&one));
        }
        let uri: Uri = "https://example.com:80/".parse().unwrap();
        assert!(!Key::of(&uri, &Route::Direct).unwrap().is(&one));
    }

    #[test]
    fn other_schemes_and_relative_references_are_refused() {
        for uri in [
            "ftp://example.com/",
            "/path",
            "file:///etc/passwd",
            "http://a,b/",
            "http://a:99999/",
            "http://:80/",
        ] {
            let Ok(uri) = uri.parse::<Uri>() else {
                continue;
            };
            let key = Key::of(&uri, &Route::Direct);
            assert!(key.and_then(|key| key.check()).is_err(), "{uri}");
        }
    }
}
