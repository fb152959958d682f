//! What a router found in the path.

use std::str::FromStr;

use http::StatusCode;

use super::Refusal;

/// The named pieces of a path, percent-decoded; each router fills it in its own way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathArgs(Vec<(String, String)>);

impl PathArgs {
    /// The piece with this name; empty where the route has none.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// The piece as a number, or whatever else parses.
    ///
    /// # Errors
    ///
    /// 404, as for any path that does not exist.
    pub fn parse<T: FromStr>(&self, name: &str) -> Result<T, Refusal> {
        let not_found = |_| Refusal::new(StatusCode::NOT_FOUND, format!("{name} is not a number"));
        self.get(name).parse().map_err(not_found)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for PathArgs {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pieces: I) -> Self {
        Self(
            pieces
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}
