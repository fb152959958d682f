//! Cookies (RFC 6265): shown, set, deleted.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_codec::Body;
use serde_json::{Map, Value, json};

use super::query::Query;
use super::reply::{field_value, json, redirect};
use super::{PathArgs, Refusal, Reply};

/// What measures visitors of sites in front; hidden unless the query asks for `show_env`.
const ENVIRONMENT: [&str; 8] = [
    "_gauges_unique",
    "_gauges_unique_year",
    "_gauges_unique_month",
    "_gauges_unique_day",
    "_gauges_unique_hour",
    "__utmz",
    "__utma",
    "__utmb",
];

/// `/cookies`.
pub async fn show(request: Request<Body>, _: PathArgs) -> Reply {
    let all = Query::of(request.uri()).get("show_env").is_some();
    let mut cookies = Map::new();
    for (name, value) in parse(request.headers()) {
        // The first of a name is the most specific one (RFC 6265 section 5.4).
        if all || !ENVIRONMENT.contains(&name.as_str()) {
            cookies.entry(name).or_insert_with(|| Value::from(value));
        }
    }
    Ok(json(&json!({ "cookies": cookies })))
}

/// `/cookies/set?name=value&...`: one a name, as a response should (RFC 6265 section 4.1.1), and the first.
pub async fn set(request: Request<Body>, _: PathArgs) -> Reply {
    let mut response = redirect(StatusCode::FOUND, "/cookies")?;
    for (name, value) in Query::of(request.uri()).iter_first() {
        add(&mut response, name, value)?;
    }
    Ok(response)
}

/// `/cookies/set/{name}/{value}`.
pub async fn set_one(_: Request<Body>, path: PathArgs) -> Reply {
    let mut response = redirect(StatusCode::FOUND, "/cookies")?;
    add(&mut response, path.get("name"), path.get("value"))?;
    Ok(response)
}

/// `/cookies/delete?name&...`.
pub async fn delete(request: Request<Body>, _: PathArgs) -> Reply {
    let mut response = redirect(StatusCode::FOUND, "/cookies")?;
    for (name, _) in Query::of(request.uri()).iter_first() {
        check_name(name)?;
        let gone = format!("{name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/");
        response
            .headers_mut()
            .append(SET_COOKIE, field_value(&gone)?);
    }
    Ok(response)
}

/// Adds a cookie for the whole site.
///
/// # Errors
///
/// 400 where the name is not a token.
pub(super) fn add(response: &mut Response<Body>, name: &str, value: &str) -> Result<(), Refusal> {
    check_name(name)?;
    let cookie = format!("{name}={}; Path=/", quote(value));
    response
        .headers_mut()
        .append(SET_COOKIE, field_value(&cookie)?);
    Ok(())
}

/// The request's cookies, in their order.
pub(super) fn parse(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> + '_ {
    let lines = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|line| std::str::from_utf8(line.as_bytes()).ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.trim();
        (!name.is_empty()).then(|| (name.to_owned(), unquote(value.trim())))
    })
}

/// The first cookie with this name.
pub(super) fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    parse(headers)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let token = |octet: u8| octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&octet);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(Refusal::bad_request(format!(
            "{name:?} is not the name of a cookie"
        )));
    }
    Ok(())
}

/// A value outside of `cookie-octet` is quoted, with its odd octets in octal, as most servers have it.
fn quote(value: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_graphic() && !b"\",;\\".contains(&octet);
    if value.bytes().all(plain) {
        return value.to_owned();
    }
    let mut quoted = String::from("\"");
    for octet in value.bytes() {
        match octet {
            b'"' | b'\\' => quoted.extend(['\\', char::from(octet)]),
            b';' | b',' | 0..0x20 | 0x7f.. => quoted.push_str(&format!("\\{octet:03o}")),
            _ => quoted.push(char::from(octet)),
        }
    }
    quoted.push('"');
    quoted
}

fn unquote(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
    else {
        return value.to_owned();
    };
    let mut octets = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail
            .get(..3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(octet) if first == b'\\' => {
                octets.push(octet);
                rest = &tail[3..];
            }
            _ if first == b'\\' && !tail.is_empty() => {
                octets.push(tail[0]);
                rest = &tail[1..];
            }
            _ => {
                octets.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back_as_it_was_set() {
        for value in [
            "",
            "plain",
            "with space",
            "a\"b\\c",
            "semi;colon,comma",
            "é\u{1F980}",
            "\\123",
        ] {
            assert_eq!(unquote(&quote(value)), value, "{}", quote(value));
        }
    }

    #[test]
    fn cookies_are_split_and_trimmed() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=1; b=\"x y\";c=; =d;".parse().unwrap());
        let cookies: Vec<_> = parse(&headers).collect();
        let expected = [("a", "1"), ("b", "x y"), ("c", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(cookies, expected);
    }
}
