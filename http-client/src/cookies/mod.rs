//! Cookies (RFC 6265bis): kept between requests, sent where they belong.

mod cookie;
mod date;
mod jar;

pub use jar::Jar;

use http::header::COOKIE;
use http::{HeaderValue, Request, Uri};
use http_codec::Body;

/// Keeps cookies for a client. [`Jar`] does so in memory; an application may bring a jar that lives on a disk.
pub trait CookieJar: Send + Sync + 'static {
    /// Takes the values of the `Set-Cookie` fields of a response from `url`.
    fn set_cookies(&self, values: &mut dyn Iterator<Item = &HeaderValue>, url: &Uri);

    /// The value of the `Cookie` field for a request to `url`, if there are any.
    fn cookies(&self, url: &Uri) -> Option<HeaderValue>;
}

/// Adds the jar's cookies to a request; a cookie of the jar replaces the caller's own of the same name. Gives back what the
/// caller had there, if something was added.
pub(crate) fn add(jar: &dyn CookieJar, request: &mut Request<Body>) -> Option<Option<HeaderValue>> {
    let kept = jar.cookies(request.uri())?;
    let own = request.headers().get(COOKIE).cloned();
    let value = match own
        .as_ref()
        .and_then(|own| own.to_str().ok())
        .zip(kept.to_str().ok())
    {
        Some((own, kept)) => {
            let name = |pair: &str| pair.split('=').next().unwrap_or_default().trim().to_owned();
            let names: Vec<_> = kept.split(';').map(name).collect();
            let mut all: Vec<_> = own
                .split(';')
                .map(str::trim)
                .filter(|pair| !names.contains(&name(pair)))
                .collect();
            all.push(kept);
            HeaderValue::try_from(all.join("; ")).ok()?
        }
        None => kept,
    };
    request.headers_mut().insert(COOKIE, value);
    Some(own)
}
