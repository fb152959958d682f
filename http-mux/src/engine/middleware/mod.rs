//! Middleware that ships with the engine. Whatever tower-http has (compression, CORS, tracing) goes on with `layer`.

mod basic_auth;
mod body_limit;
mod clock;
mod logger;
mod recovery;
mod request_id;
#[cfg(feature = "io")]
mod timeout;
#[cfg(feature = "tracing")]
mod trace;

pub use basic_auth::BasicAuth;
pub use body_limit::BodyLimit;
pub use logger::{LogLine, Logger};
pub use recovery::Recovery;
pub use request_id::RequestId;
#[cfg(feature = "io")]
pub use timeout::Timeout;
#[cfg(feature = "tracing")]
pub use trace::Trace;

/// Marker of the middleware that is a type and no function.
#[doc(hidden)]
#[derive(Debug)]
pub struct Shipped;
