//! Two routers over one segment trie: Go's [`ServeMux`] patterns and Gin's [`Engine`], as tower services.
//!
//! Both are `tower_service::Service<http::Request<B>>` for any body `B`, and cheap to clone. They share
//!
//! * the handlers ([`handler`]) and what those return ([`response`], [`sse`], [`files`](crate#features)),
//! * the typed input ([`extract`]), the errors for both ([`Error`], [`InputError`]),
//! * the trie ([`tree`]) and the parameters of a path ([`Params`]).
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `serde` | path parameters, query and forms as your types |
//! | `json` | `Json`, JSON content as your types; includes `serde` |
//! | `multipart` | `multipart/form-data`, streamed |
//! | `io` | the module `files`, directories behind an engine, `Timeout`, keep-alive of events; needs tokio |
//! | `safe` | lookups without `unsafe` code, which take about a third longer |
//! | `tracing` | `Trace`: a span for each request |
//!
//! None of them is on by default.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod engine;
mod error;
pub mod extract;
#[cfg(feature = "io")]
pub mod files;
pub mod handler;
pub mod response;
pub mod sse;

pub use bytes::Bytes;
pub use engine::Engine;
pub use error::{Error, InputError, InputKind};
#[cfg(feature = "multipart")]
pub use extract::Multipart;
pub use extract::RequestExt;
pub use handler::{BoxHandler, Call, Handler, Reply};
pub use http::{self, HeaderMap, Method, Request, Response, StatusCode};
pub use http_codec::{Body, BodyError};
#[cfg(feature = "json")]
pub use response::Json;
pub use response::{Html, IntoResponse, Redirect, ResponseExt};

mod methods;
mod params;
mod path;
pub mod serve_mux;
mod span;
pub mod tree;

pub use params::Params;
pub use serve_mux::ServeMux;

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
