//! Fields that belong to one connection only (RFC 9110 section 7.6.1).

use http::header::CONNECTION;
use http::{HeaderMap, HeaderName};
use http_codec::fields::connection::is_hop_by_hop;

/// Removes the fields that an intermediary must not forward: those that `Connection` names, and those that are known to be
/// of one connection. `Trailer` stays: trailers are forwarded with the content.
///
/// To forward an upgrade, keep its `Connection` and `Upgrade` aside.
pub fn strip_hop_by_hop(fields: &mut HeaderMap) {
    let named: Vec<HeaderName> = fields
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|&octet| octet == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in named {
        fields.remove(name);
    }
    let known: Vec<HeaderName> = fields
        .keys()
        .filter(|name| *name != http::header::TRAILER && is_hop_by_hop(name.as_str().as_bytes()))
        .cloned()
        .collect();
    for name in known {
        fields.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn what_connection_names_and_what_is_known() {
        let mut fields = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-secret"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("trailer", "x-sum"),
            ("accept", "*/*"),
        ] {
            fields.insert(name, HeaderValue::from_static(value));
        }
        strip_hop_by_hop(&mut fields);
        let left: Vec<_> = fields.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["trailer", "accept"]);
    }
}
