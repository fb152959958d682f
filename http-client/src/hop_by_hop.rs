//! Fields that belong to one connection only (RFC 9110 section 7.6.1).

use http::header::{CONNECTION, TE};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_codec::fields::connection::is_hop_by_hop;
use http_codec::grammar;

/// Removes the fields that an intermediary must not forward: those that `Connection` names, and those that are known to be
/// of one connection. `Trailer` stays, and `TE: trailers`: trailers are forwarded with the content.
///
/// To forward an upgrade, keep its `Connection` and `Upgrade` aside.
pub fn strip_hop_by_hop(fields: &mut HeaderMap) {
    let named: Vec<HeaderName> = fields
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|&octet| octet == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in named.into_iter().filter(|name| *name != TE) {
        fields.remove(name);
    }
    let known: Vec<HeaderName> = fields
        .keys()
        .filter(|name| *name != http::header::TRAILER && is_hop_by_hop(name.as_str().as_bytes()))
        .cloned()
        .collect();
    let trailers = fields.get_all(TE).iter().any(|value| {
        grammar::list(value.as_bytes()).any(|coding| coding.eq_ignore_ascii_case(b"trailers"))
    });
    for name in known {
        fields.remove(name);
    }
    if trailers {
        fields.insert(TE, HeaderValue::from_static("trailers"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_connection_names_and_what_is_known() {
        let mut fields = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-secret"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("te", "gzip;q=0.5, trailers"),
            ("trailer", "x-sum"),
            ("accept", "*/*"),
        ] {
            fields.insert(name, HeaderValue::from_static(value));
        }
        strip_hop_by_hop(&mut fields);
        let left: Vec<_> = fields.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["trailer", "accept", "te"]);
        assert_eq!(fields["te"], "trailers");
    }
}
