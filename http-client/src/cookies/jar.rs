//! A jar in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Uri};

use super::CookieJar;
use super::cookie::{Cookie, Place};
use crate::dial::Route;
use crate::origin::{Key, bare};

/// Cookies of one domain, and in all: more, and the oldest go; of a domain, those without `Secure` before the others, which
/// nobody without TLS may push out (RFC 6265bis section 5.7).
const MOST_OF_DOMAIN: usize = 180;
const MOST: usize = 3000;

/// Cookies in memory, until the jar is dropped: RFC 6265bis, at most 3000 of them and 180 a domain.
///
/// With the feature `public-suffix`, cookies for whole registries (`co.uk`) are refused by the public suffix list; without, only
/// those for single labels.
///
/// ```
/// use std::sync::Arc;
/// let client = http_client::Client::builder().cookies(Arc::new(http_client::Jar::new())).build();
/// # let _ = client;
/// ```
#[derive(Debug, Default)]
pub struct Jar {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    cookies: Vec<Cookie>,
    /// Cookies that were ever set: their order of creation.
    count: u64,
}

impl Jar {
    /// An empty jar.
    pub fn new() -> Jar {
        Jar::default()
    }

    /// Drops all cookies.
    pub fn clear(&self) {
        self.kept().cookies.clear();
    }

    /// How many cookies there are.
    pub fn len(&self) -> usize {
        self.kept().cookies.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, text: &str, place: Place<'_>, now: SystemTime) {
        if let Some(cookie) = Cookie::parse(text, place, now) {
            self.kept().set(cookie, place, now);
        }
    }

    fn get(&self, place: Place<'_>, now: SystemTime) -> Option<String> {
        let mut kept = self.kept();
        kept.cookies.retain(|cookie| !cookie.is_expired(now));
        let mut matching: Vec<_> = kept
            .cookies
            .iter()
            .filter(|cookie| cookie.is_for(place))
            .collect();
        // Longer paths first, then the older ones.
        matching.sort_by(|one, other| {
            other
                .path
                .len()
                .cmp(&one.path.len())
                .then(one.created.cmp(&other.created))
        });
        let pair = |cookie: &&Cookie| match cookie.name.as_str() {
            "" => cookie.value.clone(),
            name => format!("{name}={}", cookie.value),
        };
        let pairs: Vec<_> = matching.iter().map(pair).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Kept {
    fn set(&mut self, mut cookie: Cookie, place: Place<'_>, now: SystemTime) {
        // A page without TLS cannot replace what one with TLS has set, nor hide it.
        let is_shadow = |other: &Cookie| other.secure && cookie.shadows(other);
        if !place.https && !cookie.secure && self.cookies.iter().any(is_shadow) {
            return;
        }
        self.count += 1;
        cookie.created = self.count;
        if let Some(at) = self.cookies.iter().position(|other| cookie.replaces(other)) {
            cookie.created = self.cookies.remove(at).created;
        }
        if cookie.is_expired(now) {
            return;
        }
        let domain = cookie.domain.clone();
        self.cookies.push(cookie);
        if self
            .cookies
            .iter()
            .filter(|other| other.domain == domain)
            .count()
            > MOST_OF_DOMAIN
        {
            self.drop_oldest(
                |other| other.domain == domain,
                |other| (!other.is_expired(now), other.secure, other.created),
            );
        }
        if self.cookies.len() > MOST {
            self.drop_oldest(|_| true, |other| (!other.is_expired(now), other.created));
        }
    }

    /// Drops the first of some, by their order.
    fn drop_oldest<K: Ord>(
        &mut self,
        among: impl Fn(&Cookie) -> bool,
        order: impl Fn(&Cookie) -> K,
    ) {
        let oldest = self
            .cookies
            .iter()
            .enumerate()
            .filter(|(_, cookie)| among(cookie))
            .min_by_key(|(_, cookie)| order(cookie));
        if let Some((at, _)) = oldest {
            self.cookies.remove(at);
        }
    }
}

/// Runs with the place that a URL is, if it is one for cookies.
fn with_place<T>(url: &Uri, run: impl FnOnce(Place<'_>) -> T) -> Option<T> {
    let key = Key::of(url, &Route::Direct).ok()?;
    let host = bare(key.host).to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    Some(run(Place {
        host,
        path: url.path(),
        https: key.https,
    }))
}

impl CookieJar for Jar {
    fn set_cookies(&self, values: &mut dyn Iterator<Item = &HeaderValue>, url: &Uri) {
        let now = SystemTime::now();
        with_place(url, |place| {
            for value in values {
                // A character an octet, so that each goes back as it came (RFC 6265bis section 5.8.3).
                let text: String = value.as_bytes().iter().copied().map(char::from).collect();
                self.set(&text, place, now);
            }
        });
    }

    fn cookies(&self, url: &Uri) -> Option<HeaderValue> {
        let now = SystemTime::now();
        let value = with_place(url, |place| self.get(place, now))??;
        let octets: Option<Vec<u8>> = value.chars().map(|octet| octet.try_into().ok()).collect();
        let mut value = HeaderValue::from_maybe_shared(Bytes::from(octets?)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent to `to` after `from` has set these.
    fn sent(from: &str, set: &[&str], to: &str) -> String {
        let jar = Jar::new();
        let values: Vec<_> = set
            .iter()
            .map(|value| HeaderValue::from_bytes(value.as_bytes()).unwrap())
            .collect();
        jar.set_cookies(&mut values.iter(), &from.parse().unwrap());
        jar.cookies(&to.parse().unwrap())
            .map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn domains() {
        let from = "http://www.host.test/";
        for (set, to, expected) in [
            ("a=1", "http://www.host.test/", "a=1"),
            ("a=1", "http://host.test/", ""),
            ("a=1", "http://x.www.host.test/", ""),
            ("a=1; domain=host.test", "http://host.test/", "a=1"),
            ("a=1; domain=.host.test", "http://other.host.test/", "a=1"),
            ("a=1; DOMAIN=HOST.test", "http://WWW.host.TEST:81/", "a=1"),
            ("a=1; domain=other.test", "http://other.test/", ""),
            ("a=1; domain=other.test", "http://www.host.test/", ""),
            ("a=1; domain=test", "http://www.host.test/", ""),
            ("a=1; domain=st.test", "http://www.host.test/", ""),
            ("a=1; domain=", "http://www.host.test/", "a=1"),
        ] {
            assert_eq!(sent(from, &[set], to), expected, "{set} {to}");
        }
        assert_eq!(
            sent("http://127.0.0.1/", &["a=1"], "http://127.0.0.1:99/"),
            "a=1"
        );
        assert_eq!(
            sent(
                "http://127.0.0.1/",
                &["a=1; domain=0.0.1"],
                "http://127.0.0.1/"
            ),
            ""
        );
        assert_eq!(
            sent(
                "http://localhost/",
                &["a=1; domain=localhost"],
                "http://localhost/"
            ),
            "a=1"
        );
    }

    #[test]
    fn paths() {
        for (from, set, to, expected) in [
            ("http://h.test/a/b", "x=1", "http://h.test/a/c", "x=1"),
            ("http://h.test/a/b", "x=1", "http://h.test/", ""),
            ("http://h.test/a", "x=1", "http://h.test/zzz", "x=1"),
            (
                "http://h.test/",
                "x=1; path=/foo",
                "http://h.test/foo/bar",
                "x=1",
            ),
            (
                "http://h.test/",
                "x=1; path=/foo",
                "http://h.test/foobar",
                "",
            ),
            ("http://h.test/", "x=1; path=/foo/", "http://h.test/foo", ""),
            (
                "http://h.test/a/b",
                "x=1; path=relative",
                "http://h.test/a/",
                "x=1",
            ),
        ] {
            assert_eq!(sent(from, &[set], to), expected, "{from} {set} {to}");
        }
    }

    #[test]
    fn order_is_by_path_and_age() {
        let set = [
            "a=1",
            "b=2; path=/foo",
            "c=3; path=/foo/bar",
            "d=4; path=/foo",
            "a=5",
        ];
        assert_eq!(
            sent("http://h.test/", &set, "http://h.test/foo/bar"),
            "c=3; b=2; d=4; a=5"
        );
    }

    #[test]
    fn secure_ones_need_tls_or_this_machine() {
        assert_eq!(
            sent("https://h.test/", &["a=1; secure"], "http://h.test/"),
            ""
        );
        assert_eq!(
            sent("https://h.test/", &["a=1; secure"], "https://h.test/"),
            "a=1"
        );
        assert_eq!(
            sent("http://h.test/", &["a=1; secure"], "https://h.test/"),
            ""
        );
        assert_eq!(
            sent("http://localhost/", &["a=1; secure"], "http://localhost/"),
            "a=1"
        );
        assert_eq!(
            sent(
                "https://h.test/",
                &["__Host-a=1; secure; path=/"],
                "https://h.test/"
            ),
            "__Host-a=1"
        );
        assert_eq!(
            sent(
                "https://h.test/",
                &["__Host-a=1; secure; path=/; domain=h.test"],
                "https://h.test/"
            ),
            ""
        );
        assert_eq!(
            sent("https://h.test/", &["__Secure-a=1"], "https://h.test/"),
            ""
        );
        let jar = Jar::new();
        let set = |value: &'static str, url: &str| {
            jar.set_cookies(
                &mut [HeaderValue::from_static(value)].iter(),
                &url.parse().unwrap(),
            );
        };
        set("a=secret; secure", "https://h.test/");
        set("a=forged", "http://h.test/");
        assert_eq!(
            jar.cookies(&"https://h.test/".parse().unwrap()).unwrap(),
            "a=secret"
        );
    }

    #[test]
    fn the_last_domain_counts() {
        let from = "http://www.h.test/";
        for (set, to, expected) in [
            (
                "a=1; domain=other.test; domain=h.test",
                "http://h.test/",
                "a=1",
            ),
            ("a=1; domain=h.test; domain=other.test", from, ""),
            ("a=1; domain=h.test; domain=", "http://h.test/", ""),
            ("a=1; domain=h.test; domain=", from, "a=1"),
        ] {
            assert_eq!(sent(from, &[set], to), expected, "{set} {to}");
        }
        let from = "http://[::1]/";
        assert_eq!(sent(from, &["a=1; domain=[::1]"], from), "a=1");
    }

    #[test]
    fn a_value_is_no_name_with_a_prefix() {
        for set in ["=__Host-a=b", "__Host-a", "=__SECURE-a=b"] {
            assert_eq!(
                sent("https://h.test/", &[set], "https://h.test/"),
                "",
                "{set}"
            );
        }
    }

    #[test]
    fn what_tls_has_set_is_not_hidden() {
        for (secure, other, at, to, expected) in [
            (
                "a=1; secure; path=/x",
                "a=2; path=/x/y",
                "http://h.test/",
                "https://h.test/x/y",
                "a=1",
            ),
            (
                "a=1; secure; path=/x",
                "a=2; path=/",
                "http://h.test/",
                "https://h.test/x",
                "a=1; a=2",
            ),
            (
                "a=1; secure; path=/x",
                "a=2; path=/",
                "http://h.test/x/y",
                "https://h.test/x",
                "a=1; a=2",
            ),
            (
                "a=1; secure; domain=h.test",
                "a=2",
                "http://w.h.test/",
                "https://w.h.test/",
                "a=1",
            ),
            (
                "a=1; secure",
                "a=2; domain=h.test",
                "http://w.h.test/",
                "https://h.test/",
                "a=1",
            ),
            (
                "a=1; secure",
                "b=2",
                "http://h.test/",
                "https://h.test/",
                "a=1; b=2",
            ),
        ] {
            let jar = Jar::new();
            for (set, url) in [(secure, "https://h.test/"), (other, at)] {
                let value = HeaderValue::from_static(set);
                jar.set_cookies(&mut [value].iter(), &url.parse().unwrap());
            }
            let sent = jar.cookies(&to.parse().unwrap()).unwrap();
            assert_eq!(sent, expected, "{secure} {other} {at}");
        }
    }

    #[test]
    fn lifetimes() {
        let past = "Thu, 01 Jan 1970 00:00:00 GMT";
        for (set, expected) in [
            (vec!["a=1".to_owned(), "a=; max-age=0".to_owned()], ""),
            (vec!["a=1".to_owned(), format!("a=2; expires={past}")], ""),
            (vec![format!("a=1; expires={past}; max-age=100")], "a=1"),
            (vec!["a=1; max-age=-5".to_owned()], ""),
            (vec!["a=1; max-age=99999999999999999999".to_owned()], "a=1"),
            (vec!["a=1; max-age=soon".to_owned()], "a=1"),
        ] {
            let set: Vec<_> = set.iter().map(String::as_str).collect();
            assert_eq!(
                sent("http://h.test/", &set, "http://h.test/"),
                expected,
                "{set:?}"
            );
        }
    }

    #[test]
    fn odd_values() {
        for (set, expected) in [
            ("a=\"quoted value\"", "a=\"quoted value\""),
            ("a", "a"),
            ("=a", "a"),
            ("a=b=c", "a=b=c"),
            ("", ""),
            ("  a  =  1  ", "a=1"),
        ] {
            assert_eq!(
                sent("http://h.test/", &[set], "http://h.test/"),
                expected,
                "{set}"
            );
        }
        let large = format!("a={}", "x".repeat(5000));
        assert_eq!(sent("http://h.test/", &[&large], "http://h.test/"), "");
    }

    #[test]
    fn octets_go_back_as_they_came() {
        let jar = Jar::new();
        let url = "http://h.test/".parse().unwrap();
        for octets in [&b"a=caf\xe9"[..], "b=à la café".as_bytes(), b"c=\xa0\x85"] {
            let value = HeaderValue::from_bytes(octets).unwrap();
            jar.set_cookies(&mut [value].iter(), &url);
        }
        let sent = jar.cookies(&url).unwrap();
        let expected = [
            &b"a=caf\xe9; b="[..],
            "à la café".as_bytes(),
            b"; c=\xa0\x85",
        ]
        .concat();
        assert_eq!(sent.as_bytes(), expected);
        let long = HeaderValue::from_bytes(&[&b"d="[..], &[0xe9; 4000]].concat()).unwrap();
        jar.set_cookies(&mut [long].iter(), &url);
        assert_eq!(jar.len(), 4);
    }

    #[test]
    fn the_jar_is_bounded() {
        let jar = Jar::new();
        for number in 0..400 {
            let value = HeaderValue::try_from(format!("c{number}=1")).unwrap();
            jar.set_cookies(&mut [value].iter(), &"http://h.test/".parse().unwrap());
        }
        assert_eq!(jar.len(), MOST_OF_DOMAIN);
    }

    #[test]
    fn a_flood_without_tls_leaves_what_tls_has_set() {
        let jar = Jar::new();
        let set = |value: &str, url: &str| {
            let value = HeaderValue::try_from(value).unwrap();
            jar.set_cookies(&mut [value].iter(), &url.parse().unwrap());
        };
        set("session=1; secure", "https://h.test/");
        (0..400).for_each(|number| set(&format!("c{number}=1"), "http://h.test/"));
        let sent = jar.cookies(&"https://h.test/".parse().unwrap()).unwrap();
        assert!(sent.to_str().unwrap().starts_with("session=1; c221=1;"));
        assert_eq!(jar.len(), MOST_OF_DOMAIN);
    }
}
