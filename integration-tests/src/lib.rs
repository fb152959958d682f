//! Client against server, over loopback and in memory; httpbin as the main job.

pub mod counting;
pub mod httpbin;
pub mod loopback;
pub mod process;
pub mod trickle;
pub mod wire;

/// The examples of the front page are code like any other.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;

/// So are those for users of other libraries.
#[cfg(doctest)]
#[doc = include_str!("../../docs/coming-from.md")]
struct ComingFrom;
