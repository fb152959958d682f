//! Two routers over one segment trie: Go's ServeMux patterns and Gin's engine, as tower services.

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
pub use handler::{BoxHandler, Handler, Reply};
pub use http::{self, HeaderMap, Method, Request, Response, StatusCode};
pub use http_codec::{Body, BodyError};
#[cfg(feature = "json")]
pub use response::Json;
pub use response::{Html, IntoResponse, Redirect, ResponseExt};

mod methods;
mod params;
mod path;
pub mod serve_mux;
pub mod tree;

pub use params::Params;
pub use serve_mux::ServeMux;
