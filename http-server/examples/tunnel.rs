//! A forward proxy for CONNECT (RFC 9110 section 9.3.6): `cargo run --example tunnel`, then
//! `curl --proxy http://127.0.0.1:8082 https://example.com/`.

use std::convert::Infallible;

use http::{Method, Request, Response, StatusCode};
use http_server::{Body, Server, handle, service_fn};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Opens a tunnel to the authority of a CONNECT.
pub(crate) async fn serve(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let answer = |status: StatusCode| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        Ok(response)
    };
    let upgrading = handle(request.body()).and_then(|handle| handle.upgrade().ok());
    let (&Method::CONNECT, Some(authority), Some(upgrading)) =
        (request.method(), request.uri().authority(), upgrading)
    else {
        return answer(StatusCode::METHOD_NOT_ALLOWED);
    };
    let Ok(mut target) = TcpStream::connect(authority.as_str()).await else {
        return answer(StatusCode::BAD_GATEWAY);
    };
    tokio::spawn(async move {
        if let Ok(mut client) = upgrading.await {
            let _ = copy_bidirectional(&mut client, &mut target).await;
        }
    });
    answer(StatusCode::OK)
}

#[tokio::main]
#[allow(dead_code, reason = "a test includes this file as a module")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8082").await?;
    println!("proxy at http://{}", listener.local_addr()?);
    Server::new().serve(listener, service_fn(serve)).await
}
