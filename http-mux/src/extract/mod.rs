//! Typed input: what a handler reads from a request.
//!
//! [`RequestExt`] has it as functions on the request: `request.query::<Page>()`, `request.json::<Item>().await`. Whatever
//! is wrong with the input is an [`InputError`], which becomes a 400 that says what was wrong; content is read up to a
//! limit (2 MiB unless another is given).

mod content;
mod cookies;
#[cfg(feature = "multipart")]
mod multipart;
#[cfg(feature = "serde")]
mod path;
mod query;

pub use content::{DEFAULT_LIMIT, RequestExt};
pub use cookies::{Cookies, cookies};
#[cfg(feature = "multipart")]
pub use multipart::{Multipart, Part};
#[cfg(feature = "serde")]
pub use path::from_pairs;
pub use query::{MOST_PAIRS, Pairs, pairs};

pub use crate::error::{InputError, InputKind};

#[cfg(test)]
mod tests;
