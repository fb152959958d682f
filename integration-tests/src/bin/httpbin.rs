//! Serves httpbin.
//!
//! ```text
//! httpbin [--listen ADDR] [--router serve-mux|engine|axum]
//! ```
//!
//! Ctrl-C and SIGTERM finish the requests under way and exit with 0; a second one does not wait for them.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use http::{Request, Response};
use http_server::listener::TcpOptions;
use http_server::{Body, Server};
use integration_tests::httpbin::Router;
use integration_tests::httpbin::routers::{axum, engine, serve_mux};
use tokio::net::{TcpListener, lookup_host};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tower_service::Service;

/// How long requests under way may take to finish.
const DRAIN: Duration = Duration::from_secs(10);

/// A service that shows requests and answers them in every way.
#[derive(Debug, Parser)]
#[command(name = "httpbin", version)]
struct Options {
    /// The address to listen at; port 0 is any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// What routes the requests: serve-mux, engine or axum
    #[arg(long, default_value = "serve-mux")]
    router: Router,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => return usage(&error),
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("httpbin: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Help and version go to standard output; a mistake is one line, and exits with 2.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    eprintln!("httpbin: {line}; try --help");
    ExitCode::from(2)
}

async fn run(options: &Options) -> io::Result<()> {
    match options.router {
        Router::ServeMux => serve(options, serve_mux::service()).await,
        Router::Engine => serve(options, engine::service()).await,
        Router::Axum => serve(options, axum::service()).await,
    }
}

async fn serve<S, B>(options: &Options, service: S) -> io::Result<()>
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send>,
    S: Clone + Send + 'static,
    B: http_body::Body<Data: Send, Error: Into<http_codec::BoxError>> + Send + 'static,
{
    let mut signals = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let listener = bind(&options.listen).await?;
    let server = Server::new();
    let address = listener.local_addr()?;
    // Whoever closed standard output does not want to know.
    let _ = writeln!(io::stdout(), "httpbin listens on http://{address}");

    let mut serving = tokio::spawn({
        let server = server.clone();
        async move { server.serve(listener, service).await }
    });
    tokio::select! {
        ended = &mut serving => return ended.unwrap_or_else(|error| Err(io::Error::other(error))),
        () = either(&mut signals) => {}
    }
    tokio::select! {
        _ = server.shutdown(DRAIN) => {}
        () = either(&mut signals) => {}
    }
    Ok(())
}

async fn bind(address: &str) -> io::Result<TcpListener> {
    bind_any(address).await.map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => "the port is in use; choose another by --listen".to_owned(),
            io::ErrorKind::PermissionDenied => "the port needs more rights".to_owned(),
            _ => error.to_string(),
        };
        io::Error::new(error.kind(), format!("cannot listen on {address}: {why}"))
    })
}

/// Listens at the first of a name's addresses that can be listened at.
async fn bind_any(address: &str) -> io::Result<TcpListener> {
    let mut failed = io::Error::new(io::ErrorKind::InvalidInput, "the name has no address");
    for address in lookup_host(address).await? {
        match TcpOptions::new().bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

async fn either((interrupt, terminate): &mut (Signal, Signal)) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
