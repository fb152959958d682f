//! The query of a request-target, and forms, which are written the same way.

use std::collections::HashSet;
use std::str::FromStr;

use http::Uri;
use serde_json::{Map, Value};

use super::{Refusal, escapes};

/// Names and values in their order, decoded; names repeat freely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The query of a target.
    pub fn of(uri: &Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default().as_bytes())
    }

    /// A form: `application/x-www-form-urlencoded`.
    pub fn parse(form: &[u8]) -> Self {
        let pairs = form
            .split(|octet| *octet == b'&')
            .filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let mut halves = pair.splitn(2, |octet| *octet == b'=').map(escapes::form);
            (
                halves.next().unwrap_or_default(),
                halves.next().unwrap_or_default(),
            )
        });
        Self(decoded.collect())
    }

    /// The first value with this name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The value as a number, or the default where it is absent.
    ///
    /// # Errors
    ///
    /// 400 where it is there and does not parse.
    pub fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        value
            .parse()
            .map_err(|_| Refusal::bad_request(format!("{name} is not a number: {value}")))
    }

    /// Seconds, with fractions; never negative, and at most `most`.
    ///
    /// # Errors
    ///
    /// 400 where it is no number of seconds.
    pub fn seconds(
        &self,
        name: &str,
        default: f64,
        most: f64,
    ) -> Result<std::time::Duration, Refusal> {
        let seconds: f64 = self.number(name, default)?;
        if !seconds.is_finite() || seconds < 0.0 {
            return Err(Refusal::bad_request(format!(
                "{name} is not a number of seconds: {seconds}"
            )));
        }
        Ok(std::time::Duration::from_secs_f64(seconds.min(most)))
    }

    /// All pairs, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first pair of each name, in their order.
    pub fn iter_first(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut seen = HashSet::new();
        self.iter().filter(move |(name, _)| seen.insert(*name))
    }

    /// As httpbin shows it: a value for a name that comes once, a list for one that repeats.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        for (name, value) in self.iter() {
            insert_or_append(&mut shown, name, value.into());
        }
        shown
    }
}

/// Puts a value under its name; the second turns the entry into a list.
pub fn insert_or_append(map: &mut Map<String, Value>, name: &str, value: Value) {
    match map.get_mut(name) {
        None => drop(map.insert(name.to_owned(), value)),
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_repeated_name_becomes_a_list() {
        let query = Query::parse(b"a=1&b=x+y&a=2&a=3&c=%C3%A9&d");
        assert_eq!(
            Value::Object(query.to_json()),
            json!({"a": ["1", "2", "3"], "b": "x y", "c": "é", "d": ""})
        );
    }

    #[test]
    fn seconds_are_never_negative_nor_endless() {
        assert!(
            Query::parse(b"delay=-1")
                .seconds("delay", 0.0, 10.0)
                .is_err()
        );
        assert!(
            Query::parse(b"delay=nan")
                .seconds("delay", 0.0, 10.0)
                .is_err()
        );
        assert_eq!(
            Query::parse(b"delay=1e9")
                .seconds("delay", 0.0, 10.0)
                .unwrap()
                .as_secs(),
            10
        );
    }
}
