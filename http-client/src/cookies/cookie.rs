//! One cookie, and the parsing of `Set-Cookie` (RFC 6265bis section 5.6).

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::date;
use crate::origin::bare;

/// A cookie as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
    /// In lower case.
    pub(super) domain: String,
    /// Not for subdomains.
    pub(super) host_only: bool,
    pub(super) path: String,
    pub(super) secure: bool,
    /// `None`: until the end of the session, which is the jar's.
    pub(super) expires: Option<SystemTime>,
    pub(super) created: u64,
}

/// Where a cookie comes from, or goes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// In lower case, without brackets.
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) https: bool,
}

/// The longest lifetime (section 5.5): 400 days.
const LONGEST: Duration = Duration::from_secs(400 * 86_400);

/// Octets of name and value together, and of an attribute (section 5.6).
const MOST_PAIR: usize = 4096;
const MOST_ATTRIBUTE: usize = 1024;

impl Cookie {
    /// Parses the value of a `Set-Cookie`, a character an octet. `None`: it is ignored.
    pub(super) fn parse(text: &str, place: Place<'_>, now: SystemTime) -> Option<Cookie> {
        if text
            .bytes()
            .any(|octet| octet.is_ascii_control() && octet != b'\t')
        {
            return None;
        }
        let mut parts = text.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (trimmed(name), trimmed(value));
        let octets = name.chars().count() + value.chars().count();
        if octets == 0 || octets > MOST_PAIR {
            return None;
        }
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: place.host.to_owned(),
            host_only: true,
            path: default_path(place.path).to_owned(),
            secure: false,
            expires: None,
            created: 0,
        };
        let (mut domain, mut max_age, mut has_path) = ("", None, false);
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (key, value) = (trimmed(key).to_ascii_lowercase(), trimmed(value));
            if value.chars().count() > MOST_ATTRIBUTE {
                continue;
            }
            match key.as_str() {
                "expires" => {
                    cookie.expires = date::parse(value)
                        .map(|time| time.min(now + LONGEST))
                        .or(cookie.expires)
                }
                "max-age" => max_age = seconds(value).or(max_age),
                // The last one counts, even an empty one.
                "domain" => domain = value,
                "path" => {
                    has_path = value.starts_with('/');
                    cookie.path = if has_path {
                        value
                    } else {
                        default_path(place.path)
                    }
                    .to_owned();
                }
                "secure" => cookie.secure = true,
                _ => {}
            }
        }
        cookie.set_domain(domain, place)?;
        match max_age {
            Some(age) if age <= 0 => cookie.expires = Some(SystemTime::UNIX_EPOCH),
            Some(age) => {
                cookie.expires = Some(now + Duration::from_secs(age.unsigned_abs()).min(LONGEST))
            }
            None => {}
        }
        (cookie.may_be_set(place) && cookie.keeps_its_prefix(has_path)).then_some(cookie)
    }

    /// `Domain`. `None`: the cookie is for somebody else.
    fn set_domain(&mut self, value: &str, place: Place<'_>) -> Option<()> {
        let domain = value
            .strip_prefix('.')
            .unwrap_or(value)
            .to_ascii_lowercase();
        if domain.is_empty() {
            return Some(());
        }
        let is_host = bare(&domain) == place.host;
        if bare(&domain).parse::<IpAddr>().is_ok() || place.host.parse::<IpAddr>().is_ok() {
            // An address has no subdomains.
            return is_host.then_some(());
        }
        if is_public_suffix(&domain) {
            // A registry may set cookies for itself alone.
            return is_host.then_some(());
        }
        if !covers(&domain, place.host) {
            return None;
        }
        self.domain = domain;
        self.host_only = false;
        Some(())
    }

    fn may_be_set(&self, place: Place<'_>) -> bool {
        !self.secure || is_trusted(place)
    }

    /// The promises in a name (section 4.1.3). Without a name the value must not look like one that promises: it would be sent
    /// as one.
    fn keeps_its_prefix(&self, has_path: bool) -> bool {
        if self.name.is_empty() {
            let value = self.value.to_ascii_lowercase();
            return !value.starts_with("__host-") && !value.starts_with("__secure-");
        }
        let name = self.name.to_ascii_lowercase();
        if name.starts_with("__host-") {
            self.secure && self.host_only && has_path && self.path == "/"
        } else {
            !name.starts_with("__secure-") || self.secure
        }
    }

    pub(super) fn is_for(&self, place: Place<'_>) -> bool {
        let domain = if self.host_only {
            self.domain == place.host
        } else {
            covers(&self.domain, place.host)
        };
        domain && path_covers(&self.path, place.path) && (!self.secure || is_trusted(place))
    }

    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether it would be sent along with `secure`, or before it, by a page that both are for (section 5.7, step 16).
    pub(super) fn shadows(&self, secure: &Cookie) -> bool {
        self.name == secure.name
            && (covers(&self.domain, &secure.domain) || covers(&secure.domain, &self.domain))
            && path_covers(&secure.path, &self.path)
    }

    /// Whether it takes the place of another.
    pub(super) fn replaces(&self, other: &Cookie) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
    }
}

/// Without the whitespace around it, which is that of the grammar alone.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// TLS, or this machine.
fn is_trusted(place: Place<'_>) -> bool {
    place.https
        || place.host == "localhost"
        || place.host.ends_with(".localhost")
        || place
            .host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether `host` is `domain` or below it.
fn covers(domain: &str, host: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Section 5.1.4.
fn path_covers(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// The directory of a path (section 5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(at) if path.starts_with('/') => &path[..at],
        Some(_) => "/",
    }
}

/// `Max-Age`: digits, perhaps with a minus in front; too large a number is as good as any.
fn seconds(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    }))
}

/// Whether anybody can register a name right below this one.
#[cfg(feature = "public-suffix")]
fn is_public_suffix(domain: &str) -> bool {
    psl::suffix_str(domain) == Some(domain)
}

/// Without the list, a single label is taken for a registry.
#[cfg(not(feature = "public-suffix"))]
fn is_public_suffix(domain: &str) -> bool {
    !domain.contains('.') && domain != "localhost"
}
