//! One call: hops until there is a response that is no redirect, attempts until a hop succeeds.

#[cfg(not(feature = "spans"))]
use std::future::Future;

use http::header::{LOCATION, REFERER};
use http::{Request, Response, Uri};
use http_codec::Body;
use tokio::time::Instant;

use super::fields::{Added, has_userinfo};
use super::lower::Lower;
use super::redirect::{self, Change, Follow, Hop, Redirects};
use super::{Client, Inner};
use crate::config::until;
use crate::error::{Error, ErrorKind, Phase};
use crate::options::Options;
use crate::prepare::Head;
use crate::retry::{Retries, asks_for_retry, may_retry};

/// A request with its settings, boxed once, so that handing it on moves one pointer.
#[derive(Default)]
pub(crate) struct Call {
    pub(crate) request: Request<Body>,
    pub(crate) options: Option<Options>,
}

/// Where a call has been.
#[derive(Default)]
struct Journey {
    previous: Vec<Uri>,
    /// The first request came with a `Referer`.
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
        // A request without anything of its own goes out with the client's fields as they are.
        let mut plain = request.headers().is_empty() && inner.is_plain(request.uri());
        if !plain {
            inner.fields.add_to(request.headers_mut());
        }
        let mut journey = Journey::default();
        let mut response = Response::new(Body::empty());
        loop {
            let mut body = std::mem::take(request.body_mut());
            let again = if redirects.is_none() {
                None
            } else {
                body.try_clone()
            };
            inner
                .hop(
                    request,
                    plain,
                    &mut body,
                    options.as_ref(),
                    total,
                    &mut response,
                )
                .await?;
            let follows = match redirect::change(response.status(), request.method()) {
                Some(change) => {
                    if std::mem::take(&mut plain) {
                        inner.fields.add_to(request.headers_mut());
                    }
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
            Box::pin(redirect::finish(std::mem::take(&mut response))).await;
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
        if journey.previous.is_empty() {
            journey.own_referer = fields.contains_key(REFERER);
        }
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
        until(Instant::now(), deadlines?.total)
    }

    /// Whether nothing is added to a request to this URL but what is the same for all.
    fn is_plain(&self, uri: &Uri) -> bool {
        #[cfg(feature = "cookies")]
        if self.jar.is_some() {
            return false;
        }
        !has_userinfo(uri)
    }

    /// One URL: cookies, credentials and codings, then attempts. `plain`: the client's own fields are all there is to send.
    /// `response` becomes what came.
    async fn hop(
        &self,
        request: &mut Request<Body>,
        plain: bool,
        body: &mut Body,
        options: Option<&Options>,
        total: Option<Instant>,
        response: &mut Response<Body>,
    ) -> Result<(), Error> {
        let decodes = options.and_then(|options| options.decode);
        let asks = decodes.unwrap_or(self.decode) && self.fields.may_ask(request, plain);
        let added = (!plain).then(|| Added::to(self, request, asks));
        let head = match plain {
            true => Head {
                request,
                fields: self.fields.ready(asks),
            },
            false => Head::of(request),
        };
        let retries = options.and_then(|options| options.retries.as_ref());
        let retries = retries.unwrap_or(&self.retries);
        let outcome = match &self.lower {
            Lower::Transport(transport) if retries.is_none() => {
                transport.send(head, body, options, total, response).await
            }
            // Boxed, so that other calls do not carry its size.
            lower => {
                Box::pin(attempts(
                    lower, retries, head, body, options, total, response,
                ))
                .await
            }
        };
        if let Some(added) = added {
            added.remove_from(request);
        }
        outcome?;
        #[cfg(feature = "cookies")]
        if let Some(jar) = &self.jar {
            crate::cookies::keep(&**jar, response, request.uri());
        }
        #[cfg(feature = "_decode")]
        if asks {
            crate::decode::undo(response, self.max_decoded);
        }
        Ok(())
    }
}

/// Sends a request until it succeeds or nothing speaks for another attempt; `response` becomes what came last.
async fn attempts(
    lower: &Lower,
    retries: &Retries,
    head: Head<'_>,
    body: &mut Body,
    options: Option<&Options>,
    total: Option<Instant>,
    response: &mut Response<Body>,
) -> Result<(), Error> {
    let (method, fields) = (head.request.method(), head.fields);
    let mut attempt = 1;
    loop {
        let again = if retries.is_none() {
            None
        } else {
            body.try_clone()
        };
        let outcome = lower.send(head, body, options, total, response).await;
        let told = match &outcome {
            Ok(()) => match asks_for_retry(response.status(), response.headers()) {
                Some(told) if crate::replay::harmless(method, fields) => told,
                _ => {
                    retries.earn();
                    return outcome;
                }
            },
            Err(error) if may_retry(error, method, fields) => None,
            Err(_) => return outcome,
        };
        let (Some(again), Some(pause)) = (again, retries.pause(attempt, told)) else {
            return outcome;
        };
        // Beyond the end of time is after the end of the call, too.
        let again_at = until(Instant::now(), Some(pause));
        if total.is_some_and(|total| again_at.is_none_or(|again_at| again_at >= total)) {
            return outcome;
        }
        tracing::debug!(attempt, ?pause, "waiting to send again");
        *response = Response::default();
        tokio::time::sleep(pause).await;
        *body = again;
        attempt += 1;
    }
}
