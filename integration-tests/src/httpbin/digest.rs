//! Digest authentication (RFC 7616), with httpbin's ways to make a client work for it.
//!
//! ```text
//! response = H( H(user:realm:password) : nonce : nc : cnonce : qop : HA2 )
//! HA2      = H(method:target)              qop=auth, or none
//!          = H(method:target:H(content))   qop=auth-int
//! ```
//!
//! `stale_after` counts in a cookie how many times a nonce may be used; the client then gets `stale=true` and a new one.

use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_codec::Body;
use md5::Md5;
use serde_json::json;
use sha2::{Digest, Sha256, Sha512};

use super::query::Query;
use super::reply::{empty, field_value, json, with};
use super::{ECHO_LIMIT, PathArgs, Reply, auth, cookies};

const REALM: &str = "httpbin";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha256,
    Sha512,
}

impl Algorithm {
    fn named(name: &str) -> Self {
        match name {
            "SHA-256" => Self::Sha256,
            "SHA-512" => Self::Sha512,
            _ => Self::Md5,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        }
    }

    fn hash(self, octets: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(octets)),
            Self::Sha256 => hex(&Sha256::digest(octets)),
            Self::Sha512 => hex(&Sha512::digest(octets)),
        }
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// `/digest-auth/{qop}/{user}/{passwd}[/{algorithm}[/{stale_after}]]`.
pub async fn digest(request: Request<Body>, path: PathArgs) -> Reply {
    let algorithm = Algorithm::named(path.get("algorithm"));
    let qop = Some(path.get("qop")).filter(|qop| matches!(*qop, "auth" | "auth-int"));
    let stale_after = Some(path.get("stale_after"))
        .filter(|after| !after.is_empty())
        .unwrap_or("never");
    let (head, body) = request.into_parts();
    let content = body.collect_bytes(ECHO_LIMIT).await?;

    let wants_cookie = Query::of(&head.uri)
        .get("require-cookie")
        .is_some_and(|value| ["1", "t", "true"].contains(&value.to_ascii_lowercase().as_str()));
    let credentials = auth::credentials(&head.headers, "Digest").map(Credentials::parse);
    let Some(credentials) =
        credentials.filter(|_| !wants_cookie || head.headers.contains_key("cookie"))
    else {
        return challenge(
            algorithm,
            qop,
            false,
            &[("stale_after", stale_after), ("fake", "fake_value")],
        );
    };
    if wants_cookie && cookies::get(&head.headers, "fake").as_deref() != Some("fake_value") {
        return missing_cookie();
    }

    let nonce = credentials.get("nonce").unwrap_or_default();
    let given = [
        ("stale_after", stale_after),
        ("last_nonce", nonce),
        ("fake", "fake_value"),
    ];
    let counted = cookies::get(&head.headers, "stale_after");
    if counted.as_deref() == Some("0")
        || cookies::get(&head.headers, "last_nonce").as_deref() == Some(nonce)
    {
        return challenge(algorithm, qop, true, &given);
    }
    let expected = credentials.response(algorithm, path.get("passwd"), &head, &content);
    let same_user = credentials.get("username") == Some(path.get("user"));
    if !same_user || expected.is_none() || credentials.get("response") != expected.as_deref() {
        return challenge(algorithm, qop, false, &given);
    }
    welcome(path.get("user"), counted)
}

fn welcome(user: &str, counted: Option<String>) -> Reply {
    let mut response = json(&json!({ "authenticated": true, "user": user }));
    cookies::add(&mut response, "fake", "fake_value")?;
    if let Some(counted) = counted {
        let next = counted.parse::<i64>().map_or("never".to_owned(), |left| {
            left.saturating_sub(1).to_string()
        });
        cookies::add(&mut response, "stale_after", &next)?;
    }
    Ok(response)
}

fn missing_cookie() -> Reply {
    let mut response = json(&json!({ "errors": ["missing cookie set on challenge"] }));
    *response.status_mut() = StatusCode::FORBIDDEN;
    cookies::add(&mut response, "fake", "fake_value")?;
    Ok(response)
}

fn challenge(algorithm: Algorithm, qop: Option<&str>, stale: bool, set: &[(&str, &str)]) -> Reply {
    let nonce = algorithm.hash(&fastrand::u128(..).to_be_bytes());
    let opaque = algorithm.hash(&fastrand::u128(..).to_be_bytes());
    let qop = qop.unwrap_or("auth, auth-int");
    let name = algorithm.name();
    let stale = if stale { "TRUE" } else { "FALSE" };
    let value = format!(
        "Digest realm=\"{REALM}\", nonce=\"{nonce}\", qop=\"{qop}\", opaque=\"{opaque}\", algorithm={name}, stale={stale}"
    );
    let mut response: Response<Body> = with(
        empty(StatusCode::UNAUTHORIZED),
        WWW_AUTHENTICATE,
        field_value(&value)?,
    );
    for (cookie, value) in set {
        cookies::add(&mut response, cookie, value)?;
    }
    Ok(response)
}

/// The parameters behind `Digest`.
#[derive(Debug, PartialEq, Eq)]
struct Credentials(Vec<(String, String)>);

impl Credentials {
    /// `name=token` and `name="quoted"`, separated by commas.
    fn parse(mut text: &str) -> Self {
        let mut pairs = Vec::new();
        while let Some((name, rest)) = text.split_once('=') {
            let name = name.trim_matches([' ', '\t', ',']).to_ascii_lowercase();
            let value;
            (value, text) = match rest.trim_start().strip_prefix('"') {
                Some(quoted) => quoted_string(quoted),
                None => rest
                    .split_once(',')
                    .map_or((rest.trim().to_owned(), ""), |(v, r)| {
                        (v.trim().to_owned(), r)
                    }),
            };
            pairs.push((name, value));
        }
        Self(pairs)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// What the right `response` is; `None` where a parameter that it needs is absent.
    fn response(
        &self,
        algorithm: Algorithm,
        password: &str,
        head: &Parts,
        content: &[u8],
    ) -> Option<String> {
        let target = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let realm = self.get("realm").unwrap_or_default();
        let who =
            algorithm.hash(format!("{}:{realm}:{password}", self.get("username")?).as_bytes());
        let what = match self.get("qop") {
            None | Some("auth") => format!("{}:{target}", head.method),
            Some("auth-int") => format!("{}:{target}:{}", head.method, algorithm.hash(content)),
            Some(_) => return None,
        };
        let (nonce, what) = (self.get("nonce")?, algorithm.hash(what.as_bytes()));
        let text = match self.get("qop") {
            None => format!("{who}:{nonce}:{what}"),
            Some(qop) => format!(
                "{who}:{nonce}:{}:{}:{qop}:{what}",
                self.get("nc")?,
                self.get("cnonce")?
            ),
        };
        Some(algorithm.hash(text.as_bytes()))
    }
}

/// A quoted string without its first quote, and what follows it.
fn quoted_string(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            _ => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 section 3.9.1.
    #[test]
    fn the_standards_own_example_is_accepted() {
        let text = "username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=MD5, \
            nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
            cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
            response=\"8ca523f5e9506fed4657c9700eebdbec\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let credentials = Credentials::parse(text);
        let (head, ()) = Request::get("/dir/index.html")
            .body(())
            .unwrap()
            .into_parts();
        let response = |algorithm| credentials.response(algorithm, "Circle of Life", &head, b"");
        assert_eq!(
            response(Algorithm::Md5).as_deref(),
            credentials.get("response")
        );
        let sha = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert_eq!(response(Algorithm::Sha256).as_deref(), Some(sha));
    }
}
