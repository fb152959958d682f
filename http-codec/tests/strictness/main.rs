//! The strict rules, one table each: every case whole, split at every octet, octet by octet, and
//! with more data behind it.

#![allow(
    clippy::unwrap_used,
    reason = "a failed assumption in a test should stop the test"
)]

mod chunked;
mod drive;
mod exchange;
mod field_lines;
mod framing;
mod host;
mod leniency;
mod limits;
mod request_line;
mod response;
mod target;
mod trailers;
