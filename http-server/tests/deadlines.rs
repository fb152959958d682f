//! Every deadline, reached under a paused clock.

mod wire;

use std::time::Duration;

use http::{Request, Response};
use http_server::{Body, Server};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;
use wire::{connect, echo, until, until_closed};

/// Says `octets`, and gives the answer and after how many milliseconds the server closed.
async fn silence_after(server: &Server, octets: &str) -> (String, u128) {
    let mut client = connect(server, echo);
    client.write_all(octets.as_bytes()).await.expect("a pipe");
    let start = Instant::now();
    let answer = until_closed(&mut client).await;
    (answer, start.elapsed().as_millis())
}

/// Lingering takes a second more, after an answer that closes.
fn about(milliseconds: u128, seconds: u128) -> bool {
    (seconds * 1000..=seconds * 1000 + 1100).contains(&milliseconds)
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_goes_after_thirty_seconds() {
    let (answer, after) = silence_after(&Server::new(), "").await;
    assert_eq!(answer, "");
    assert!(about(after, 30), "{after}");
}

/// A task that has done much at one go is put off by tokio, its timers included.
#[tokio::test(start_paused = true)]
async fn a_handler_that_was_busy_before_its_first_wait_has_no_longer() {
    let server = Server::builder()
        .deadlines(|deadlines| deadlines.response = Some(Duration::from_secs(5)))
        .build();
    let mut client = connect(&server, async |_: Request<Body>| {
        for _ in 0..200 {
            tokio::task::consume_budget().await;
        }
        std::future::pending().await
    });
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("a pipe");
    let answer = tokio::time::timeout(Duration::from_secs(60), until_closed(&mut client)).await;
    let answer = answer.expect("the deadline has passed");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_head_has_ten_seconds_in_all() {
    let (answer, after) = silence_after(&Server::new(), "GET / HT").await;
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\r\nconnection: close\r\n"));
    assert!(about(after, 10), "{after}");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_in_has_no_longer() {
    let server = Server::new();
    let mut client = connect(&server, echo);
    let start = Instant::now();
    let mut sent = 0;
    while client.write_all(b"G").await.is_ok() && sent < 30 {
        sent += 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!((10..=12).contains(&start.elapsed().as_secs()), "{sent}");
    assert!(until_closed(&mut client).await.starts_with("HTTP/1.1 408 "));
    assert_eq!(server.stats().errors.timeout, 1);
}

#[tokio::test(start_paused = true)]
async fn a_short_head_deadline_passes_in_silence() {
    let server = Server::builder()
        .deadlines(|d| d.head = Some(Duration::from_secs(4)))
        .build();
    let (answer, after) = silence_after(&server, "GET / HT").await;
    assert_eq!(answer, "");
    assert!(about(after, 4), "{after}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_goes_after_seventy_five_seconds() {
    let (answer, after) = silence_after(&Server::new(), "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(about(after, 75), "{after}");
}

#[tokio::test(start_paused = true)]
async fn content_has_ten_seconds_without_an_octet() {
    for content in [
        "content-length: 5\r\n\r\n",
        "content-length: 5\r\n\r\nhe",
        "transfer-encoding: chunked\r\n\r\n5\r\nhe",
    ] {
        let server = Server::new();
        let (answer, after) =
            silence_after(&server, &format!("POST / HTTP/1.1\r\nhost: a\r\n{content}")).await;
        assert!(
            answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
            "{answer}"
        );
        assert!(about(after, 10), "{after}");
        assert_eq!(server.stats().errors.timeout, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn content_that_drips_in_is_too_slow_after_five_seconds() {
    let server = Server::new();
    let mut client = connect(&server, echo);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n")
        .await
        .expect("a pipe");
    let start = Instant::now();
    while client.write_all(b"x").await.is_ok() && start.elapsed().as_secs() < 30 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(
        (5..=8).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
    assert!(until_closed(&mut client).await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test(start_paused = true)]
async fn content_that_keeps_the_rate_may_take_its_time() {
    let mut client = connect(&Server::new(), echo);
    client
        .write_all(
            b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 18000\r\n\r\n",
        )
        .await
        .expect("a pipe");
    for _ in 0..60 {
        client
            .write_all(&[b'x'; 300])
            .await
            .expect("the server still reads");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(
        until_closed(&mut client)
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
}

/// The clock of the content runs only while somebody waits for it.
#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_its_time_is_not_the_peers_fault() {
    let service = |request: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        echo(request).await
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\n")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(65)).await;
    client.write_all(b"hello").await.expect("a pipe");
    assert!(until_closed(&mut client).await.ends_with("POST / hello"));
}

/// It asks for the content, turns to something else, and comes back long after the content has come.
#[tokio::test(start_paused = true)]
async fn content_that_has_come_is_not_late() {
    let service = |request: Request<Body>| async {
        let mut body = request.into_body();
        let asked = tokio::time::timeout(Duration::from_secs(1), body.next_data()).await;
        asked.expect_err("nothing has come");
        tokio::time::sleep(Duration::from_secs(60)).await;
        echo(Request::new(body)).await
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\n")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.write_all(b"hello").await.expect("a pipe");
    assert!(until_closed(&mut client).await.ends_with("GET / hello"));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_goes_after_thirty_seconds() {
    let service = |_: Request<Body>| async { Response::new(Body::from(vec![b'x'; 1 << 20])) };
    let server = Server::new();
    let mut client = connect(&server, service);
    let start = Instant::now();
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("a pipe");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.stats().active, 1);
    while server.stats().open() > 0 && start.elapsed().as_secs() < 100 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(
        (30..=33).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(server.stats().errors.timeout, 1);
}

#[tokio::test(start_paused = true)]
async fn a_handlers_deadline_is_off_unless_set() {
    let service = |_: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(1000)).await;
        Response::new(Body::from("late"))
    };
    let octets = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut client = connect(&Server::new(), service);
    client.write_all(octets).await.expect("a pipe");
    assert!(
        until(&mut client, "late")
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );

    let server = Server::builder()
        .deadlines(|d| d.response = Some(Duration::from_secs(20)))
        .build();
    let mut client = connect(&server, service);
    let start = Instant::now();
    client.write_all(octets).await.expect("a pipe");
    assert!(
        until_closed(&mut client)
            .await
            .starts_with("HTTP/1.1 503 Service Unavailable\r\n")
    );
    assert!(about(start.elapsed().as_millis(), 20));
}

/// One deadline, one error: the content that the handler had on loan is taken back, and was as good as any.
#[tokio::test(start_paused = true)]
async fn content_that_is_taken_back_is_no_error_of_the_peer() {
    let server = Server::builder()
        .deadlines(|d| d.response = Some(Duration::from_secs(5)))
        .build();
    let mut client = connect(&server, echo);
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n")
        .await
        .expect("a pipe");
    assert!(until_closed(&mut client).await.starts_with("HTTP/1.1 503 "));
    let errors = server.stats().errors;
    assert_eq!((errors.timeout, errors.content), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_connection_beyond_its_age_closes_with_its_answer() {
    let server = Server::builder()
        .deadlines(|d| d.age = Some(Duration::from_secs(10)))
        .build();
    let mut client = connect(&server, echo);
    let octets = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    client.write_all(octets).await.expect("a pipe");
    assert!(
        !until(&mut client, "GET / ")
            .await
            .contains("connection: close")
    );
    let start = Instant::now();
    assert_eq!(until_closed(&mut client).await, "");
    assert!(about(start.elapsed().as_millis(), 10));

    let service = |_: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        Response::new(Body::empty())
    };
    let mut client = connect(&server, service);
    client.write_all(octets).await.expect("a pipe");
    assert!(
        until_closed(&mut client)
            .await
            .contains("\r\nconnection: close\r\n")
    );
}

/// The body lies in a task that never polls it.
#[tokio::test(start_paused = true)]
async fn a_forgotten_body_is_revoked_after_thirty_seconds() {
    let service = |request: Request<Body>| async {
        std::mem::forget(request.into_body());
        Response::new(Body::from("answered"))
    };
    let server = Server::new();
    let mut client = connect(&server, service);
    let start = Instant::now();
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhe")
        .await
        .expect("a pipe");
    assert!(
        until(&mut client, "answered")
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
    assert_eq!(until_closed(&mut client).await, "");
    assert!(
        about(start.elapsed().as_millis(), 30),
        "{:?}",
        start.elapsed()
    );
}
