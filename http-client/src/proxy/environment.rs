//! `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, as Go reads them.

use std::sync::{Arc, OnceLock};

use http::Uri;

use super::Proxy;
use super::no_proxy::NoProxy;
use crate::error::Error;
use crate::origin::Key;

pub(super) struct Environment {
    http: Choice,
    https: Choice,
    exceptions: NoProxy,
}

#[derive(Default)]
enum Choice {
    #[default]
    None,
    Proxy(Arc<Proxy>),
    /// The variable is set, and cannot be used.
    Broken(String),
}

impl Environment {
    pub(super) fn of_process() -> Arc<Environment> {
        static ONCE: OnceLock<Arc<Environment>> = OnceLock::new();
        Arc::clone(
            ONCE.get_or_init(|| Arc::new(Environment::read(|name| std::env::var(name).ok()))),
        )
    }

    /// Reads the variables through `get`. The spelling in capitals comes first; an empty value is as none.
    fn read(get: impl Fn(&str) -> Option<String>) -> Environment {
        let either = |upper: &str| {
            [upper.to_owned(), upper.to_ascii_lowercase()]
                .iter()
                .find_map(|name| {
                    get(name)
                        .filter(|value| !value.is_empty())
                        .map(|value| (name.clone(), value))
                })
        };
        let choice = |upper: &str| match either(upper) {
            None => Choice::None,
            // A server that runs us as a CGI puts the peer's `Proxy` field there (httpoxy).
            Some((name, _))
                if name == "HTTP_PROXY"
                    && get("REQUEST_METHOD").is_some_and(|method| !method.is_empty()) =>
            {
                Choice::Broken("HTTP_PROXY is not trusted where REQUEST_METHOD is set".to_owned())
            }
            Some((name, value)) => match Proxy::new(&value) {
                Ok(proxy) => Choice::Proxy(Arc::new(proxy)),
                Err(error) => Choice::Broken(format!("{name} is not a proxy: {}", error.report())),
            },
        };
        let exceptions = either("NO_PROXY")
            .map(|(_, list)| NoProxy::parse(&list))
            .unwrap_or_default();
        Environment {
            http: choice("HTTP_PROXY"),
            https: choice("HTTPS_PROXY"),
            exceptions,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!((&self.http, &self.https), (Choice::None, Choice::None))
    }

    pub(super) fn choose(&self, uri: &Uri) -> Result<Option<Arc<Proxy>>, Error> {
        let key = Key::of(uri, &crate::dial::Route::Direct)?;
        let choice = if key.https { &self.https } else { &self.http };
        match choice {
            Choice::None => Ok(None),
            _ if self.exceptions.covers(key.host, key.port) => Ok(None),
            Choice::Proxy(proxy) => Ok(Some(Arc::clone(proxy))),
            Choice::Broken(why) => Err(Error::request(why.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(variables: &[(&str, &str)], uri: &str) -> Result<Option<String>, ()> {
        let get = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_string())
        };
        let proxy = Environment::read(get)
            .choose(&uri.parse().unwrap())
            .map_err(|_| ())?;
        Ok(proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())))
    }

    type Row = (
        &'static [(&'static str, &'static str)],
        &'static str,
        Result<Option<String>, ()>,
    );

    /// Go's `TestProxyFromEnvironment`.
    #[test]
    fn the_table_of_go() {
        let some = |text: &str| Ok(Some(text.to_owned()));
        let table: &[Row] = &[
            (
                &[("HTTP_PROXY", "127.0.0.1:8080")],
                "http://example.com",
                some("127.0.0.1:8080"),
            ),
            (
                &[("HTTP_PROXY", "http://cache.corp.example.com")],
                "http://example.com",
                some("cache.corp.example.com:80"),
            ),
            (
                &[("http_proxy", "lower")],
                "http://example.com",
                some("lower:80"),
            ),
            (
                &[("HTTP_PROXY", "upper"), ("http_proxy", "lower")],
                "http://example.com",
                some("upper:80"),
            ),
            (
                &[("HTTPS_PROXY", "secure"), ("HTTP_PROXY", "plain")],
                "https://e.com",
                some("secure:80"),
            ),
            (&[("HTTP_PROXY", "plain")], "https://example.com", Ok(None)),
            (
                &[("HTTP_PROXY", "plain"), ("REQUEST_METHOD", "GET")],
                "http://example.com",
                Err(()),
            ),
            (
                &[("http_proxy", "plain"), ("REQUEST_METHOD", "GET")],
                "http://example.com",
                some("plain:80"),
            ),
            (&[("HTTP_PROXY", "ftp://x")], "http://example.com", Err(())),
            (&[("HTTP_PROXY", "proxy")], "http://localhost:81/", Ok(None)),
            (&[("HTTP_PROXY", "proxy")], "http://127.3.2.1/", Ok(None)),
            (&[("HTTP_PROXY", "proxy")], "http://[::1]/", Ok(None)),
            (
                &[("HTTP_PROXY", "proxy"), ("NO_PROXY", "example.com")],
                "http://example.com/",
                Ok(None),
            ),
            (
                &[("HTTP_PROXY", "proxy"), ("no_proxy", "example.com")],
                "http://example.com/",
                Ok(None),
            ),
            (
                &[("HTTP_PROXY", ""), ("http_proxy", "")],
                "http://example.com",
                Ok(None),
            ),
        ];
        for (variables, uri, expected) in table {
            assert_eq!(chosen(variables, uri), *expected, "{variables:?} {uri}");
        }
    }
}
