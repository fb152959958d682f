//! Redirects (RFC 9110 section 15.4), by Go's rules.
//!
//! | status | method | content |
//! |---|---|---|
//! | 301, 302, 303 | `GET`, but `HEAD` stays | dropped, with the fields that describe it |
//! | 307, 308 | as it was | sent again, where it can be; else the response is handed over as it is |
//! | other 3xx | not followed | |

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderName};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use http_body::Body as _;
use http_codec::Body;
use url::Url;

use crate::error::{Error, ErrorKind, Phase, without_credentials};
use crate::origin::split_authority;

/// The most that is read of the content of a redirect, and for how long.
const DRAIN: u64 = 64 * 1024;
const DRAIN_TIME: Duration = Duration::from_millis(50);

/// Which redirects a client follows.
#[derive(Clone)]
pub struct Redirects(Rule);

#[derive(Clone)]
enum Rule {
    Limited(usize),
    Custom(Arc<dyn Fn(&mut Hop<'_>) -> Follow + Send + Sync>),
}

/// What a custom policy decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Follows the redirect.
    Yes,
    /// Hands the 3xx response to the caller.
    Stop,
    /// Fails the call, with this clause.
    Refuse(String),
}

/// A redirect that a custom policy decides on.
#[non_exhaustive]
pub struct Hop<'a> {
    /// The status that redirects.
    pub status: StatusCode,
    /// Where it leads.
    pub next: &'a Uri,
    /// Where it has been, the first URL first.
    pub previous: &'a [Uri],
    /// The fields of the next request; sensitive ones are gone already where the host changes.
    pub fields: &'a mut HeaderMap,
}

impl Redirects {
    /// Follows at most so many, then fails. The default is 10.
    pub const fn limited(most: usize) -> Redirects {
        Redirects(Rule::Limited(most))
    }

    /// Follows none: every 3xx is a response like any other.
    pub const fn none() -> Redirects {
        Redirects(Rule::Limited(0))
    }

    /// The decision of a function. There is no other limit then than its own.
    pub fn custom(decide: impl Fn(&mut Hop<'_>) -> Follow + Send + Sync + 'static) -> Redirects {
        Redirects(Rule::Custom(Arc::new(decide)))
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self.0, Rule::Limited(0))
    }

    pub(super) fn decide(&self, hop: &mut Hop<'_>) -> Follow {
        match &self.0 {
            Rule::Limited(most) if hop.previous.len() > *most => {
                Follow::Refuse(format!("stopped after {most} redirects"))
            }
            Rule::Limited(_) => Follow::Yes,
            Rule::Custom(decide) => decide(hop),
        }
    }
}

impl Default for Redirects {
    fn default() -> Self {
        Redirects::limited(10)
    }
}

impl fmt::Debug for Redirects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Limited(most) => write!(f, "Limited({most})"),
            Rule::Custom(_) => f.write_str("Custom"),
        }
    }
}

impl fmt::Debug for Hop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let previous: Vec<String> = self.previous.iter().map(without_credentials).collect();
        f.debug_struct("Hop")
            .field("status", &self.status)
            .field("next", &without_credentials(self.next))
            .field("previous", &previous)
            .field("fields", &self.fields)
            .finish()
    }
}

/// What a redirect does to the method and the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The content is dropped.
    ToGet,
    /// The request stays as it is.
    Same,
}

/// What the status says, if it redirects.
pub(super) fn change(status: StatusCode, method: &Method) -> Option<Change> {
    match status.as_u16() {
        // A tunnel is no resource that could be elsewhere.
        _ if *method == Method::CONNECT => None,
        301..=303 => Some(Change::ToGet),
        307 | 308 => Some(Change::Same),
        _ => None,
    }
}

/// The method after the change.
pub(super) fn next_method(change: Change, method: &Method) -> Method {
    match change {
        Change::ToGet if *method == Method::HEAD => Method::HEAD,
        Change::ToGet => Method::GET,
        Change::Same => method.clone(),
    }
}

/// Where `Location` leads from `base` (RFC 3986 section 5). The flag: it was a relative reference.
pub(super) fn target(base: &Uri, location: &HeaderValue) -> Result<(Uri, bool), Error> {
    let failed = |what: &str| Error::new(ErrorKind::Redirect, Phase::Call).with_message(what);
    let text = location_text(location.as_bytes());
    let mut whole = base.to_string();
    if base.path() == "*" {
        whole.pop();
    }
    let base =
        Url::parse(&whole).map_err(|cause| failed("the URL is not one").with_source(cause))?;
    let mut next = base
        .join(&text)
        .map_err(|cause| failed("the location is not a URL").with_source(cause))?;
    // `//host` and its like (`\\host`) are relative by their form, and lead elsewhere.
    let relative = Url::parse(&text) == Err(url::ParseError::RelativeUrlWithoutBase)
        && next.origin() == base.origin();
    if !matches!(next.scheme(), "http" | "https") {
        return Err(failed("the location is neither http nor https"));
    }
    next.set_fragment(None);
    let uri =
        uri_of(&next).map_err(|cause| failed("the location is not a URL").with_source(cause))?;
    Ok((uri, relative))
}

/// A URL as a URI. A backslash, which a URL may have in its query and a URI nowhere, is percent-encoded.
pub(super) fn uri_of(url: &Url) -> Result<Uri, http::uri::InvalidUri> {
    url.as_str().replace('\\', "%5C").try_into()
}

/// The octets of a location as text: those that are not of UTF-8 stand for themselves, percent-encoded.
fn location_text(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => percent_encoding::percent_encode(octets, percent_encoding::CONTROLS).into(),
    }
}

/// Reads what is left of a response that redirects, as Go does, so that the next request finds the connection; a little, and
/// for a moment: else the connection closes, or is drained elsewhere.
pub(super) async fn finish(response: Response<Body>) {
    let mut body = response.into_body();
    if body.known().is_some() || body.size_hint().lower() > DRAIN {
        return;
    }
    let mut left = DRAIN;
    let drain = async {
        while let Ok(Some(data)) = body.next_data().await {
            match left.checked_sub(data.len() as u64) {
                Some(less) => left = less,
                None => return,
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, drain).await;
}

/// Fields that describe content, which is not there any more.
const OF_CONTENT: [HeaderName; 7] = [
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_LOCATION,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::TRAILER,
];

/// Fields that are for one host alone.
const SENSITIVE: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::PROXY_AUTHORIZATION,
    header::WWW_AUTHENTICATE,
    header::PROXY_AUTHENTICATE,
];

pub(super) fn drop_content_fields(fields: &mut HeaderMap) {
    for name in &OF_CONTENT {
        fields.remove(name);
    }
}

/// Drops what the next host must not see. What is dropped once is never put back: the fields are gone.
pub(super) fn drop_sensitive_fields(fields: &mut HeaderMap, first: &Uri, next: &Uri) {
    if is_same_or_subdomain(host(next), host(first)) {
        return;
    }
    for name in &SENSITIVE {
        fields.remove(name);
    }
    fields.remove("cookie2");
}

/// Sets `Referer` to where we come from; not from `https` to `http`, and not over the caller's own.
pub(super) fn set_referer(fields: &mut HeaderMap, last: &Uri, next: &Uri) {
    let secret = last.scheme() == Some(&Scheme::HTTPS) && next.scheme() != Some(&Scheme::HTTPS);
    match HeaderValue::try_from(without_credentials(last)) {
        Ok(value) if !secret => {
            fields.insert(header::REFERER, value);
        }
        _ => {
            fields.remove(header::REFERER);
        }
    }
}

fn host(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    split_authority(authority).map_or("", |(host, _)| host)
}

/// The ports and the schemes do not matter, as in Go. An address has no subdomains.
fn is_same_or_subdomain(host: &str, of: &str) -> bool {
    if host.eq_ignore_ascii_case(of) {
        return true;
    }
    if of.is_empty() || host.starts_with('[') || of.parse::<std::net::Ipv4Addr>().is_ok() {
        return false;
    }
    let Some(at) = host.len().checked_sub(of.len()) else {
        return false;
    };
    let suffix = host
        .get(at..)
        .is_some_and(|suffix| suffix.eq_ignore_ascii_case(of));
    suffix && host[..at].ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Go's `TestPostRedirects`, `TestDeleteRedirects`, `TestClientRedirectTypes`.
    #[test]
    fn methods_and_content() {
        for (status, method, becomes, kept) in [
            (301, "GET", "GET", false),
            (301, "POST", "GET", false),
            (302, "HEAD", "HEAD", false),
            (302, "DELETE", "GET", false),
            (303, "PUT", "GET", false),
            (307, "POST", "POST", true),
            (308, "DELETE", "DELETE", true),
        ] {
            let (status, method) = (
                StatusCode::from_u16(status).unwrap(),
                method.parse().unwrap(),
            );
            let change = change(status, &method).unwrap();
            assert_eq!(
                next_method(change, &method).as_str(),
                becomes,
                "{status} {method}"
            );
            assert_eq!(change == Change::Same, kept);
        }
        assert_eq!(change(StatusCode::FOUND, &Method::CONNECT), None);
        for status in [200, 300, 304, 305, 306, 400] {
            assert_eq!(
                change(StatusCode::from_u16(status).unwrap(), &Method::GET),
                None,
                "{status}"
            );
        }
    }

    #[test]
    fn locations() {
        let base: Uri = "http://example.com:81/a/b?c".parse().unwrap();
        for (location, next, relative) in [
            ("/x", "http://example.com:81/x", true),
            ("x", "http://example.com:81/a/x", true),
            ("?q", "http://example.com:81/a/b?q", true),
            ("//other.com/x", "http://other.com/x", false),
            ("https://other.com/x#fragment", "https://other.com/x", false),
            ("/sp ace/é", "http://example.com:81/sp%20ace/%C3%A9", true),
            // Nothing in a location can end a line of the next request.
            (
                "/x%0d%0aset-cookie:a=1",
                "http://example.com:81/x%0d%0aset-cookie:a=1",
                true,
            ),
            ("/x\ty", "http://example.com:81/xy", true),
            (r"/x?a=\b", "http://example.com:81/x?a=%5Cb", true),
            (r"\\other.com\x", "http://other.com/x", false),
            (r"/\other.com/x", "http://other.com/x", false),
            (
                "http://example.com@other.com/",
                "http://example.com@other.com/",
                false,
            ),
            ("http:x", "http://example.com:81/a/x", false),
        ] {
            let value = HeaderValue::from_bytes(location.as_bytes()).unwrap();
            let (uri, is_relative) = target(&base, &value).unwrap();
            assert_eq!(
                (uri.to_string().as_str(), is_relative),
                (next, relative),
                "{location}"
            );
        }
        for location in [
            "file:///etc/passwd",
            "http://",
            "ftp://example.com/",
            "http://a b/",
        ] {
            let value = HeaderValue::from_bytes(location.as_bytes()).unwrap();
            assert!(target(&base, &value).is_err(), "{location}");
        }
        let latin = HeaderValue::from_bytes(b"/caf\xe9").unwrap();
        let (uri, _) = target(&base, &latin).unwrap();
        assert_eq!(uri.path(), "/caf%E9");
    }

    /// RFC 9110 section 7.1: the asterisk is of the request line, and no part of the URI that was asked.
    #[test]
    fn an_asterisk_is_not_a_part_of_the_host() {
        for host in ["example.com", "example.com:81"] {
            let base = Uri::builder()
                .scheme("http")
                .authority(host)
                .path_and_query("*")
                .build()
                .unwrap();
            let (next, relative) = target(&base, &HeaderValue::from_static("/x")).unwrap();
            assert_eq!(next.to_string(), format!("http://{host}/x"));
            assert!(relative);
            let mut fields = HeaderMap::new();
            set_referer(&mut fields, &base, &next);
            assert_eq!(fields[header::REFERER], format!("http://{host}"));
        }
    }

    /// Go's `TestShouldCopyHeaderOnRedirect`.
    #[test]
    fn sensitive_fields_stay_with_the_host_and_its_subdomains() {
        for (first, next, kept) in [
            ("http://foo.com", "http://bar.com", false),
            ("http://foo.com", "http://foo.com:1234", true),
            ("http://foo.com", "https://foo.com", true),
            ("http://foo.com", "http://sub.foo.com", true),
            ("http://sub.foo.com", "http://foo.com", false),
            ("http://foo.com", "http://notfoo.com", false),
            ("http://FOO.com", "http://foo.COM", true),
            ("http://10.0.0.1", "http://1.10.0.0.1", false),
            ("http://[::1]", "http://[::1]:80", true),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert(header::AUTHORIZATION, HeaderValue::from_static("x"));
            fields.insert(header::COOKIE, HeaderValue::from_static("x"));
            fields.insert(header::ACCEPT, HeaderValue::from_static("x"));
            drop_sensitive_fields(&mut fields, &first.parse().unwrap(), &next.parse().unwrap());
            assert_eq!(fields.len(), if kept { 3 } else { 1 }, "{first} {next}");
        }
    }

    #[test]
    fn a_hop_is_shown_without_credentials() {
        let (last, next): (Uri, Uri) = (
            "http://u:secret@a.com/x".parse().unwrap(),
            "http://u:secret@a.com/y".parse().unwrap(),
        );
        let hop = Hop {
            status: StatusCode::FOUND,
            next: &next,
            previous: &[last],
            fields: &mut HeaderMap::new(),
        };
        let shown = format!("{hop:?}");
        assert!(
            shown.contains("http://a.com/x") && shown.contains("http://a.com/y"),
            "{shown}"
        );
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn the_referer_has_no_secrets() {
        let mut fields = HeaderMap::new();
        let (plain, secure): (Uri, Uri) = (
            "http://u:p@a.com/x".parse().unwrap(),
            "https://b.com/y".parse().unwrap(),
        );
        set_referer(&mut fields, &plain, &secure);
        assert_eq!(fields[header::REFERER], "http://a.com/x");
        set_referer(&mut fields, &secure, &plain);
        assert!(!fields.contains_key(header::REFERER));
    }
}
