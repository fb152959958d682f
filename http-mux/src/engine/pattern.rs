//! The engine's patterns.
//!
//! ```text
//! pattern   = 1*( "/" segment )
//! segment   = literal [ ":" name ]  /  "*" name     the rest only as the last segment
//! literal   = *( octet / "\:" )                     "\:" is a colon
//! ```
//!
//! `:name` takes what is left of its segment, `*name` what is left of the path, with the slash before it.

use super::error::RouteFault;
use crate::tree::{Rest, Route, Shape};

/// Reads a pattern; the error says what is wrong with it.
pub(super) fn parse(pattern: &str) -> Result<Route, RouteFault> {
    let Some(path) = pattern.strip_prefix('/') else {
        return Err(RouteFault::NoSlash);
    };
    let mut route = Route::new(pattern);
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        match split(segment)? {
            Parsed::Literal(literal) => route.literal(literal.as_bytes()),
            Parsed::Param { prefix, name } => {
                route.wild(Shape::affixed(prefix.as_bytes(), b""), [name]);
            }
            Parsed::Rest { .. } if segments.peek().is_some() => {
                return Err(RouteFault::RestNotLast);
            }
            Parsed::Rest { name } => route.rest(Rest::SlashAndTail, name),
        }
    }
    Ok(route)
}

/// The pattern as a path in which every colon is literal: what a table of routes shows.
pub(super) fn unescaped(pattern: &str) -> String {
    pattern.replace("\\:", ":")
}

enum Parsed<'a> {
    Literal(String),
    Param { prefix: String, name: &'a str },
    Rest { name: &'a str },
}

fn split(segment: &str) -> Result<Parsed<'_>, RouteFault> {
    let mut literal = String::with_capacity(segment.len());
    let mut characters = segment.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some((_, ':')) => literal.push(':'),
                _ => return Err(RouteFault::Escape),
            },
            ':' | '*' => {
                let name = &segment[at + 1..];
                return wildcard(character, literal, name);
            }
            _ => literal.push(character),
        }
    }
    Ok(Parsed::Literal(literal))
}

fn wildcard(kind: char, prefix: String, name: &str) -> Result<Parsed<'_>, RouteFault> {
    if name.contains([':', '*']) {
        return Err(RouteFault::TwoWildcards);
    }
    if name.is_empty() {
        return Err(RouteFault::Nameless);
    }
    match kind {
        ':' => Ok(Parsed::Param { prefix, name }),
        _ if prefix.is_empty() => Ok(Parsed::Rest { name }),
        _ => Err(RouteFault::RestInSegment),
    }
}

/// The base and a relative path as one: cleaned, and with the slash that the relative path ends with.
pub(super) fn join(base: &str, relative: &str) -> String {
    if relative.is_empty() {
        return base.to_owned();
    }
    let mut joined = clean(&[base, "/", relative].concat());
    if relative.ends_with('/') && !joined.ends_with('/') {
        joined.push('/');
    }
    joined
}

/// The path without `.`, `..` and empty segments, and without a slash at its end: Go's `path.Join`.
fn clean(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    ["/", &kept.join("/")].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_join_as_paths_do() {
        let rows = [
            ("/", "", "/"),
            ("/", "/hola", "/hola"),
            ("/a", "", "/a"),
            ("/a/", "", "/a/"),
            ("/a", "/", "/a/"),
            ("/a/", "/hola", "/a/hola"),
            ("/a/", "/hola//", "/a/hola/"),
            ("/a", "hola/../x", "/a/x"),
        ];
        for (base, relative, joined) in rows {
            assert_eq!(join(base, relative), joined, "{base} {relative}");
        }
    }

    #[test]
    fn a_colon_is_literal_behind_a_backslash() {
        let route = parse(r"/v1/name\:verb/:id").expect("a pattern");
        assert_eq!(route.names().len(), 1);
        assert_eq!(parse(r"/a/\b").map(|_| ()), Err(RouteFault::Escape));
    }
}
