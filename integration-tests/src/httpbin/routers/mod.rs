//! The same table on four routers.

pub mod axum;
pub mod closure;
pub mod engine;
pub mod serve_mux;

use std::str::FromStr;

/// The routers to choose from on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Router {
    /// `http_mux::ServeMux`: Go's patterns.
    #[default]
    ServeMux,
    /// `http_mux::Engine`: Gin's.
    Engine,
    /// `axum::Router`.
    Axum,
}

impl FromStr for Router {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "serve-mux" => Ok(Self::ServeMux),
            "engine" => Ok(Self::Engine),
            "axum" => Ok(Self::Axum),
            other => Err(format!(
                "no router is called {other:?}: there are serve-mux, engine and axum"
            )),
        }
    }
}
