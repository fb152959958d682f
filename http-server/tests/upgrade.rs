//! Handing the connection over: upgrades, CONNECT, and what is not offered.

mod wire;

use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, header};
use http_server::{Body, ConnectionState, OrderError, Server, handle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use wire::{connect, echo, say, until, until_closed};

const UPGRADE: &str =
    "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: shout\r\n\r\n";

/// Answers 101, and sends back in capitals whatever comes.
async fn shout(request: Request<Body>) -> Response<Body> {
    let upgrading = handle(request.body()).expect("ours").upgrade();
    let mut response = Response::new(Body::empty());
    match upgrading {
        Ok(upgrading) => {
            tokio::spawn(async move {
                let mut stream = upgrading.await.expect("101 was sent");
                let mut octets = [0; 64];
                while let Ok(read @ 1..) = stream.read(&mut octets).await {
                    stream
                        .write_all(&octets[..read].to_ascii_uppercase())
                        .await
                        .expect("the peer reads");
                }
            });
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response
                .headers_mut()
                .insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            response
                .headers_mut()
                .insert(header::UPGRADE, HeaderValue::from_static("shout"));
        }
        Err(error) => {
            assert_eq!(error, OrderError::NotOffered);
            *response.body_mut() = Body::from("not offered");
        }
    }
    response
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_hands_the_connection_over_with_what_was_read() {
    let server = Server::builder()
        .on_state(|_, state| {
            assert_ne!(
                state,
                ConnectionState::Closed,
                "a hijacked connection is not closed"
            )
        })
        .build();
    let mut client = connect(&server, shout);
    client
        .write_all(format!("{UPGRADE}hello").as_bytes())
        .await
        .expect("a pipe");
    assert_eq!(
        until(&mut client, "HELLO").await,
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: shout\r\nconnection: upgrade\r\n\r\nHELLO"
    );
    // No deadline of the server applies any more, nor does its shutdown.
    assert!(server.shutdown(Duration::from_secs(1)).await.is_graceful());
    tokio::time::sleep(Duration::from_secs(1000)).await;
    client.write_all(b"again").await.expect("a pipe");
    until(&mut client, "AGAIN").await;
    assert_eq!(server.stats().hijacked, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_an_offer_is_served_as_usual() {
    for request in [
        "GET / HTTP/1.1\r\nhost: a\r\nupgrade: shout\r\n\r\n",
        "GET / HTTP/1.0\r\nconnection: upgrade, keep-alive\r\nupgrade: shout\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: shout\r\ncontent-length: 2\r\n\r\nhi",
    ] {
        let answer = say(connect(&Server::new(), shout), request.as_bytes(), 1000).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("not offered"),
            "{answer}"
        );
    }
    let answer = say(
        connect(&Server::new(), echo),
        format!("{UPGRADE}{UPGRADE}").as_bytes(),
        1,
    )
    .await;
    assert_eq!(
        answer.matches("GET /chat ").count(),
        2,
        "an offer that nobody takes is ignored"
    );
}

#[tokio::test(start_paused = true)]
async fn a_101_that_was_not_offered_or_not_taken_is_a_500() {
    let service = |_: Request<Body>| async {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response
    };
    for request in ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", UPGRADE] {
        let answer = say(connect(&Server::new(), service), request.as_bytes(), 1000).await;
        assert!(
            answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
            "{answer}"
        );
    }
}

/// RFC 9110 section 7.8: a server must name the protocol that it switches to, and must not switch to one that was not offered.
#[tokio::test(start_paused = true)]
async fn a_101_switches_to_a_protocol_that_was_offered() {
    let offer = "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: shout/1, x\r\nupgrade: y\r\n\r\n";
    for (named, status) in [
        (None, 500),
        (Some("whisper"), 500),
        (Some("shout, whisper"), 500),
        (Some("shout/1"), 101),
        (Some("Y"), 101),
        (Some("X/2, SHOUT"), 101),
    ] {
        let service = move |request: Request<Body>| async move {
            let upgrading = handle(request.body()).expect("ours").upgrade();
            tokio::spawn(upgrading.expect("offered"));
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            if let Some(named) = named {
                let named = HeaderValue::from_static(named);
                response.headers_mut().insert(header::UPGRADE, named);
            }
            response
        };
        let mut client = connect(&Server::new(), service);
        client.write_all(offer.as_bytes()).await.expect("a pipe");
        client.shutdown().await.expect("a pipe");
        let answer = until_closed(&mut client).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{named:?}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_is_not_granted_fails_for_who_waits() {
    let (refused, mut refusals) = tokio::sync::mpsc::unbounded_channel();
    let service = move |request: Request<Body>| {
        let refused = refused.clone();
        async move {
            let upgrading = handle(request.body())
                .expect("ours")
                .upgrade()
                .expect("offered");
            tokio::spawn(async move { refused.send(upgrading.await.expect_err("not switched")) });
            Response::new(Body::from("no"))
        }
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(UPGRADE.repeat(2).as_bytes())
        .await
        .expect("a pipe");
    let start = Instant::now();
    for _ in 0..2 {
        refusals.recv().await.expect("told");
    }
    // The connection stays open: it is not its end that tells.
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(
        until(&mut client, "\r\n\r\nno")
            .await
            .matches("200 OK")
            .count(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn connect_becomes_a_tunnel() {
    let service = |request: Request<Body>| async move {
        assert_eq!(request.uri(), "example.com:443");
        let upgrading = handle(request.body())
            .expect("ours")
            .upgrade()
            .expect("a CONNECT");
        tokio::spawn(async move {
            let mut stream = upgrading.await.expect("2xx was sent");
            let (mut reader, mut writer) = tokio::io::split(&mut stream);
            let _ = tokio::io::copy(&mut reader, &mut writer).await;
            let _ = stream.shutdown().await;
        });
        Response::new(Body::empty())
    };
    let mut client = connect(&Server::new(), service);
    client
        .write_all(b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\nearly")
        .await
        .expect("a pipe");
    assert_eq!(
        until(&mut client, "early").await,
        "HTTP/1.1 200 OK\r\n\r\nearly"
    );
    client.write_all(b"late").await.expect("a pipe");
    client.shutdown().await.expect("a pipe");
    assert_eq!(until_closed(&mut client).await, "late");
}

#[tokio::test(start_paused = true)]
async fn connect_that_is_refused_is_answered_as_usual() {
    let service = |_: Request<Body>| async {
        let mut response = Response::new(Body::from("no"));
        *response.status_mut() = StatusCode::FORBIDDEN;
        response
    };
    let answer = say(
        connect(&Server::new(), service),
        b"CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n",
        1000,
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n"),
        "{answer}"
    );
}
