//! The servers: each runs alone in a child process, on a multi-thread runtime of one worker.

mod floor;
mod ours;
mod raw;
pub mod routed;
mod runtime;

#[cfg(feature = "peers")]
mod actix;
#[cfg(feature = "peers")]
mod axum;
#[cfg(feature = "peers")]
mod foreign;
#[cfg(feature = "peers")]
mod hyper;

use std::io;

#[cfg(feature = "peers")]
pub use foreign::{Foreign, go, nginx};
pub use raw::raw;
pub use runtime::runtime;

use crate::load::Workload;

/// How a server's figures come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A subcommand of this binary: every instrument works.
    Own,
    /// A program of its own, skipped when it is not installed: no instruction counts.
    Foreign,
}

/// A server's name and title.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// Its name in flags and figures.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// How it is started.
    pub kind: Kind,
    /// Whether it is asked what a crowd of quiet connections costs its busy ones: one server of each family is.
    pub crowd: bool,
}

const fn own(name: &'static str, title: &'static str) -> Server {
    Server {
        name,
        title,
        kind: Kind::Own,
        crowd: false,
    }
}

const fn crowded(server: Server) -> Server {
    Server {
        crowd: true,
        ..server
    }
}

const fn foreign(name: &'static str, title: &'static str) -> Server {
    Server {
        kind: Kind::Foreign,
        ..own(name, title)
    }
}

/// Every server, in the order of the tables.
pub const SERVERS: &[Server] = &[
    crowded(own("floor", "bare tokio loop (the floor)")),
    crowded(own("ours", "**http-server**")),
    own("ours-raw", "**http-server**, `serve_raw`"),
    own("ours-mux", "**http-server**, `ServeMux`"),
    own("ours-engine", "**http-server**, `Engine`"),
    own("ours-axum", "axum on **http-server**"),
    crowded(own("hyper", "hyper")),
    own("hyper-flush", "hyper, `pipeline_flush`"),
    own("hyper-timer", "hyper, with timer"),
    own("axum", "axum"),
    own("actix", "actix-web"),
    crowded(foreign("go", "Go `net/http`")),
    foreign("nginx", "nginx"),
];

/// The server of this name.
pub fn server(name: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|server| server.name == name)
}

/// Whether this server can answer this load.
pub fn serves(server: &Server, workload: &Workload) -> bool {
    match server.name {
        "floor" => workload.floor,
        "nginx" => !matches!(
            workload.name,
            "echo-64" | "chunked-64" | "baseline-64" | "upload-2"
        ),
        _ => true,
    }
}

/// Serves until the parent ends our input.
pub fn run(name: &str) -> io::Result<()> {
    match name {
        "floor" => runtime()?.block_on(floor::serve()),
        "ours" => runtime()?.block_on(ours::serve_plain()),
        "ours-raw" => runtime()?.block_on(ours::serve_raw()),
        "ours-mux" => runtime()?.block_on(ours::serve_mux()),
        "ours-engine" => runtime()?.block_on(ours::serve_engine()),
        #[cfg(feature = "peers")]
        "ours-axum" => runtime()?.block_on(ours::serve_axum()),
        #[cfg(feature = "peers")]
        "hyper" => runtime()?.block_on(hyper::serve(hyper::Variant::Plain)),
        #[cfg(feature = "peers")]
        "hyper-flush" => runtime()?.block_on(hyper::serve(hyper::Variant::Flush)),
        #[cfg(feature = "peers")]
        "hyper-timer" => runtime()?.block_on(hyper::serve(hyper::Variant::Timer)),
        #[cfg(feature = "peers")]
        "axum" => runtime()?.block_on(axum::serve()),
        #[cfg(feature = "peers")]
        "actix" => actix::serve(),
        _ => Err(io::Error::other(format!("no server is called {name}"))),
    }
}
