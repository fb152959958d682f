//! 1 GiB up and 1 GiB down, client and server in this one process: memory does not grow with content.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use bytes::Bytes;
use futures::stream;
use http::{Request, Response};
use http_client::Transport;
use http_codec::Body;
use http_server::{service_fn, testing};
use integration_tests::httpbin::upload::Count;

const GIBIBYTE: u64 = 1 << 30;
const PIECE: &[u8] = &[b'x'; 64 * 1024];

fn gibibyte() -> Body {
    let pieces =
        (0..GIBIBYTE / PIECE.len() as u64).map(|_| Ok::<_, Infallible>(Bytes::from_static(PIECE)));
    Body::from_stream(stream::iter(pieces))
}

/// `/up` counts, `/down` is a gibibyte, `/echo` sends back what comes.
async fn service(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(match request.uri().path() {
        "/up" => Body::from(
            Count::of(request.into_body())
                .await
                .unwrap()
                .octets
                .to_string(),
        ),
        "/down" => gibibyte(),
        _ => request.into_body(),
    }))
}

/// The most memory that this process has had resident, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_each_way_fits_in_64_mebibytes() {
    let server = testing::serve(service_fn(service)).await.unwrap();
    let transport = Transport::new();
    let call = async |path: &str, body: Body| {
        let request = Request::post(format!("{}{path}", server.url()))
            .body(body)
            .unwrap();
        transport.round_trip(request).await.unwrap().into_body()
    };
    let told = call("/up", gibibyte())
        .await
        .collect_bytes(100)
        .await
        .unwrap();
    assert_eq!(told, GIBIBYTE.to_string());
    assert_eq!(
        Count::of(call("/down", Body::empty()).await)
            .await
            .unwrap()
            .octets,
        GIBIBYTE
    );
    // Both at once: the response begins while the request is still being sent.
    assert_eq!(
        Count::of(call("/echo", gibibyte()).await)
            .await
            .unwrap()
            .octets,
        GIBIBYTE
    );
    assert!(peak() < 64 * 1024, "{} KiB at the peak", peak());
    assert_eq!(server.server().stats().accepted, 1);
}
