//! The patterns of Go's ServeMux, and a little more.
//!
//! ```text
//! pattern = [ method 1*( SP / HTAB ) ] [ host ] path
//! path    = 1*( "/" segment )
//! segment = literal                    percent-decoded, "" only after the last slash: the subtree
//!         / *( literal "{" name "}" )  values with literals between them
//!         / "{" name "...}"            the rest of the path; a few more segments may follow
//!         / "{$}"                      after the last slash: the path ends here
//! ```
//!
//! Go takes a wildcard only as a whole segment and a rest only as the last; every pattern of Go's means here what it means there.

use std::fmt;
use std::str::FromStr;

use http::Method;

use super::error::PatternError;
use crate::path;
use crate::tree::{Rest, Route, Segment, Shape};

/// A parsed pattern: `[METHOD ][HOST]/[PATH]`.
///
/// ```
/// use http_mux::serve_mux::Pattern;
///
/// let pattern: Pattern = "GET example.com/items/{id}".parse().unwrap();
/// assert_eq!(pattern.method(), Some(&http::Method::GET));
/// assert_eq!(pattern.host(), Some("example.com"));
/// assert_eq!(pattern.path(), "/items/{id}");
/// ```
#[derive(Debug, Clone)]
pub struct Pattern {
    text: Box<str>,
    method: Option<Method>,
    host: Option<Box<str>>,
    /// Where the path begins in `text`.
    path_at: usize,
    route: Route,
}

impl Pattern {
    /// The method; `None` matches all. `GET` matches `HEAD` too.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }

    /// The host in lower case; `None` matches all.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The path pattern as it was written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.text[self.path_at..]
    }

    /// The whole pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its wildcards, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.route.names().iter().map(|name| &**name)
    }

    pub(crate) fn route(&self) -> &Route {
        &self.route
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        self.route.segments()
    }

    /// A subtree: without a method, and all below a trailing slash.
    pub(crate) fn is_subtree(&self) -> bool {
        self.method.is_none()
            && matches!(self.segments().last(), Some(Segment::Rest(Rest::Nameless)))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        parse(text).map_err(|(at, reason)| PatternError::syntax(text, at, reason))
    }
}

/// Where in the pattern, and what is wrong with it.
type Fault = (usize, &'static str);

fn parse(text: &str) -> Result<Pattern, Fault> {
    if text.is_empty() {
        return Err((0, "pattern is empty"));
    }
    let (method, rest) = match text.split_once([' ', '\t']) {
        Some((method, rest)) => (method, rest.trim_start_matches([' ', '\t'])),
        None => ("", text),
    };
    let method = (!method.is_empty())
        .then(|| Method::from_bytes(method.as_bytes()).map_err(|_| (0, "method is not a token")))
        .transpose()?;
    let host_at = text.len() - rest.len();
    let slash = rest
        .find('/')
        .ok_or((host_at, "there is no path: '/' is missing"))?;
    let (host, path) = rest.split_at(slash);
    if let Some(brace) = host.find('{') {
        return Err((
            host_at + brace,
            "host contains '{' (is the first '/' missing?)",
        ));
    }
    let path_at = host_at + slash;
    let cleaned = method
        .as_ref()
        .is_some_and(|method| method != Method::CONNECT);
    if cleaned && path::clean(path) != path {
        return Err((
            path_at,
            "path is not clean, and paths are cleaned before they are matched",
        ));
    }
    let mut parser = Parser {
        text,
        route: Route::new(text),
        rest: false,
    };
    parser.path(path_at)?;
    Ok(Pattern {
        text: text.into(),
        method,
        host: (!host.is_empty()).then(|| fold_host(host).into()),
        path_at,
        route: parser.route,
    })
}

/// A host as it is compared: lower case (RFC 9110 section 4.2.3), a literal address without its brackets.
pub(crate) fn fold_host(host: &str) -> String {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).to_ascii_lowercase()
}

struct Parser<'t> {
    text: &'t str,
    route: Route,
    /// A rest has been seen.
    rest: bool,
}

impl Parser<'_> {
    fn path(&mut self, path_at: usize) -> Result<(), Fault> {
        let text = self.text;
        let mut at = path_at + 1;
        loop {
            let end = text[at..].find('/').map_or(text.len(), |slash| at + slash);
            let last = end == text.len();
            match &text[at..end] {
                "" if last => self.push_rest(at, Rest::Nameless, "", last)?,
                "{$}" if last => self.route.literal(b""),
                segment => self.segment(at, segment, last)?,
            }
            if last {
                return Ok(());
            }
            at = end + 1;
        }
    }

    fn segment(&mut self, at: usize, segment: &str, last: bool) -> Result<(), Fault> {
        if !segment.contains('{') {
            self.route.literal(&path::decode(segment.as_bytes()));
            return Ok(());
        }
        if let Some(name) = segment
            .strip_prefix('{')
            .and_then(|s| s.strip_suffix("...}"))
        {
            if !name.contains(['{', '}']) {
                self.name(at + 1, name, &[])?;
                return self.push_rest(at, Rest::Tail, name, last);
            }
        }
        self.values(at, segment)
    }

    /// Literals with values between them.
    fn values(&mut self, at: usize, segment: &str) -> Result<(), Fault> {
        let mut literals: Vec<Box<[u8]>> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let mut rest = segment;
        while let Some(open) = rest.find('{') {
            let open_at = at + segment.len() - rest.len() + open;
            let (literal, wildcard) = rest.split_at(open);
            let close = wildcard
                .find('}')
                .ok_or((open_at, "wildcard is not closed: '}' is missing"))?;
            let name = &wildcard[1..close];
            self.name(open_at + 1, name, &names)?;
            if !names.is_empty() && literal.is_empty() {
                return Err((open_at, "two wildcards touch; put a literal between them"));
            }
            literals.push(path::decode(literal.as_bytes()).into());
            names.push(name);
            rest = &wildcard[close + 1..];
        }
        literals.push(path::decode(rest.as_bytes()).into());
        let shape = Shape::new(literals).ok_or((at, "wildcard segment is malformed"))?;
        self.route.wild(shape, names);
        Ok(())
    }

    fn push_rest(&mut self, at: usize, kind: Rest, name: &str, last: bool) -> Result<(), Fault> {
        if self.rest {
            return Err((
                at,
                "a path has one rest: a second {name...}, or a slash at the end, is too much",
            ));
        }
        self.rest = !last;
        self.route.rest(kind, name);
        Ok(())
    }

    fn name(&self, at: usize, name: &str, siblings: &[&str]) -> Result<(), Fault> {
        if name == "$" {
            return Err((at, "{$} stands alone after the last slash"));
        }
        if name.is_empty() {
            return Err((at, "wildcard has no name"));
        }
        if name.ends_with("...") {
            return Err((at, "{name...} is a whole segment"));
        }
        let identifier = |(index, letter): (usize, char)| {
            letter == '_' || letter.is_alphabetic() || (index > 0 && letter.is_numeric())
        };
        if !name.chars().enumerate().all(identifier) {
            return Err((at, "wildcard name is not an identifier"));
        }
        if siblings.contains(&name) || self.route.names().iter().any(|known| **known == *name) {
            return Err((at, "wildcard name is used twice"));
        }
        Ok(())
    }
}
