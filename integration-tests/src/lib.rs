//! Client against server, over loopback and in memory; httpbin as the main job.

pub mod counting;
pub mod httpbin;
pub mod loopback;
pub mod process;
pub mod wire;
