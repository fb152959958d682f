//! Basic authentication (RFC 7617): `Authorization: Basic base64(user ":" password)`.

use std::sync::Arc;

use http::StatusCode;
use http::header::{
    AUTHORIZATION, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, WWW_AUTHENTICATE,
};

use super::Shipped;
use crate::engine::chain::{Middleware, Next};
use crate::engine::context::Context;
use crate::handler::Reply;

/// Lets through who names one of these users with their password; the name is then in the context's value `user`, a `String`.
/// Anybody else gets 401 and the challenge.
///
/// Names and passwords are compared in constant time for each account. They travel in the clear: use TLS.
#[derive(Clone)]
pub struct BasicAuth {
    accounts: Arc<[(String, String)]>,
    challenge: HeaderValue,
    proxy: bool,
}

impl BasicAuth {
    /// These users and their passwords.
    pub fn new(accounts: impl IntoIterator<Item = (impl Into<String>, impl AsRef<str>)>) -> Self {
        let accounts = accounts.into_iter().map(|(user, password)| {
            let user = user.into();
            let expected = encode(format!("{user}:{}", password.as_ref()).as_bytes());
            (user, expected)
        });
        let challenge = HeaderValue::from_static("Basic realm=\"Authorization Required\"");
        Self {
            accounts: accounts.collect(),
            challenge,
            proxy: false,
        }
    }

    /// With a realm of its own; quotes and backslashes in it are escaped. What cannot stand in a field is left as it was.
    #[must_use]
    pub fn realm(mut self, realm: &str) -> Self {
        let quoted = realm.replace('\\', "\\\\").replace('"', "\\\"");
        if let Ok(challenge) = HeaderValue::try_from(format!("Basic realm=\"{quoted}\"")) {
            self.challenge = challenge;
        }
        self
    }

    /// For a proxy: `Proxy-Authorization`, 407 and `Proxy-Authenticate`.
    #[must_use]
    pub fn for_proxy(mut self) -> Self {
        self.proxy = true;
        self
    }

    fn user(&self, credentials: &str) -> Option<&str> {
        let (scheme, token) = credentials.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        // All accounts are looked at, so that the time tells nothing.
        let mut found = None;
        for (user, expected) in self.accounts.iter() {
            if same(expected.as_bytes(), token.trim().as_bytes()) {
                found = Some(user.as_str());
            }
        }
        found
    }
}

impl std::fmt::Debug for BasicAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BasicAuth")
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}

impl Middleware<Shipped> for BasicAuth {
    fn call(&self, mut cx: Context, next: Next) -> Reply {
        let (status, ask, answer) = match self.proxy {
            false => (StatusCode::UNAUTHORIZED, WWW_AUTHENTICATE, AUTHORIZATION),
            true => (
                StatusCode::PROXY_AUTHENTICATION_REQUIRED,
                PROXY_AUTHENTICATE,
                PROXY_AUTHORIZATION,
            ),
        };
        let credentials = cx
            .headers()
            .get(answer)
            .and_then(|value| value.to_str().ok());
        match credentials.and_then(|credentials| self.user(credentials)) {
            Some(user) => {
                cx.set("user", user.to_owned());
                next.run(cx)
            }
            None => Reply::ready((status, [(ask, self.challenge.clone())], ())),
        }
    }
}

/// Equal, in a time that depends on the lengths alone.
fn same(expected: &[u8], given: &[u8]) -> bool {
    let differences = expected
        .iter()
        .zip(given)
        .fold(0, |all, (left, right)| all | (left ^ right));
    std::hint::black_box(differences) == 0 && expected.len() == given.len()
}

/// Base64 (RFC 4648 section 4).
fn encode(octets: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) & 63;
            let character = if digit > group.len() {
                b'='
            } else {
                DIGITS[index as usize]
            };
            text.push(char::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_what_rfc_7617_says() {
        assert_eq!(
            encode(b"Aladdin:open sesame"),
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(
            (encode(b""), encode(b"a"), encode(b"abc")),
            (String::new(), "YQ==".into(), "YWJj".into())
        );
        let auth = BasicAuth::new([("Aladdin", "open sesame"), ("b", "c")]);
        assert_eq!(
            auth.user("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            Some("Aladdin")
        );
        assert_eq!(auth.user("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ="), None);
        assert_eq!(auth.user("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), None);
    }
}
