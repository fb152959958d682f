//! The seam to the service: panics, errors, readiness, and what a handler may ask its connection for.

mod wire;

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, Request, Response, StatusCode};
use http_server::{
    Body, ConnectionInfo, ConnectionState, OrderError, Server, handle, service_fn, testing,
};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;
use tower_service::Service;
use wire::{connect, echo, say, until, until_closed};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_500_and_ends_the_connection() {
    let server = Server::new();
    let before = |_: Request<Body>| -> std::future::Ready<Response<Body>> { panic!("in the call") };
    let within = |_: Request<Body>| async {
        tokio::task::yield_now().await;
        panic!("in the future")
    };
    for client in [connect(&server, before), connect(&server, within)] {
        let answer = say(client, GET.repeat(2).as_bytes(), usize::MAX).await;
        assert!(
            answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
            "{answer}"
        );
        assert!(answer.contains("\r\nconnection: close\r\n"));
        assert_eq!(answer.matches("HTTP/1.1").count(), 1);
    }
    assert_eq!(server.stats().errors.panic, 2);
    assert!(
        say(connect(&server, echo), GET.as_bytes(), 1)
            .await
            .ends_with("GET / "),
        "the server lives"
    );
}

#[tokio::test(start_paused = true)]
async fn responses_that_are_finished_survive_a_panic() {
    let service = |request: Request<Body>| async move {
        assert_ne!(request.uri(), "/bad");
        Response::new(Body::from("good"))
    };
    let octets = "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\nGET /bad HTTP/1.1\r\nhost: a\r\n\r\n";
    let answer = say(
        connect(&Server::new(), service),
        octets.as_bytes(),
        usize::MAX,
    )
    .await;
    assert_eq!(answer.matches("good").count(), 2);
    assert_eq!(
        answer.matches("500 Internal").count(),
        2,
        "in the status line and in the text"
    );
}

#[tokio::test(start_paused = true)]
async fn an_abort_closes_without_an_answer_or_a_log() {
    let server = Server::new();
    let service = |request: Request<Body>| async move {
        if request.uri() == "/" {
            http_server::abort();
        }
        Response::new(Body::from("fine"))
    };
    assert_eq!(
        say(connect(&server, service), GET.as_bytes(), 1000).await,
        ""
    );
    assert_eq!(server.stats().errors.panic, 0);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_service_is_a_500() {
    let server = Server::new();
    let failing = service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(std::io::Error::other("no"))
    });
    let answer = say(
        testing::pipe_on(server.clone(), failing),
        GET.as_bytes(),
        1000,
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    assert_eq!(server.stats().errors.service, 1);
}

/// A service whose readiness is a function.
#[derive(Clone)]
struct Readiness(
    fn(&mut Context<'_>) -> Poll<Result<(), std::io::Error>>,
    Arc<AtomicUsize>,
);

impl Service<Request<Body>> for Readiness {
    type Response = Response<Body>;
    type Error = std::io::Error;
    type Future = std::future::Ready<Result<Response<Body>, std::io::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        (self.0)(cx)
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        std::future::ready(Ok(Response::new(Body::from("ready"))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_ready_is_a_503_and_one_that_fails_a_500() {
    let server = Server::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let unready = Readiness(|_| Poll::Pending, Arc::clone(&asked));
    let client = testing::pipe_on(server.clone(), unready);
    let answer = say(client, GET.as_bytes(), 1000).await;
    assert!(
        answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\r\nconnection: close\r\n"));
    assert!((1..=3).contains(&start.elapsed().as_secs()));
    let stats = server.stats();
    assert_eq!((stats.errors.service, stats.errors.timeout), (1, 0));
    assert_eq!(stats.requests, 1, "its head was received");
    let failing = Readiness(
        |_| Poll::Ready(Err(std::io::Error::other("no"))),
        Arc::clone(&asked),
    );
    let answer = say(testing::pipe(failing), GET.as_bytes(), 1000).await;
    assert!(
        answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
        "{answer}"
    );
}

#[tokio::test(start_paused = true)]
async fn readiness_is_asked_for_only_with_a_head_in_hand() {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut client = testing::pipe(Readiness(|_| Poll::Ready(Ok(())), Arc::clone(&asked)));
    client
        .write_all(b"GET / HTTP/1.1\r\nhost")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    client.write_all(b": a\r\n\r\n").await.expect("a pipe");
    until(&mut client, "ready").await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

/// What it reserved in becoming ready, or waits for, is not kept from others by a peer that does not close.
#[tokio::test(start_paused = true)]
async fn a_service_is_dropped_before_its_connection_lingers() {
    for (ready, head, status) in [
        (true, "expect: the-unexpected\r\n", "417"),
        (false, "", "503"),
    ] {
        let readiness = |_: &mut Context<'_>| Poll::Ready(Ok(()));
        let unreadiness = |_: &mut Context<'_>| Poll::Pending;
        let permit = Arc::new(AtomicUsize::new(0));
        let service = Readiness(
            if ready { readiness } else { unreadiness },
            Arc::clone(&permit),
        );
        let server = Server::new();
        let mut client = testing::pipe_on(server.clone(), service);
        let request = format!("POST / HTTP/1.1\r\nhost: a\r\n{head}\r\n");
        client.write_all(request.as_bytes()).await.expect("a pipe");
        let answer = until_closed(&mut client).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert_eq!(server.stats().open(), 1, "it lingers");
        assert_eq!(Arc::strong_count(&permit), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handle_belongs_to_its_exchange() {
    let kept = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&kept);
    let service = move |request: Request<Body>| {
        *keep.lock().expect("unpoisoned") = handle(request.body());
        async { Response::new(Body::empty()) }
    };
    let mut client = connect(&Server::new(), service);
    client.write_all(GET.as_bytes()).await.expect("a pipe");
    until(&mut client, "\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let handle = kept.lock().expect("unpoisoned").clone().expect("was set");
    assert_eq!(handle.number(), 1);
    assert_eq!(
        handle.send_interim(StatusCode::EARLY_HINTS, HeaderMap::new()),
        Err(OrderError::Over)
    );
    assert_eq!(handle.close_after(), Err(OrderError::Over));
    assert!(!handle.is_closed());
    drop(client);
    handle.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_sees_its_peer_go() {
    let service = |request: Request<Body>| async move {
        let handle = handle(request.body()).expect("ours");
        tokio::time::timeout(Duration::from_secs(100), handle.closed())
            .await
            .expect("the peer goes");
        Response::new(Body::from("bye"))
    };
    let mut client = connect(&Server::new(), service);
    client.write_all(GET.as_bytes()).await.expect("a pipe");
    tokio::time::sleep(Duration::from_secs(5)).await;
    client.shutdown().await.expect("a pipe");
    assert!(
        until_closed(&mut client).await.ends_with("bye"),
        "a half-closed peer is answered"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_goes_cancels_the_handler_where_that_is_asked_for() {
    for (cancels, finished) in [(true, 0), (false, 1)] {
        let server = Server::builder().cancel_on_disconnect(cancels).build();
        let count = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&count);
        let service = move |_: Request<Body>| {
            let count = Arc::clone(&counting);
            async move {
                tokio::time::sleep(Duration::from_secs(5)).await;
                count.fetch_add(1, Ordering::Relaxed);
                Response::new(Body::empty())
            }
        };
        let mut client = connect(&server, service);
        client.write_all(GET.as_bytes()).await.expect("a pipe");
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(client);
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(count.load(Ordering::Relaxed), finished);
        assert_eq!(server.stats().open(), 0);
    }
}

/// One that is longer than the configured one, or none, counts as well.
#[tokio::test(start_paused = true)]
async fn a_handlers_deadline_takes_the_place_of_the_configured_one() {
    let server = Server::builder()
        .deadlines(|deadlines| deadlines.response = Some(Duration::from_secs(1)))
        .build();
    let service = |request: Request<Body>| async move {
        let handle = handle(request.body()).expect("ours");
        let at = match request.uri().path() {
            "/later" => Some(Some(Instant::now() + Duration::from_secs(5))),
            "/never" => Some(None),
            _ => None,
        };
        if let Some(at) = at {
            handle.set_response_deadline(at).expect("before");
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        Response::new(Body::from("done"))
    };
    for (target, status, seconds) in [("/", 503, 1), ("/later", 503, 5), ("/never", 200, 10)] {
        let mut client = connect(&server, service);
        let request = format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.expect("a pipe");
        let start = Instant::now();
        let answer = until_closed(&mut client).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(
            (seconds..=seconds + 1).contains(&start.elapsed().as_secs()),
            "{target}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_close_and_may_set_its_deadlines() {
    let service = |request: Request<Body>| async move {
        let handle = handle(request.body()).expect("ours");
        match request.uri().path() {
            "/close" => handle.close_after().expect("before the response"),
            "/response" => {
                handle
                    .set_response_deadline(Some(Instant::now() + Duration::from_secs(3)))
                    .expect("before");
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
            _ => {
                handle
                    .set_content_deadline(Some(Instant::now() + Duration::from_secs(3)))
                    .expect("before");
                return echo(request).await;
            }
        }
        Response::new(Body::from("done"))
    };
    let get = |target: &str, more: &str| format!("POST {target} HTTP/1.1\r\nhost: a\r\n{more}\r\n");
    for (request, status, seconds) in [
        (get("/close", ""), "200 OK", 0),
        (get("/response", ""), "503 Service Unavailable", 3),
        (
            get("/content", "content-length: 5\r\n"),
            "408 Request Timeout",
            3,
        ),
    ] {
        let mut client = connect(&Server::new(), service);
        client.write_all(request.as_bytes()).await.expect("a pipe");
        let start = Instant::now();
        let answer = until_closed(&mut client).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(
            (seconds..=seconds + 1).contains(&start.elapsed().as_secs()),
            "{:?}",
            start.elapsed()
        );
    }
}

/// Too late for the head to say so, and for an interim response; the same where only the request's content is still to come.
#[tokio::test(start_paused = true)]
async fn a_handler_may_close_while_its_response_is_on_its_way() {
    let (told, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let service = move |request: Request<Body>| {
        let told = told.clone();
        async move {
            let handle = handle(request.body()).expect("ours");
            let (mut sender, stream) = Body::channel(1);
            let streams = request.uri() == "/stream";
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let interim = handle.send_interim(StatusCode::EARLY_HINTS, HeaderMap::new());
                let _ = told.send((handle.close_after(), interim));
                tokio::time::sleep(Duration::from_secs(1)).await;
                let _ = request.into_body().collect_bytes(10).await;
                let _ = sender.data("late").await;
                let _ = sender.finish().await;
            });
            Response::new(if streams { stream } else { Body::from("early") })
        }
    };
    for (target, end) in [("/stream", "late\r\n0\r\n\r\n"), ("/content", "early")] {
        let mut client = connect(&Server::new(), service.clone());
        let head = format!("POST {target} HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n");
        client.write_all(head.as_bytes()).await.expect("a pipe");
        let start = Instant::now();
        assert_eq!(
            answers.recv().await,
            Some((Ok(()), Err(OrderError::Over))),
            "{target}"
        );
        client.write_all(b"ping").await.expect("a pipe");
        let answer = until_closed(&mut client).await;
        assert!(answer.ends_with(end), "{answer}");
        assert!(start.elapsed() < Duration::from_secs(4), "{target}");
    }
}

#[tokio::test(start_paused = true)]
async fn states_are_told_in_their_order() {
    use ConnectionState::{Active, Closed, Idle, New};
    let states = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&states);
    let server = Server::builder()
        .on_state(move |_: &ConnectionInfo, state| told.lock().expect("unpoisoned").push(state))
        .build();
    say(connect(&server, echo), GET.as_bytes(), 1000).await;
    assert_eq!(
        *states.lock().expect("unpoisoned"),
        [New, Active, Idle, Closed]
    );
    let stats = server.stats();
    assert_eq!((stats.accepted, stats.requests, stats.open()), (1, 1, 0));
    assert_eq!(stats.received, GET.len() as u64);
    assert!(stats.sent > 50);
    // An octet has come, whatever it was.
    states.lock().expect("unpoisoned").clear();
    say(connect(&server, echo), b"offence\r\n\r\n", 1000).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let told = states.lock().expect("unpoisoned").clone();
    assert_eq!(told, [New, Active, Closed]);
}

/// Its handler aborts while another task reads the content.
#[tokio::test(start_paused = true)]
async fn octets_of_content_count_however_their_connection_ends() {
    let server = Server::new();
    let service = |request: Request<Body>| async {
        tokio::spawn(request.into_body().collect_bytes(1 << 20));
        tokio::time::sleep(Duration::from_secs(1)).await;
        http_server::abort()
    };
    let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n";
    let octets = [&head[..], &[b'x'; 50_000]].concat();
    say(connect(&server, service), &octets, usize::MAX).await;
    assert_eq!(server.stats().received, octets.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn the_last_of_so_many_requests_closes() {
    let server = Server::builder()
        .bounds(|bounds| bounds.requests = Some(2))
        .build();
    let answer = say(connect(&server, echo), GET.repeat(3).as_bytes(), usize::MAX).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2);
    assert_eq!(answer.matches("connection: close").count(), 1);
}

/// The closure, its future and its response are 16 KiB each.
#[tokio::test]
async fn a_connection_is_small_whatever_its_service() {
    let (_client, peer) = tokio::io::duplex(64);
    let large = [7_u8; 16 * 1024];
    let service = service_fn(move |_: Request<Body>| async move {
        let kept = large;
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(Response::new(Body::from(kept.to_vec())))
    });
    let connection = Server::new().serve_connection(peer, service);
    let size = std::mem::size_of_val(&connection);
    assert!(size <= 1024, "{size}");
}
