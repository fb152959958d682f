//! Where the response goes.

use std::fs::File;
use std::future::poll_fn;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::pin::pin;

use http::Response;
use http_body::Body as _;
use http_codec::Body;
use indicatif::{ProgressBar, ProgressStyle};

use crate::options::Options;
use crate::{Failure, TRANSPORT};

const KNOWN: &str = "{bar:32} {bytes:>10} of {total_bytes} {bytes_per_sec:>12} {eta:>4}";
const UNKNOWN: &str = "{spinner} {bytes:>10} {bytes_per_sec:>12} {elapsed:>4}";

/// Writes head and content, as asked for; content as it arrives.
pub(crate) async fn write(options: &Options, response: Response<Body>) -> Result<(), Failure> {
    let (mut out, bar) = open(options, &response)?;
    let name = options
        .output
        .as_deref()
        .map_or("standard output".into(), Path::to_string_lossy);
    let cannot_write = |error: io::Error| {
        let line = format!("cannot write to {name}: {error}");
        Failure {
            code: TRANSPORT,
            line,
        }
    };
    if options.include || options.head {
        out.write_all(&head(&response)).map_err(cannot_write)?;
    }
    let mut body = pin!(response.into_body());
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| Failure::transport(&error))?;
        if let Ok(data) = frame.into_data() {
            out.write_all(&data).map_err(cannot_write)?;
            bar.inc(data.len() as u64);
        }
    }
    out.flush().map_err(cannot_write)?;
    bar.finish_and_clear();
    Ok(())
}

/// The file or standard output, and a bar that is seen only where a file is written and somebody watches.
fn open(
    options: &Options,
    response: &Response<Body>,
) -> Result<(Box<dyn Write>, ProgressBar), Failure> {
    let Some(path) = &options.output else {
        return Ok((Box::new(io::stdout().lock()), ProgressBar::hidden()));
    };
    let file = File::create(path)
        .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
    let bar = if io::stderr().is_terminal() {
        bar(response)
    } else {
        ProgressBar::hidden()
    };
    Ok((Box::new(file), bar))
}

fn bar(response: &Response<Body>) -> ProgressBar {
    let length = response.body().size_hint().exact();
    let style = ProgressStyle::with_template(if length.is_some() { KNOWN } else { UNKNOWN });
    let bar =
        ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    if let Some(length) = length {
        bar.set_length(length);
    }
    bar
}

/// The head as it is written in HTTP/1.1.
fn head(response: &Response<Body>) -> Vec<u8> {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head =
        format!("{:?} {} {reason}\r\n", response.version(), status.as_u16()).into_bytes();
    for (name, value) in response.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}
