//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use http::{HeaderName, HeaderValue, Method, Uri};

use crate::Failure;

/// Fetches a URL.
#[derive(Debug, Parser)]
#[command(name = "fetch", version)]
pub(crate) struct Options {
    /// What to fetch; `http://` may be left out
    #[arg(value_parser = url)]
    pub(crate) url: Uri,
    /// The method; GET by default, POST with --data
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub(crate) method: Option<Method>,
    /// A field of the request, `Name: value`; may be given again
    #[arg(short = 'H', long = "header", value_name = "FIELD", value_parser = field)]
    pub(crate) fields: Vec<(HeaderName, HeaderValue)>,
    /// Content to send: text, or @FILE for that of a file (@- for standard input); more are joined by `&`
    #[arg(short = 'd', long = "data", value_name = "DATA")]
    pub(crate) data: Vec<String>,
    /// Writes the head of the response, too
    #[arg(short = 'i', long = "include")]
    pub(crate) include: bool,
    /// Asks for the head alone
    #[arg(short = 'I', long = "head")]
    pub(crate) head: bool,
    /// Writes to this file instead of standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Follows redirects, up to ten
    #[arg(short = 'L', long = "location")]
    pub(crate) follow: bool,
    /// How long all of it may take, in seconds; 0 is for ever
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) max_time: Option<Duration>,
    /// The proxy to go through: http://HOST:PORT
    #[arg(long, value_name = "URL")]
    pub(crate) http_proxy: Option<String>,
    /// Exits with 22 where the answer is a 4xx or 5xx, and writes nothing of it
    #[arg(short = 'f', long)]
    pub(crate) fail: bool,
}

/// The options; `None` where help or the version was asked for, and given.
pub(crate) fn parse() -> Result<Option<Options>, Failure> {
    Options::try_parse().map(Some).or_else(|error| {
        if !error.use_stderr() {
            // Whoever closed standard output does not want to know.
            let _ = error.print();
            return Ok(None);
        }
        let text = error.to_string();
        // Clap lists what is missing on lines of their own.
        let said: Vec<_> = text
            .lines()
            .take_while(|line| !line.is_empty())
            .map(str::trim)
            .collect();
        let said = said.join(" ");
        Err(Failure::usage(format!(
            "{}; try --help",
            said.trim_start_matches("error: ")
        )))
    })
}

fn url(text: &str) -> Result<Uri, String> {
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let uri: Uri = whole.parse().map_err(|error| format!("{error}"))?;
    match uri.host() {
        Some(host) if !host.is_empty() => Ok(uri),
        _ => Err("it names no host".to_owned()),
    }
}

fn field(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("it has no colon")?;
    let name = name.trim().parse().map_err(|error| format!("{error}"))?;
    let value = value.trim().parse().map_err(|error| format!("{error}"))?;
    Ok((name, value))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|error| format!("{error}"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
