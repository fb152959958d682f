//! Answers through the context, for those that depend on the request.

use http::header::{ACCEPT, HeaderValue, VARY};
use http::{Response, StatusCode};
use http_codec::Body;

use super::Context;
use crate::response::IntoResponse;

/// One representation that [`Context::negotiate`] may choose: its media type and what makes it.
pub struct Offer<'a> {
    kind: &'static str,
    make: Box<dyn FnOnce() -> Response<Body> + Send + 'a>,
}

impl<'a> Offer<'a> {
    /// A representation of this media type. `make` runs only if it is chosen.
    pub fn new<T: IntoResponse>(kind: &'static str, make: impl FnOnce() -> T + Send + 'a) -> Self {
        Self {
            kind,
            make: Box::new(move || make().into_response()),
        }
    }
}

impl std::fmt::Debug for Offer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Offer").field(&self.kind).finish()
    }
}

impl Context {
    /// The offer that the request's `Accept` likes best (RFC 9110 section 12.5.1), the earlier one among equals; 406 if
    /// it likes none.
    pub fn negotiate<'a>(&self, offers: impl IntoIterator<Item = Offer<'a>>) -> Response<Body> {
        let accept: Vec<&str> = self
            .headers()
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let accept = accept.join(",");
        let mut best: Option<(u16, Offer<'a>)> = None;
        for offer in offers {
            let quality = quality(&accept, offer.kind);
            if quality > best.as_ref().map_or(0, |(quality, _)| *quality) {
                best = Some((quality, offer));
            }
        }
        let mut response = match best {
            Some((_, offer)) => (offer.make)(),
            None => StatusCode::NOT_ACCEPTABLE.into_response(),
        };
        response
            .headers_mut()
            .append(VARY, HeaderValue::from_static("accept"));
        response
    }
}

/// How much a media type is liked, in thousandths: that of the most specific range that it falls in. A range with parameters
/// that the type does not name is only asked if no other of that type is there: many a client names a charset.
fn quality(accept: &str, kind: &str) -> u16 {
    if accept.trim().is_empty() {
        return 1000;
    }
    let mut own = kind.split(';').map(str::trim);
    let kind = own.next().unwrap_or_default();
    let main = kind.split('/').next().unwrap_or_default();
    let ranges = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?;
        let mut weight = None;
        // What follows the weight is no parameter of the range.
        let parameters = parts.map_while(|part| {
            let given = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight = given.map(thousandths);
            given.is_none().then_some(part)
        });
        let (named, others): (Vec<&str>, Vec<&str>) = parameters
            .filter(|part| !part.is_empty())
            .partition(|part| own.clone().any(|own| own.eq_ignore_ascii_case(part)));
        let specificity = match name.split_once('/') {
            Some(("*", "*")) => 1,
            Some((ours, "*")) if ours.eq_ignore_ascii_case(main) => 2,
            Some(_) if !name.eq_ignore_ascii_case(kind) => return None,
            Some(_) if !others.is_empty() => 3,
            Some(_) => 4 + named.len(),
            None => return None,
        };
        Some((specificity, weight.unwrap_or(1000)))
    });
    ranges
        .max_by_key(|(specificity, _)| *specificity)
        .map_or(0, |(_, quality)| quality)
}

/// `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`; what is none counts as nothing.
fn thousandths(weight: &str) -> u16 {
    match weight.parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::quality;

    #[test]
    fn the_most_specific_range_decides() {
        let accept = "text/*;q=0.3, text/html;q=0.7, */*;q=0.5, image/png;q=0";
        assert_eq!(quality(accept, "text/html"), 700);
        assert_eq!(quality(accept, "text/plain"), 300);
        assert_eq!(quality(accept, "application/json"), 500);
        assert_eq!(quality(accept, "image/png"), 0);
        assert_eq!(quality("", "image/png"), 1000);
        assert_eq!(quality("text/html", "image/png"), 0);
    }

    /// RFC 9110 section 12.5.1: the values of its example.
    #[test]
    fn a_range_with_parameters_is_for_the_type_that_has_them() {
        let accept = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, \
                      text/plain;format=fixed;q=0.4, */*;q=0.5";
        for (kind, liked) in [
            ("text/plain;format=flowed", 1000),
            ("text/plain", 700),
            ("text/html", 300),
            ("image/jpeg", 500),
            ("text/plain; Format=fixed", 400),
            ("text/plain;format=other", 700),
        ] {
            assert_eq!(quality(accept, kind), liked, "{kind}");
        }
        assert_eq!(quality("text/html", "text/html; charset=utf-8"), 1000);
        assert_eq!(quality("text/html; charset=utf-8;q=0.2", "text/html"), 200);
    }

    #[test]
    fn no_thousandth_is_lost() {
        for weight in 0..=1000_u16 {
            let text = format!("{}.{:03}", weight / 1000, weight % 1000);
            assert_eq!(super::thousandths(&text), weight);
        }
    }
}
