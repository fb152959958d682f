//! The host of a request, as it is compared: without port, in lower case.

use std::borrow::Cow;

use http::{Method, Request, header};

use super::pattern::fold_host;

/// From the request-target when it is absolute or an authority, else from `Host`. Of CONNECT, the port belongs to it.
pub(crate) fn of<B>(request: &Request<B>) -> Cow<'_, str> {
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let field = || request.headers().get(header::HOST)?.to_str().ok();
    let host = authority.or_else(field).unwrap_or("");
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if *request.method() == Method::CONNECT {
        fold(host)
    } else {
        fold(without_port(host))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // More than one colon is an address without brackets, unless there are brackets before it.
        Some((name, _)) if !name.contains(':') || name.ends_with(']') => name,
        _ => host,
    }
}

fn fold(host: &str) -> Cow<'_, str> {
    let folded = !host.starts_with('[') && !host.bytes().any(|octet| octet.is_ascii_uppercase());
    if folded {
        Cow::Borrowed(host)
    } else {
        Cow::Owned(fold_host(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_go_and_letters_are_folded() {
        for (host, compared) in [
            ("example.com", "example.com"),
            ("Example.COM:8080", "example.com"),
            ("[::1]:80", "::1"),
            ("[::1]", "::1"),
            ("::1", "::1"),
            ("", ""),
        ] {
            let request = Request::get("/")
                .header("host", host)
                .body(())
                .expect("a request");
            assert_eq!(of(&request), compared);
        }
    }

    #[test]
    fn the_target_s_authority_goes_before_the_field() {
        let request = Request::get("http://a.example:1/x").header("host", "b.example");
        assert_eq!(of(&request.body(()).expect("a request")), "a.example");
        let request = Request::connect("A.example:443")
            .body(())
            .expect("a request");
        assert_eq!(of(&request), "a.example:443");
    }
}
