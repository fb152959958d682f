//! `Set-Cookie` (RFC 6265 section 4.1).
//!
//! ```text
//! set-cookie-string = cookie-name "=" cookie-value *( "; " attribute )
//! ```

use std::fmt;
use std::time::Duration;

/// Whether a browser sends a cookie along with requests that other sites cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// Never.
    Strict,
    /// When a link is followed.
    Lax,
    /// Always; browsers then want `Secure` too.
    None,
}

/// A cookie to set, for [`ResponseExt::with_cookie`](super::ResponseExt::with_cookie). Its path is `/` unless another is named.
///
/// ```
/// use http_mux::response::{Cookie, SameSite};
///
/// let cookie = Cookie::new("id", "7").http_only().secure().same_site(SameSite::Lax);
/// assert_eq!(cookie.to_string(), "id=7; Path=/; Secure; HttpOnly; SameSite=Lax");
/// ```
#[derive(Debug, Clone)]
pub struct Cookie {
    name: String,
    value: String,
    path: String,
    domain: Option<String>,
    max_age: Option<Duration>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
}

impl Cookie {
    /// A cookie of the session. What may not stand in a value (controls, blanks, quotes, commas, semicolons, backslashes, all
    /// but ASCII) is percent-encoded, and so is `%`; in a name, what may not stand there is left out.
    pub fn new(name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let name = name
            .as_ref()
            .chars()
            .filter(|&character| is_token(character));
        Self {
            name: name.collect(),
            value: encoded(value.as_ref()),
            path: "/".to_owned(),
            domain: None,
            max_age: None,
            secure: false,
            http_only: false,
            same_site: None,
        }
    }

    /// A cookie that is gone at once: takes back one of that name, path and domain.
    pub fn gone(name: impl AsRef<str>) -> Self {
        Self::new(name, "").max_age(Duration::ZERO)
    }

    /// For requests below this path.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = attribute(path);
        self
    }

    /// For this domain and those below it, not for this host alone.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.domain = Some(attribute(domain));
        self
    }

    /// For so long, in whole seconds.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Over TLS only.
    #[must_use]
    pub fn secure(mut self) -> Self {
        self.secure = true;
        self
    }

    /// Out of the reach of scripts.
    #[must_use]
    pub fn http_only(mut self) -> Self {
        self.http_only = true;
        self
    }

    /// Along with what requests of other sites.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }
}

impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}; Path={}", self.name, self.value, self.path)?;
        if let Some(domain) = &self.domain {
            write!(f, "; Domain={domain}")?;
        }
        if let Some(age) = self.max_age {
            write!(f, "; Max-Age={}", age.as_secs())?;
        }
        for (set, text) in [(self.secure, "; Secure"), (self.http_only, "; HttpOnly")] {
            f.write_str(if set { text } else { "" })?;
        }
        match self.same_site {
            Some(same_site) => write!(f, "; SameSite={same_site:?}"),
            None => Ok(()),
        }
    }
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

fn encoded(value: &str) -> String {
    value
        .bytes()
        .fold(String::with_capacity(value.len()), |mut text, octet| {
            match octet.is_ascii_graphic() && !b"\",;\\%".contains(&octet) {
                true => text.push(octet.into()),
                false => text.push_str(&format!("%{octet:02X}")),
            }
            text
        })
}

/// An attribute's value ends at a semicolon.
fn attribute(value: &str) -> String {
    value
        .chars()
        .filter(|&character| (' '..='~').contains(&character) && character != ';')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_adds_an_attribute() {
        let cookie = Cookie::new("a=b; c", "x; Domain=evil\r\n\u{e9}%").path("/a;b");
        assert_eq!(
            cookie.to_string(),
            "abc=x%3B%20Domain=evil%0D%0A%C3%A9%25; Path=/ab"
        );
    }

    #[test]
    fn attributes_in_their_order() {
        let cookie = Cookie::gone("a")
            .domain("x.example")
            .secure()
            .same_site(SameSite::None);
        assert_eq!(
            cookie.to_string(),
            "a=; Path=/; Domain=x.example; Max-Age=0; Secure; SameSite=None"
        );
    }
}
