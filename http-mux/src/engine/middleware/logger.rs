//! A line for each request.

use std::fmt;
use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use http::{Method, Response, StatusCode, Uri};
use http_codec::Body;

use super::Shipped;
use super::clock::Stamp;
use crate::engine::chain::{Middleware, Next};
use crate::engine::context::Context;
use crate::handler::Reply;

type Sink = Arc<dyn Fn(&LogLine) + Send + Sync>;
type Skip = Arc<dyn Fn(&Context) -> bool + Send + Sync>;

/// Writes a line for each request once its response head is there: time (UTC), status, how long it took, who asked, and for what.
///
/// ```text
/// [HTTP] 2026/11/21 - 11:10:00 | 200 |      31.2µs |       127.0.0.1 | GET      /user/gopher
/// ```
#[derive(Clone)]
pub struct Logger {
    sink: Sink,
    skip: Option<Skip>,
    query: bool,
}

impl Default for Logger {
    fn default() -> Self {
        Self::new()
    }
}

impl Logger {
    /// Writes to standard output.
    pub fn new() -> Self {
        Self::to(std::io::stdout())
    }

    /// Writes lines to `output`; an error in writing is nobody's concern.
    pub fn to(output: impl Write + Send + 'static) -> Self {
        let output = Mutex::new((output, Vec::with_capacity(256)));
        Self::with(move |line| {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            let (output, text) = &mut *output;
            text.clear();
            if writeln!(text, "{line}").is_ok() {
                let _ = output.write_all(text);
            }
        })
    }

    /// Hands each line to `sink`, which formats it as it likes.
    pub fn with(sink: impl Fn(&LogLine) + Send + Sync + 'static) -> Self {
        Self {
            sink: Arc::new(sink),
            skip: None,
            query: true,
        }
    }

    /// Writes nothing for requests of which `skip` says so.
    #[must_use]
    pub fn skip(mut self, skip: impl Fn(&Context) -> bool + Send + Sync + 'static) -> Self {
        self.skip = Some(Arc::new(skip));
        self
    }

    /// Leaves the query out of the line.
    #[must_use]
    pub fn without_query(mut self) -> Self {
        self.query = false;
        self
    }
}

impl Middleware<Shipped> for Logger {
    fn call(&self, cx: Context, next: Next) -> Reply {
        if self.skip.as_ref().is_some_and(|skip| skip(&cx)) {
            return next.run(cx);
        }
        let mut line = LogLine {
            started: SystemTime::now(),
            clock: Instant::now(),
            elapsed: Duration::ZERO,
            status: StatusCode::OK,
            client_ip: cx.client_ip(),
            method: cx.method().clone(),
            uri: cx.uri().clone(),
            query: self.query,
        };
        let sink = Arc::clone(&self.sink);
        next.run(cx).map(move |response: Response<Body>| {
            line.elapsed = line.clock.elapsed();
            line.status = response.status();
            sink(&line);
            response
        })
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger")
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

/// What a [`Logger`] knows of a request; it prints as the line.
#[derive(Debug, Clone)]
pub struct LogLine {
    started: SystemTime,
    clock: Instant,
    elapsed: Duration,
    status: StatusCode,
    client_ip: Option<IpAddr>,
    method: Method,
    uri: Uri,
    query: bool,
}

impl LogLine {
    /// When the request came to the logger.
    pub fn started(&self) -> SystemTime {
        self.started
    }

    /// How long the handler took to have a response head; content may still be on its way.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The response's status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The address of the client, if it is known.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.client_ip
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The request's target.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            status,
            elapsed,
            method,
            uri,
            ..
        } = self;
        write!(
            f,
            "[HTTP] {} | {} | {elapsed:>11.1?} | ",
            Stamp(self.started),
            status.as_u16()
        )?;
        match self.client_ip {
            Some(address) => write!(f, "{address:>15}")?,
            None => write!(f, "{:>15}", "-")?,
        }
        write!(f, " | {:<7} {}", method.as_str(), uri.path())?;
        match uri.query().filter(|_| self.query) {
            Some(query) => write!(f, "?{query}"),
            None => Ok(()),
        }
    }
}
