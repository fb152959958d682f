//! Exchanges of every shape in random order on the same few connections: each answer is the one to its own request.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::LazyLock;

use bytes::Bytes;
use fastrand::Rng;
use futures::stream;
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use http_client::Transport;
use http_codec::Body;
use http_server::service_fn;
use integration_tests::httpbin::query::Query;
use integration_tests::httpbin::upload::Count;
use integration_tests::loopback::Loopback;

const SIZES: [usize; 8] = [0, 1, 17, 1000, 8192, 70_000, 300_000, 1_000_000];

static PATTERN: LazyLock<Bytes> =
    LazyLock::new(|| (0..1_001_000_u32).map(|at| (at % 251) as u8).collect());

/// Content that tells whose it is.
fn content(number: u64, size: usize) -> Bytes {
    let start = (number * 31 % 251) as usize;
    PATTERN.slice(start..start + size)
}

fn body(content: Bytes, chunked: bool) -> Body {
    if !chunked {
        return Body::from(content);
    }
    Body::from_stream(stream::unfold(content, |mut left| async move {
        let piece = left.split_to(left.len().min(5000));
        (!piece.is_empty()).then_some((Ok::<_, Infallible>(piece), left))
    }))
}

/// Does with its request and its response what the query says.
async fn service(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let query = Query::of(request.uri());
    let number = query.number("number", 0).unwrap();
    let size = query.number("size", 0).unwrap();
    let mut content_read = None;
    match query.get("read") {
        Some("all") => content_read = Some(Count::of(request.into_body()).await.unwrap().octets),
        Some("some") => drop(request.into_body().frame().await),
        _ => {}
    }
    let mut response = Response::new(body(
        content(number, size),
        query.get("chunked") == Some("true"),
    ));
    response.headers_mut().insert("x-number", number.into());
    if let Some(octets) = content_read {
        response.headers_mut().insert("x-read", octets.into());
    }
    Ok(response)
}

/// One exchange; all of it follows from `random`.
async fn exchange(transport: &Transport, url: &str, number: u64, random: &mut Rng) {
    let method = random
        .choice([Method::GET, Method::PUT, Method::DELETE, Method::HEAD])
        .unwrap();
    let read = random.choice(["all", "some", "none"]).unwrap();
    let (size, sent) = (random.choice(SIZES).unwrap(), random.choice(SIZES).unwrap());
    let sent = if method == Method::PUT { sent } else { 0 };
    let chunked = random.bool();
    let case = format!(
        "{method} {number}: {sent} octets up, {read} read, {size} octets down, chunked: {chunked}"
    );
    let uri = format!("{url}/?number={number}&size={size}&read={read}&chunked={chunked}");
    let request = Request::builder()
        .method(&method)
        .uri(uri)
        .body(body(content(number, sent), random.bool()));
    let response = transport
        .round_trip(request.unwrap())
        .await
        .unwrap_or_else(|error| panic!("{case}: {error:?}"));
    assert_eq!(response.headers()["x-number"], number.to_string(), "{case}");
    if read == "all" {
        assert_eq!(response.headers()["x-read"], sent.to_string(), "{case}");
    }
    let expected = if method == Method::HEAD {
        Bytes::new()
    } else {
        content(number, size)
    };
    match random.u8(..4) {
        0 => drop(response),
        1 => drop(response.into_body().frame().await),
        _ => {
            let received = response
                .into_body()
                .collect_bytes(1 << 21)
                .await
                .unwrap_or_else(|error| panic!("{case}: {error:?}"));
            assert!(received == expected, "{case}: {} octets", received.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_the_one_to_its_request() {
    let loopback = Loopback::new(service_fn(service)).await;
    for (way, transport) in loopback.transports() {
        let rounds = if way == "trickle" { 20 } else { 100 };
        let callers = (0..4_u64).map(|caller| {
            let (transport, url) = (transport.clone(), loopback.url());
            tokio::spawn(async move {
                let mut random = Rng::with_seed(caller);
                for round in 0..rounds {
                    exchange(&transport, &url, caller * 1000 + round, &mut random).await;
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller
                .await
                .unwrap_or_else(|error| panic!("over {way}: {error}"));
        }
    }
    let stats = loopback.stats();
    // Half of the answers are dropped unread, and a connection may go with each of them.
    assert!(
        stats.accepted < stats.requests * 3 / 4,
        "connections were used again: {stats:?}"
    );
}
