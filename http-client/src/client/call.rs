//! One call: hops until there is a response that is no redirect, attempts until a hop succeeds.

#[cfg(not(feature = "spans"))]
use std::future::Future;

use http::header::{AUTHORIZATION, HOST, LOCATION, REFERER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use http_codec::Body;
use tokio::time::Instant;

use super::redirect::{self, Change, Follow, Hop, Redirects};
use super::{Client, Inner};
use crate::error::{Error, ErrorKind, Phase};
use crate::options::Options;
use crate::proxy::basic;
use crate::retry::{asks_for_retry, may_retry};

/// A request with its settings, boxed once, so that handing it on moves one pointer.
#[derive(Default)]
pub(crate) struct Call {
    pub(crate) request: Request<Body>,
    pub(crate) options: Option<Options>,
}

/// Where a call has been.
struct Journey {
    previous: Vec<Uri>,
    /// The caller set `Referer` itself.
    own_referer: bool,
}

impl Client {
    #[cfg(feature = "spans")]
    pub(crate) async fn call(&self, call: Box<Call>) -> Result<Response<Body>, Error> {
        use tracing::Instrument;
        let span = crate::spans::call(&call.request);
        let outcome = self.run(call).instrument(span.clone()).await;
        crate::spans::end(&span, &outcome);
        outcome
    }

    #[cfg(not(feature = "spans"))]
    pub(crate) fn call(
        &self,
        call: Box<Call>,
    ) -> impl Future<Output = Result<Response<Body>, Error>> + Send {
        self.run(call)
    }

    async fn run(&self, mut call: Box<Call>) -> Result<Response<Body>, Error> {
        let Call { request, options } = &mut *call;
        let inner = &*self.inner;
        let total = inner.total(options.as_ref());
        let own = options
            .as_ref()
            .and_then(|options| options.redirects.clone());
        let redirects = own.as_ref().unwrap_or(&inner.redirects);
        inner.add_fields(request.headers_mut());
        let mut journey = Journey {
            previous: Vec::new(),
            own_referer: request.headers().contains_key(REFERER),
        };
        loop {
            let body = std::mem::take(request.body_mut());
            let again = if redirects.is_none() {
                None
            } else {
                body.try_clone()
            };
            let mut response = inner.hop(request, body, options.as_ref(), total).await?;
            let follows = match redirect::change(response.status(), request.method()) {
                Some(change) => {
                    let hop = Redirected {
                        change,
                        response: &response,
                        redirects,
                        again,
                    };
                    hop.follow(request, &mut journey, options)?
                }
                None => false,
            };
            if !follows {
                // Whoever turns the status into an error wants to name the URL.
                let fails =
                    response.status().is_client_error() || response.status().is_server_error();
                if fails || !journey.previous.is_empty() {
                    let url = crate::response::FinalUrl(request.uri().clone());
                    response.extensions_mut().insert(url);
                }
                return Ok(response);
            }
            // Boxed, so that calls without redirects do not carry its size.
            Box::pin(redirect::finish(response)).await;
        }
    }
}

/// A response that redirects.
struct Redirected<'a> {
    change: Change,
    response: &'a Response<Body>,
    redirects: &'a Redirects,
    /// The content, to be sent again.
    again: Option<Body>,
}

impl Redirected<'_> {
    /// Turns the request into the one that the redirect asks for. `false`: the response stands.
    fn follow(
        self,
        request: &mut Request<Body>,
        journey: &mut Journey,
        options: &mut Option<Options>,
    ) -> Result<bool, Error> {
        // An empty location is none, as in Go.
        let location = self.response.headers().get(LOCATION);
        let Some(location) = location.filter(|location| !location.is_empty()) else {
            return Ok(false);
        };
        if self.redirects.is_none() {
            return Ok(false);
        }
        let body = match (self.change, self.again) {
            (Change::ToGet, _) => Body::empty(),
            (Change::Same, Some(again)) => again,
            (Change::Same, None) => return Ok(false),
        };
        let (next, relative) = redirect::target(request.uri(), location)
            .map_err(|error| error.with_url(request.uri()))?;
        let mut fields = std::mem::take(request.headers_mut());
        if self.change == Change::ToGet {
            redirect::drop_content_fields(&mut fields);
        }
        let last = std::mem::replace(request.uri_mut(), next);
        if !journey.own_referer {
            redirect::set_referer(&mut fields, &last, request.uri());
        }
        journey.previous.push(last);
        redirect::drop_sensitive_fields(&mut fields, &journey.previous[0], request.uri());
        let mut hop = Hop {
            status: self.response.status(),
            next: request.uri(),
            previous: &journey.previous,
            fields: &mut fields,
        };
        let decision = self.redirects.decide(&mut hop);
        *request.headers_mut() = fields;
        match decision {
            Follow::Yes => {}
            Follow::Stop => {
                if let Some(last) = journey.previous.pop() {
                    *request.uri_mut() = last;
                }
                return Ok(false);
            }
            Follow::Refuse(why) => {
                return Err(Error::new(ErrorKind::Redirect, Phase::Call)
                    .with_message(why)
                    .with_url(request.uri()));
            }
        }
        *request.method_mut() = redirect::next_method(self.change, request.method());
        *request.body_mut() = body;
        if let Some(options) = options.as_mut().filter(|_| !relative) {
            options.host = None;
        }
        Ok(true)
    }
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
        if fields.is_empty() {
            fields.clone_from(&self.fields);
        } else {
            fields.remove(HOST);
            for (name, value) in &self.fields {
                if !fields.contains_key(name) {
                    fields.append(name, value.clone());
                }
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
        request: &mut Request<Body>,
        body: Body,
        options: Option<&Options>,
        total: Option<Instant>,
    ) -> Result<Response<Body>, Error> {
        let added = Added::to(self, request);
        #[cfg(feature = "_decode")]
        let asked = {
            let wanted = options
                .and_then(|options| options.decode)
                .unwrap_or(self.decode);
            wanted && crate::decode::ask(request)
        };
        let outcome = self.attempts(request, body, options, total).await;
        #[cfg(feature = "_decode")]
        let outcome = {
            if asked {
                request.headers_mut().remove(http::header::ACCEPT_ENCODING);
            }
            outcome.map(|response| {
                if asked {
                    crate::decode::undo(response, self.max_decoded)
                } else {
                    response
                }
            })
        };
        added.remove_from(request);
        #[cfg(feature = "cookies")]
        if let (Some(jar), Ok(response)) = (&self.jar, &outcome) {
            let mut values = response
                .headers()
                .get_all(http::header::SET_COOKIE)
                .iter()
                .peekable();
            if values.peek().is_some() {
                jar.set_cookies(&mut values, request.uri());
            }
        }
        outcome
    }

    async fn attempts(
        &self,
        request: &Request<Body>,
        mut body: Body,
        options: Option<&Options>,
        total: Option<Instant>,
    ) -> Result<Response<Body>, Error> {
        let retries = options
            .and_then(|options| options.retries.as_ref())
            .unwrap_or(&self.retries);
        if retries.is_none() {
            return self.lower.send(request, body, options, total).await;
        }
        let mut attempt = 1;
        loop {
            let again = body.try_clone();
            let outcome = self.lower.send(request, body, options, total).await;
            let told = match &outcome {
                Ok(response) => match asks_for_retry(response.status(), response.headers()) {
                    Some(told) if crate::replay::harmless(request.method(), request.headers()) => {
                        told
                    }
                    _ => {
                        retries.earn();
                        return outcome;
                    }
                },
                Err(error) if may_retry(error, request.method(), request.headers()) => None,
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
}

/// Fields that are added for one hop only.
struct Added {
    authorization: bool,
    #[cfg(feature = "cookies")]
    cookies: Option<Vec<HeaderValue>>,
}

impl Added {
    fn to(inner: &Inner, request: &mut Request<Body>) -> Added {
        #[cfg(not(feature = "cookies"))]
        let _ = inner;
        Added {
            authorization: add_credentials(request),
            #[cfg(feature = "cookies")]
            cookies: inner
                .jar
                .as_ref()
                .and_then(|jar| crate::cookies::add(&**jar, request)),
        }
    }

    fn remove_from(self, request: &mut Request<Body>) {
        if self.authorization {
            request.headers_mut().remove(AUTHORIZATION);
        }
        #[cfg(feature = "cookies")]
        if let Some(own) = self.cookies {
            let fields = request.headers_mut();
            fields.remove(http::header::COOKIE);
            for own in own {
                fields.append(http::header::COOKIE, own);
            }
        }
    }
}

/// User name and password of the URL become `Basic` credentials, unless the caller has others (Go does the same).
fn add_credentials(request: &mut Request<Body>) -> bool {
    let authority = request
        .uri()
        .authority()
        .map_or("", |authority| authority.as_str());
    // Nearly none has a user: seen by one look at each octet.
    if !authority
        .bytes()
        .fold(false, |any, octet| any | (octet == b'@'))
    {
        return false;
    }
    let Some((userinfo, _)) = authority.rsplit_once('@') else {
        return false;
    };
    if request.headers().contains_key(AUTHORIZATION) {
        return false;
    }
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decoded = |part| {
        percent_encoding::percent_decode_str(part)
            .decode_utf8_lossy()
            .into_owned()
    };
    let value = basic(&decoded(user), &decoded(password));
    request.headers_mut().insert(AUTHORIZATION, value);
    true
}
