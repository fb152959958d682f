//! A reverse proxy: content and trailers stream through both ways, early hints and upgrades (WebSocket) too.
//!
//! `cargo run -p http-client --example reverse_proxy -- 127.0.0.1:8080 127.0.0.1:9000` listens on the first address and
//! forwards to the second.

use http::header::{CONNECTION, HOST, UPGRADE};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_client::{Body, BoxError, Options, Transport, strip_hop_by_hop};

/// Hands a request on to `origin` (`host:port`), and its response back.
pub(crate) async fn forward(
    transport: Transport,
    origin: &str,
    mut request: Request<Body>,
) -> Result<Response<Body>, BoxError> {
    let client = http_server::handle(request.body()).ok_or("not a request of a connection")?;
    // By its parts, since `*` cannot be written behind an authority (RFC 9112 section 3.2.4).
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(origin.parse()?);
    parts
        .path_and_query
        .get_or_insert(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from_parts(parts)?;
    let upgrade = request
        .headers_mut()
        .remove(UPGRADE)
        .zip(client.upgrade().ok());
    // Taken aside before `Connection` is obeyed: it must not name this one, and whoever does is not to choose another host.
    let host = request.headers_mut().remove(HOST);
    strip_hop_by_hop(request.headers_mut());
    if let Some((protocol, _)) = &upgrade {
        request
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("upgrade"));
        request.headers_mut().insert(UPGRADE, protocol.clone());
    }
    let hints = client.clone();
    let mut options = Options::new().with_interim(move |interim| {
        // Fails for 100 (Continue) once the content has been asked for: then it has been sent.
        let _ = hints.send_interim(interim.status, interim.headers.clone());
    });
    if let Some(host) = host {
        options = options.with_host(host.to_str()?)?;
    }
    request.extensions_mut().insert(options);
    let mut response = transport.round_trip(request).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        strip_hop_by_hop(response.headers_mut());
        return Ok(response);
    }
    let mut theirs = http_client::upgrade(&mut response)?;
    tokio::spawn(async move {
        if let Some((_, ours)) = upgrade {
            // Either side may go at any time: then both are closed.
            let _ = tokio::io::copy_bidirectional(&mut ours.await?, &mut theirs).await;
        }
        Ok::<(), BoxError>(())
    });
    Ok(response)
}

/// The proxy as a service: what fails on the way is a 502.
pub(crate) async fn serve(
    listener: tokio::net::TcpListener,
    transport: Transport,
    origin: String,
) -> std::io::Result<()> {
    let service = http_server::service_fn(move |request| {
        let (transport, origin) = (transport.clone(), origin.clone());
        async move {
            Ok::<_, std::convert::Infallible>(
                forward(transport, &origin, request)
                    .await
                    .unwrap_or_else(|error| {
                        let mut answer = Response::new(Body::from(format!("{error}\n")));
                        *answer.status_mut() = StatusCode::BAD_GATEWAY;
                        answer
                    }),
            )
        }
    });
    let server = http_server::Server::builder().build();
    server.serve(listener, service).await
}

#[allow(dead_code, reason = "a test takes this file as a module")]
#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut addresses = std::env::args().skip(1);
    let (Some(ours), Some(origin)) = (addresses.next(), addresses.next()) else {
        return Err("usage: reverse_proxy <address> <origin>".into());
    };
    let listener = tokio::net::TcpListener::bind(&ours).await?;
    println!("http://{} forwards to {origin}", listener.local_addr()?);
    serve(listener, Transport::new(), origin).await?;
    Ok(())
}
