//! Cookies (RFC 6265bis): kept between requests, sent where they belong.

mod cookie;
mod date;
mod jar;

pub use jar::Jar;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response, Uri};
use http_codec::Body;

/// Keeps cookies for a client. [`Jar`] does so in memory; an application may bring a jar that lives on a disk.
pub trait CookieJar: Send + Sync + 'static {
    /// Takes the values of the `Set-Cookie` fields of a response from `url`.
    fn set_cookies(&self, values: &mut dyn Iterator<Item = &HeaderValue>, url: &Uri);

    /// The value of the `Cookie` field for a request to `url`, if there are any.
    fn cookies(&self, url: &Uri) -> Option<HeaderValue>;
}

/// Hands the jar what a response sets.
pub(crate) fn keep(jar: &dyn CookieJar, response: &Response<Body>, url: &Uri) {
    let mut values = response.headers().get_all(SET_COOKIE).iter().peekable();
    if values.peek().is_some() {
        jar.set_cookies(&mut values, url);
    }
}

/// Adds the jar's cookies to a request; a cookie of the jar replaces the caller's own of the same name. Gives back the fields
/// that the caller had there, if something was added.
pub(crate) fn add(jar: &dyn CookieJar, request: &mut Request<Body>) -> Option<Vec<HeaderValue>> {
    let kept = jar.cookies(request.uri())?;
    let own: Vec<_> = request.headers().get_all(COOKIE).iter().cloned().collect();
    let mut value = match own.as_slice() {
        [] => kept,
        own => merged(own, &kept)?,
    };
    value.set_sensitive(true);
    request.headers_mut().insert(COOKIE, value);
    Some(own)
}

/// The caller's cookies, without those that the jar has too, and the jar's behind them.
fn merged(own: &[HeaderValue], kept: &HeaderValue) -> Option<HeaderValue> {
    let pairs = |value: &'_ HeaderValue| {
        let octets = value.as_bytes().split(|&octet| octet == b';');
        octets
            .map(|pair| pair.trim_ascii().to_vec())
            .collect::<Vec<_>>()
    };
    let name = |pair: &[u8]| {
        let name = pair.split(|&octet| octet == b'=').next();
        name.unwrap_or_default().trim_ascii().to_vec()
    };
    let kept = pairs(kept);
    let names: Vec<_> = kept.iter().map(|pair| name(pair)).collect();
    let own = own.iter().flat_map(pairs);
    let mut all: Vec<_> = own
        .filter(|pair| !pair.is_empty() && !names.contains(&name(pair)))
        .collect();
    all.extend(kept);
    HeaderValue::from_bytes(&all.join(&b"; "[..])).ok()
}
