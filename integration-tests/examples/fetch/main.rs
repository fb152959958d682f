//! A small curl.
//!
//! ```text
//! cargo run --release --example fetch -- http://127.0.0.1:8080/get
//! cargo run --release --example fetch -- -d name=value http://127.0.0.1:8080/post
//! cargo run --release --example fetch -- -L -o page.html http://127.0.0.1:8080/redirect/3
//! ```
//!
//! The body goes to standard output, or to a file with a progress bar where somebody watches. It exits with 0; with 1 where
//! the call failed on its way, with 2 where it could not be understood, and, under `--fail`, with 22 where the answer is a
//! 4xx or 5xx.

mod call;
mod options;
mod output;

use std::process::ExitCode;

use options::Options;

const TRANSPORT: u8 = 1;
const USAGE: u8 = 2;
const FAILED_STATUS: u8 = 22;

/// Why `fetch` ends with something else than 0: its exit code, and a line for standard error.
#[derive(Debug)]
struct Failure {
    code: u8,
    line: String,
}

impl Failure {
    fn usage(line: impl Into<String>) -> Self {
        Self {
            code: USAGE,
            line: line.into(),
        }
    }

    /// What went wrong, and why, and why that, in one line.
    fn transport(error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let line = causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"));
        Self {
            code: TRANSPORT,
            line,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match options::parse() {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(failure) => return report(&failure),
    };
    match fetch(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

async fn fetch(options: &Options) -> Result<(), Failure> {
    let client = call::client(options)?;
    let request = call::request(options)?;
    let response = client
        .execute(request)
        .await
        .map_err(|error| call::failure(&error))?;
    let status = response.status();
    if options.fail && (status.is_client_error() || status.is_server_error()) {
        return Err(Failure {
            code: FAILED_STATUS,
            line: format!("the server answered {status}"),
        });
    }
    output::write(options, response).await
}

fn report(failure: &Failure) -> ExitCode {
    eprintln!("fetch: {}", failure.line);
    ExitCode::from(failure.code)
}
