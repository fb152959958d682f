//! Messages on their way out, and whole connections through the codecs.

#![allow(
    clippy::unwrap_used,
    reason = "a failed assumption in a test should stop the test"
)]

mod body;
mod content;
mod errors;
mod framed;
mod framed_client;
mod heads;
mod lines;
mod parts;
#[cfg(feature = "io")]
mod sources;
