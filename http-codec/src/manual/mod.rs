//! The manual: how a message is framed, how smuggling is refused, what costs what.
//!
//! Three pages, each with an example that runs:
//!
//! - [`framing`]: from octets to a message and back, piece by piece;
//! - [`smuggling`]: the attacks on framing, and the rule that stops each;
//! - [`performance`]: where the time of a message goes, and how to keep it low.

pub mod framing;
pub mod performance;
pub mod smuggling;
