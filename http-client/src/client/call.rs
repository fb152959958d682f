//! One call: hops until there is a response that is no redirect, attempts until a hop succeeds.

#[cfg(not(feature = "spans"))]
use std::future::Future;

use http::header::{AUTHORIZATION, HOST, LOCATION, REFERER, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, Uri};
use http_codec::Body;
use tokio::time::Instant;

use super::redirect::{self, Change, Follow, Hop, Redirects};
use super::{Client, Inner};
use crate::error::{Error, ErrorKind, Phase};
use crate::options::Options;
use crate::proxy::basic;
use crate::retry::{asks_for_retry, may_retry};

/// Where a call has been.
struct Journey {
    previous: Vec<Uri>,
    /// The caller set `Referer` itself.
    own_referer: bool,
}

impl Client {
    #[cfg(feature = "spans")]
    pub(crate) async fn call(
        &self,
        parts: Parts,
        body: Body,
        options: Option<Box<Options>>,
    ) -> Result<Response<Body>, Error> {
        use tracing::Instrument;
        let span = crate::spans::call(&parts);
        let call = self.run(parts, body, options).instrument(span.clone());
        let outcome = call.await;
        crate::spans::end(&span, &outcome);
        outcome
    }

    #[cfg(not(feature = "spans"))]
    pub(crate) fn call(
        &self,
        parts: Parts,
        body: Body,
        options: Option<Box<Options>>,
    ) -> impl Future<Output = Result<Response<Body>, Error>> + Send {
        self.run(parts, body, options)
    }

    async fn run(
        &self,
        mut parts: Parts,
        mut body: Body,
        mut options: Option<Box<Options>>,
    ) -> Result<Response<Body>, Error> {
        let inner = &*self.inner;
        let total = inner.total(options.as_deref());
        let redirects = options
            .as_deref()
            .and_then(|options| options.redirects.clone());
        let redirects = redirects.as_ref().unwrap_or(&inner.redirects);
        inner.add_fields(&mut parts.headers);
        let mut journey = Journey {
            previous: Vec::new(),
            own_referer: parts.headers.contains_key(REFERER),
        };
        loop {
            let again = if redirects.is_none() {
                None
            } else {
                body.try_clone()
            };
            let response = inner
                .hop(&mut parts, body, options.as_deref(), total)
                .await?;
            let Some(change) = redirect::change(response.status(), &parts.method) else {
                return inner.finish(response, journey, parts.uri);
            };
            match follow(
                change,
                &response,
                &mut parts,
                &mut journey,
                redirects,
                again,
                &mut options,
            )? {
                Some(next) => body = next,
                None => return inner.finish(response, journey, parts.uri),
            }
        }
    }
}

/// Turns the request into the one that the redirect asks for; the content to send with it. `None`: the response stands.
fn follow(
    change: Change,
    response: &Response<Body>,
    parts: &mut Parts,
    journey: &mut Journey,
    redirects: &Redirects,
    again: Option<Body>,
    options: &mut Option<Box<Options>>,
) -> Result<Option<Body>, Error> {
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    if redirects.is_none() {
        return Ok(None);
    }
    let body = match (change, again) {
        (Change::ToGet, _) => Body::empty(),
        (Change::Same, Some(again)) => again,
        (Change::Same, None) => return Ok(None),
    };
    let named = |error: Error| error.with_url(&parts.uri);
    let (next, relative) = redirect::target(&parts.uri, location).map_err(named)?;
    let mut fields = std::mem::take(&mut parts.headers);
    if change == Change::ToGet {
        redirect::drop_content_fields(&mut fields);
    }
    let last = std::mem::replace(&mut parts.uri, next);
    if !journey.own_referer {
        redirect::set_referer(&mut fields, &last, &parts.uri);
    }
    journey.previous.push(last);
    redirect::drop_sensitive_fields(&mut fields, &journey.previous[0], &parts.uri);
    let mut hop = Hop {
        status: response.status(),
        next: &parts.uri,
        previous: &journey.previous,
        fields: &mut fields,
    };
    let decision = redirects.decide(&mut hop);
    parts.headers = fields;
    match decision {
        Follow::Yes => {}
        Follow::Stop => {
            if let Some(last) = journey.previous.pop() {
                parts.uri = last;
            }
            return Ok(None);
        }
        Follow::Refuse(why) => {
            return Err(Error::new(ErrorKind::Redirect, Phase::Call)
                .with_message(why)
                .with_url(&parts.uri));
        }
    }
    parts.method = redirect::next_method(change, &parts.method);
    if let Some(options) = options.as_mut().filter(|_| !relative) {
        options.host = None;
    }
    Ok(Some(body))
}

impl Inner {
    fn total(&self, options: Option<&Options>) -> Option<Instant> {
        let own = options.and_then(|options| options.deadlines);
        let deadlines = own.or_else(|| {
            self.lower
                .transport()
                .map(|transport| transport.deadlines())
        });
        deadlines?.total.map(|total| Instant::now() + total)
    }

    /// The client's fields, where the request has none of that name.
    fn add_fields(&self, fields: &mut HeaderMap) {
        fields.remove(HOST);
        for (name, value) in &self.fields {
            if !fields.contains_key(name) {
                fields.append(name, value.clone());
            }
        }
        // Set to nothing, it is left out, as in Go.
        if fields.get(USER_AGENT).is_some_and(HeaderValue::is_empty) {
            fields.remove(USER_AGENT);
        }
    }

    /// One URL: cookies and credentials, then attempts.
    async fn hop(
        &self,
        parts: &mut Parts,
        body: Body,
        options: Option<&Options>,
        total: Option<Instant>,
    ) -> Result<Response<Body>, Error> {
        let added = Added::to(self, parts);
        #[cfg(any(
            feature = "gzip",
            feature = "br",
            feature = "zstd",
            feature = "deflate"
        ))]
        let asked = {
            let wanted = options
                .and_then(|options| options.decode)
                .unwrap_or(self.decode);
            wanted && crate::decode::ask(parts)
        };
        let outcome = self.attempts(parts, body, options, total).await;
        #[cfg(any(
            feature = "gzip",
            feature = "br",
            feature = "zstd",
            feature = "deflate"
        ))]
        let outcome = {
            if asked {
                parts.headers.remove(http::header::ACCEPT_ENCODING);
            }
            outcome.map(|response| {
                if asked {
                    crate::decode::undo(response, self.max_decoded)
                } else {
                    response
                }
            })
        };
        added.remove_from(parts);
        #[cfg(feature = "cookies")]
        if let (Some(jar), Ok(response)) = (&self.jar, &outcome) {
            let mut values = response
                .headers()
                .get_all(http::header::SET_COOKIE)
                .iter()
                .peekable();
            if values.peek().is_some() {
                jar.set_cookies(&mut values, &parts.uri);
            }
        }
        outcome
    }

    async fn attempts(
        &self,
        parts: &Parts,
        mut body: Body,
        options: Option<&Options>,
        total: Option<Instant>,
    ) -> Result<Response<Body>, Error> {
        let retries = options
            .and_then(|options| options.retries.as_ref())
            .unwrap_or(&self.retries);
        if retries.is_none() {
            return self.lower.send(parts, body, options, total).await;
        }
        let mut attempt = 1;
        loop {
            let again = body.try_clone();
            let outcome = self.lower.send(parts, body, options, total).await;
            let told = match &outcome {
                Ok(response) => match asks_for_retry(response.status(), response.headers()) {
                    Some(told) if crate::replay::harmless(&parts.method, &parts.headers) => told,
                    _ => {
                        retries.earn();
                        return outcome;
                    }
                },
                Err(error) if may_retry(error, &parts.method, &parts.headers) => None,
                Err(_) => return outcome,
            };
            let (Some(again), Some(pause)) = (again, retries.pause(attempt, told)) else {
                return outcome;
            };
            if total.is_some_and(|total| Instant::now() + pause >= total) {
                return outcome;
            }
            tracing::debug!(attempt, ?pause, "waiting to send again");
            drop(outcome);
            tokio::time::sleep(pause).await;
            body = again;
            attempt += 1;
        }
    }

    fn finish(
        &self,
        mut response: Response<Body>,
        journey: Journey,
        uri: Uri,
    ) -> Result<Response<Body>, Error> {
        if !journey.previous.is_empty() {
            response
                .extensions_mut()
                .insert(crate::response::FinalUrl(uri));
        }
        Ok(response)
    }
}

/// Fields that are added for one hop only.
struct Added {
    authorization: bool,
    #[cfg(feature = "cookies")]
    cookies: Option<Option<HeaderValue>>,
}

impl Added {
    fn to(inner: &Inner, parts: &mut Parts) -> Added {
        #[cfg(not(feature = "cookies"))]
        let _ = inner;
        Added {
            authorization: add_credentials(parts),
            #[cfg(feature = "cookies")]
            cookies: inner
                .jar
                .as_ref()
                .and_then(|jar| crate::cookies::add(&**jar, parts)),
        }
    }

    fn remove_from(self, parts: &mut Parts) {
        if self.authorization {
            parts.headers.remove(AUTHORIZATION);
        }
        #[cfg(feature = "cookies")]
        if let Some(own) = self.cookies {
            match own {
                Some(own) => drop(parts.headers.insert(http::header::COOKIE, own)),
                None => drop(parts.headers.remove(http::header::COOKIE)),
            }
        }
    }
}

/// User name and password of the URL become `Basic` credentials, unless the caller has others (Go does the same).
fn add_credentials(parts: &mut Parts) -> bool {
    let authority = parts
        .uri
        .authority()
        .map_or("", |authority| authority.as_str());
    let Some((userinfo, _)) = authority.rsplit_once('@') else {
        return false;
    };
    if parts.headers.contains_key(AUTHORIZATION) {
        return false;
    }
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decoded = |part| {
        percent_encoding::percent_decode_str(part)
            .decode_utf8_lossy()
            .into_owned()
    };
    parts
        .headers
        .insert(AUTHORIZATION, basic(&decoded(user), &decoded(password)));
    true
}
