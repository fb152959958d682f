//! The fields that frame and route a message, each with its own grammar.

pub mod connection;
pub mod content_length;
pub mod expect;
pub mod host;
pub mod trailer;
pub mod transfer_coding;
