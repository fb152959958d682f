//! Octets in, octets out: a client that says what it is told to, over an in-memory pipe.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http::{Request, Response};
use http_server::{Body, Server, service_fn, testing};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// A connection to a function of a request.
pub fn connect<F, Fut>(server: &Server, function: F) -> DuplexStream
where
    F: FnMut(Request<Body>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    testing::pipe_on(server.clone(), infallible(function))
}

/// A function that returns a response as a service that cannot fail.
pub fn infallible<F, Fut>(
    mut function: F,
) -> http_server::ServiceFn<impl FnMut(Request<Body>) -> Wrapped<Fut> + Clone>
where
    F: FnMut(Request<Body>) -> Fut + Clone,
    Fut: Future<Output = Response<Body>>,
{
    service_fn(move |request| Wrapped(Box::pin(function(request))))
}

pub struct Wrapped<F>(std::pin::Pin<Box<F>>);

impl<F: Future> Future for Wrapped<F> {
    type Output = Result<F::Output, Infallible>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

/// Says `octets` in pieces of `step`, reads until the server closes (time is paused, so an idle connection closes at once), and
/// gives what it said, its dates made equal.
pub async fn say(mut client: DuplexStream, octets: &[u8], step: usize) -> String {
    for piece in octets.chunks(step.max(1)) {
        if client.write_all(piece).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }
    until_closed(&mut client).await
}

/// Reads until the server closes.
pub async fn until_closed(client: &mut DuplexStream) -> String {
    let mut answer = Vec::new();
    let read = client.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(3600), read)
        .await
        .expect("the server closes")
        .expect("a pipe");
    dateless(&answer)
}

/// Reads until what came, its dates made equal, ends with `end`.
pub async fn until(client: &mut DuplexStream, end: &str) -> String {
    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 1024];
        let read = client.read(&mut piece);
        let read = tokio::time::timeout(Duration::from_secs(3600), read).await;
        let read = read
            .unwrap_or_else(|_| panic!("no {end:?} in {:?}", dateless(&answer)))
            .expect("a pipe");
        assert_ne!(read, 0, "closed before {end:?}: {:?}", dateless(&answer));
        answer.extend_from_slice(&piece[..read]);
        let text = dateless(&answer);
        if text.ends_with(end) {
            return text;
        }
    }
}

/// The octets as text, without `Date` lines.
pub fn dateless(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let lines = text
        .split_inclusive("\r\n")
        .filter(|line| !line.to_ascii_lowercase().starts_with("date: "));
    lines.collect()
}

/// Answers with the method, the target and the content of a request.
pub async fn echo(request: Request<Body>) -> Response<Body> {
    let line = format!("{} {}", request.method(), request.uri());
    match request.into_body().collect_bytes(1 << 20).await {
        Ok(content) => Response::new(Body::from([line.as_bytes(), b" ", &content].concat())),
        Err(error) => Response::new(Body::from(format!("{line} {:?}", error.kind()))),
    }
}
