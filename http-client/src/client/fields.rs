//! The fields that a client adds to a request: its own, those that ask for codings, the URL's credentials, cookies.

#[cfg(feature = "_decode")]
use http::header::ACCEPT_ENCODING;
use http::header::{AUTHORIZATION, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_codec::Body;

use super::Inner;
use crate::proxy::basic;

/// The client's own fields, ready-made.
pub(super) struct Fields {
    own: HeaderMap,
    /// The same with a request for codings, if the client asks for none itself.
    #[cfg(feature = "_decode")]
    asking: Option<HeaderMap>,
}

impl Fields {
    pub(super) fn new(mut own: HeaderMap) -> Fields {
        drop_empty_user_agent(&mut own);
        Fields {
            #[cfg(feature = "_decode")]
            asking: crate::decode::may_ask(&own).then(|| {
                let mut asking = own.clone();
                asking.insert(ACCEPT_ENCODING, crate::decode::offer());
                asking
            }),
            own,
        }
    }

    /// Whether codings may be asked for: not for `HEAD`, and not over what the request, or else the client, asks for.
    pub(super) fn may_ask(&self, request: &Request<Body>, plain: bool) -> bool {
        #[cfg(feature = "_decode")]
        return request.method() != http::Method::HEAD
            && match plain {
                true => self.asking.is_some(),
                false => crate::decode::may_ask(request.headers()),
            };
        #[cfg(not(feature = "_decode"))]
        {
            let _ = (request, plain);
            false
        }
    }

    /// All fields of a request that has none of its own.
    pub(super) fn ready(&self, asks: bool) -> &HeaderMap {
        #[cfg(feature = "_decode")]
        if let Some(asking) = self.asking.as_ref().filter(|_| asks) {
            return asking;
        }
        let _ = asks;
        &self.own
    }

    /// Adds the client's fields, where the request has none of that name.
    pub(super) fn add_to(&self, fields: &mut HeaderMap) {
        fields.remove(HOST);
        for (name, value) in &self.own {
            if !fields.contains_key(name) {
                fields.append(name, value.clone());
            }
        }
        drop_empty_user_agent(fields);
    }
}

/// Set to nothing, it is left out, as in Go.
fn drop_empty_user_agent(fields: &mut HeaderMap) {
    if fields.get(USER_AGENT).is_some_and(HeaderValue::is_empty) {
        fields.remove(USER_AGENT);
    }
}

/// Fields that are added for one hop only.
pub(super) struct Added {
    authorization: bool,
    #[cfg(feature = "_decode")]
    codings: bool,
    #[cfg(feature = "cookies")]
    cookies: Option<Vec<HeaderValue>>,
}

impl Added {
    pub(super) fn to(inner: &Inner, request: &mut Request<Body>, asks: bool) -> Added {
        #[cfg(not(feature = "cookies"))]
        let _ = inner;
        #[cfg(feature = "_decode")]
        if asks {
            let offer = crate::decode::offer();
            request.headers_mut().insert(ACCEPT_ENCODING, offer);
        }
        #[cfg(not(feature = "_decode"))]
        let _ = asks;
        Added {
            authorization: add_credentials(request),
            #[cfg(feature = "_decode")]
            codings: asks,
            #[cfg(feature = "cookies")]
            cookies: inner
                .jar
                .as_ref()
                .and_then(|jar| crate::cookies::add(&**jar, request)),
        }
    }

    pub(super) fn remove_from(self, request: &mut Request<Body>) {
        let fields = request.headers_mut();
        if self.authorization {
            fields.remove(AUTHORIZATION);
        }
        #[cfg(feature = "_decode")]
        if self.codings {
            fields.remove(ACCEPT_ENCODING);
        }
        #[cfg(feature = "cookies")]
        if let Some(own) = self.cookies {
            fields.remove(http::header::COOKIE);
            for own in own {
                fields.append(http::header::COOKIE, own);
            }
        }
    }
}

/// Whether a URL names a user. Nearly none does: seen by one look at each octet.
pub(super) fn has_userinfo(uri: &Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    authority
        .bytes()
        .fold(false, |any, octet| any | (octet == b'@'))
}

/// User name and password of the URL become `Basic` credentials, unless the caller has others (Go does the same).
fn add_credentials(request: &mut Request<Body>) -> bool {
    if !has_userinfo(request.uri()) || request.headers().contains_key(AUTHORIZATION) {
        return false;
    }
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let Some((userinfo, _)) = authority.and_then(|authority| authority.rsplit_once('@')) else {
        return false;
    };
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
