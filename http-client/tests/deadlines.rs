//! Every deadline, with a paused clock.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::time::Duration;

use http_client::{
    Body, Client, Connecting, Deadlines, ErrorKind, Io, Options, Phase, Progress, Resolving,
    ResponseExt, Retries, Target, TransportBuilder,
};
use peer::{OK, get, head, in_memory, plain, post, redirect, request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// What a call fails with, and after how long.
async fn failure(
    transport: TransportBuilder,
    request: http::Request<Body>,
) -> (ErrorKind, Phase, Duration) {
    let transport = transport.build();
    let begun = Instant::now();
    let error = transport.round_trip(request).await.unwrap_err();
    let elapsed = begun.elapsed();
    assert!(error.is_timeout());
    tokio::time::sleep(Duration::from_millis(1)).await;
    let stats = transport.stats();
    assert_eq!((stats.active(), stats.waiting()), (0, 0));
    (error.kind(), error.phase(), elapsed)
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test(start_paused = true)]
async fn resolving() {
    let silent =
        plain().resolver(|_: &str, _: u16| -> Resolving { Box::pin(std::future::pending()) });
    let failed = failure(silent, get("http://a/")).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Resolve, seconds(10)));
}

#[tokio::test(start_paused = true)]
async fn connecting() {
    let silent = plain().connector(|_: &Target| -> Connecting { Box::pin(std::future::pending()) });
    let failed = failure(silent, get("http://a/")).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Connect, seconds(10)));
}

#[tokio::test(start_paused = true)]
async fn the_head_of_the_response() {
    let silent = in_memory(|_, mut stream| async move {
        request(&mut stream).await;
        let _ = stream.read_u8().await;
    });
    let failed = failure(silent, get("http://a/")).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Head, seconds(30)));
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips() {
    let dripping = in_memory(|_, mut stream| async move {
        request(&mut stream).await;
        for octet in b"HTTP/1.1 200 OK\r\nx: yyyyyyyyyyyyyyyyyyyyyyyyy" {
            let _ = stream.write_u8(*octet).await;
            tokio::time::sleep(seconds(1)).await;
        }
    });
    let failed = failure(dripping, get("http://a/")).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Head, seconds(30)));
}

#[tokio::test(start_paused = true)]
async fn the_head_counts_from_the_end_of_the_request() {
    let silent = in_memory(|_, mut stream| async move {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
    });
    let slow = futures::stream::unfold(0, |count| async move {
        tokio::time::sleep(seconds(20)).await;
        (count < 5).then_some((Ok::<_, std::io::Error>("x"), count + 1))
    });
    let failed = failure(silent, post("http://a/", Body::from_stream(slow))).await;
    assert_eq!(
        failed,
        (ErrorKind::Timeout, Phase::Head, seconds(6 * 20 + 30))
    );
}

/// A request that is sent again has all the time of one that is sent: to get a connection, and for its answer.
#[tokio::test(start_paused = true)]
async fn each_attempt_has_its_own_deadlines() {
    for all_die in [false, true] {
        let transport = in_memory(move |number, mut stream| async move {
            while request(&mut stream).await.is_some() {
                tokio::time::sleep(seconds(10 + number as u64)).await;
                stream.write_all(OK.as_bytes()).await.unwrap();
                if number == 1 || (all_die && number == 0) {
                    request(&mut stream).await;
                    return tokio::time::sleep(seconds(25)).await;
                }
            }
        })
        .deadlines(Deadlines::default().with_wait(seconds(5)))
        .build();
        let two = tokio::join!(
            transport.round_trip(get("http://a/")),
            transport.round_trip(get("http://a/"))
        );
        drop((two.0.unwrap(), two.1.unwrap()));
        let begun = Instant::now();
        let response = transport.round_trip(get("http://a/")).await.unwrap();
        assert_eq!(response.bytes(9).await.unwrap(), "ok");
        // The third connection, where the first two die.
        let answer = if all_die { 25 + 25 + 12 } else { 25 + 10 };
        assert_eq!(begun.elapsed(), seconds(answer));
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read() {
    let deaf = in_memory(|_, stream| async move {
        tokio::time::sleep(seconds(1000)).await;
        drop(stream);
    });
    let failed = failure(deaf, post("http://a/", vec![0; 1 << 20])).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Send, seconds(90)));
}

/// The same where the transport takes all octets and keeps them, as TLS does with the last of them.
#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_behind_a_buffer() {
    let deaf = plain().connector(|_: &Target| -> Connecting {
        let (ours, theirs) = tokio::io::duplex(1024);
        tokio::spawn(async move {
            tokio::time::sleep(seconds(1000)).await;
            drop(theirs);
        });
        let kept = tokio::io::BufStream::with_capacity(1024, 1 << 20, ours);
        Box::pin(async move { Ok(Box::new(kept) as Box<dyn Io>) })
    });
    let failed = failure(deaf, post("http://a/", vec![0; 1 << 18])).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Send, seconds(90)));
}

/// The pause counts from the last octet that the peer took.
#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_reading() {
    let tired = in_memory(|_, mut stream| async move {
        let mut taken = vec![0; 100 * 1024];
        for _ in 0..3 {
            tokio::time::sleep(seconds(50)).await;
            stream.read_exact(&mut taken).await.unwrap();
        }
        tokio::time::sleep(seconds(1000)).await;
        drop(stream);
    });
    let failed = failure(tired, post("http://a/", vec![0; 1 << 20])).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Send, seconds(150 + 90)));
}

/// Content that the application takes its time to make is no pause of the peer's.
#[tokio::test(start_paused = true)]
async fn slow_content_is_not_the_peers_fault() {
    let (sent_late, taken_late) = (seconds(85), seconds(80));
    let patient = in_memory(move |_, mut stream| async move {
        tokio::time::sleep(sent_late + taken_late).await;
        let mut buffer = vec![0; 1 << 20];
        let mut octets = Vec::new();
        while !octets.ends_with(b"0\r\n\r\n") {
            let count = stream.read(&mut buffer).await.unwrap();
            octets.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .build();
    let (mut sender, body) = Body::channel(1);
    tokio::spawn(async move {
        tokio::time::sleep(sent_late).await;
        sender.data(vec![0; 1 << 20]).await.unwrap();
        sender.finish().await.unwrap();
    });
    let response = patient.round_trip(post("http://a/", body)).await.unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
}

#[tokio::test(start_paused = true)]
async fn the_call_as_a_whole() {
    let silent = in_memory(|_, mut stream| async move {
        request(&mut stream).await;
        let _ = stream.read_u8().await;
    });
    let mut request = get("http://a/");
    let deadlines = Deadlines::default().with_total(seconds(3));
    request
        .extensions_mut()
        .insert(Options::new().with_deadlines(deadlines));
    assert_eq!(
        failure(silent, request).await,
        (ErrorKind::Timeout, Phase::Call, seconds(3))
    );
}

/// Go's `Transport` looks at the context first.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_over_sends_nothing() {
    let transport = in_memory(|_, mut stream| async move {
        request(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        assert!(request(&mut stream).await.is_none());
    })
    .build();
    let response = transport.round_trip(get("http://a/")).await.unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
    let client = Client::builder().transport(transport.clone()).build();
    let call = client.post("http://a/").timeout(Duration::ZERO).body("x");
    let error = call.send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase(), error.progress()),
        (ErrorKind::Timeout, Phase::Call, Progress::Nothing)
    );
    assert_eq!(transport.stats().idle(), 1);
}

/// A redirect and then content without end: the call ends in time, also where layers lie between client and transport.
#[tokio::test(start_paused = true)]
async fn the_call_as_a_whole_over_its_hops() {
    for layers in [false, true] {
        let transport = in_memory(|_, mut stream| async move {
            request(&mut stream).await;
            tokio::time::sleep(seconds(7)).await;
            let moved = redirect(302, "/endless");
            stream.write_all(moved.as_bytes()).await.unwrap();
            request(&mut stream).await;
            let head = "HTTP/1.1 200 OK\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(seconds(1)).await;
            }
        })
        .build();
        let client = match layers {
            false => Client::builder().transport(transport),
            true => Client::builder().service(transport),
        };
        let begun = Instant::now();
        let call = client.build().get("http://a/").timeout(seconds(10));
        let error = call.send().await.unwrap().bytes(999).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.phase()),
            (ErrorKind::Timeout, Phase::Call)
        );
        assert_eq!(begun.elapsed(), seconds(10), "{layers}");
    }
}

/// Whoever sends it again may send it twice.
#[tokio::test(start_paused = true)]
async fn a_call_that_times_out_in_a_layer_is_not_known_to_be_unsent() {
    #[derive(Clone)]
    struct Silent;
    impl tower_service::Service<http::Request<Body>> for Silent {
        type Response = http::Response<Body>;
        type Error = http_client::Error;
        type Future = http_client::ResponseFuture;
        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), Self::Error>> {
            std::task::Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: http::Request<Body>) -> Self::Future {
            Box::pin(std::future::pending())
        }
    }
    let client = Client::builder().service(Silent).build();
    let call = client.post("http://a/").timeout(seconds(1)).send();
    let error = call.await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (ErrorKind::Timeout, Phase::Call)
    );
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_free_connection() {
    let busy = in_memory(|_, mut stream| async move {
        while request(&mut stream).await.is_some() {
            tokio::time::sleep(seconds(20)).await;
            let _ = stream.write_all(OK.as_bytes()).await;
        }
    });
    let transport = busy
        .max_conns_per_host(1)
        .deadlines(Deadlines::default().with_wait(seconds(5)))
        .build();
    let (first, second) = tokio::join!(
        transport.round_trip(get("http://a/")),
        transport.round_trip(get("http://a/"))
    );
    assert_eq!(first.unwrap().status(), 200);
    let error = second.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (ErrorKind::Timeout, Phase::Wait)
    );
    assert_eq!(transport.stats().waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn content_that_stalls() {
    let stalling = in_memory(|_, mut stream| async move {
        request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")
            .await
            .unwrap();
        for _ in 0..5 {
            tokio::time::sleep(seconds(80)).await;
            stream.write_all(b"x").await.unwrap();
        }
        let _ = stream.read_u8().await;
    });
    let transport = stalling.build();
    let response = transport.round_trip(get("http://a/")).await.unwrap();
    let begun = Instant::now();
    let error = response.bytes(10).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (ErrorKind::Timeout, Phase::Content)
    );
    assert_eq!(begun.elapsed(), seconds(5 * 80 + 90));
    assert!(transport.stats().hosts.is_empty());
}

/// The timer of the whole call moves into the content, also where that never pauses for long.
#[tokio::test(start_paused = true)]
async fn content_that_never_ends() {
    let endless = in_memory(|_, mut stream| async move {
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let transport = endless
        .deadlines(Deadlines::default().with_total(seconds(7)))
        .build();
    let begun = Instant::now();
    let response = transport.round_trip(get("http://a/")).await.unwrap();
    let error = response.bytes(1 << 20).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (ErrorKind::Timeout, Phase::Call)
    );
    assert!(
        error.report().contains("the call as a whole"),
        "{}",
        error.report()
    );
    assert_eq!(begun.elapsed(), seconds(7));
}

/// A proxy that takes the request for a tunnel and says nothing, of either kind.
#[tokio::test(start_paused = true)]
async fn a_proxy_that_does_not_answer() {
    for proxy in ["http://proxy:1", "socks5://proxy:1"] {
        let silent = in_memory(|_, mut stream| async move {
            let mut taken = Vec::new();
            let _ = stream.read_to_end(&mut taken).await;
        });
        let proxy = http_client::Proxy::new(proxy).unwrap();
        let silent = silent.proxies(http_client::Proxies::all(proxy));
        let failed = failure(silent, get("https://a/")).await;
        assert_eq!(failed, (ErrorKind::Timeout, Phase::Tunnel, seconds(30)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_is_not_there() {
    let proxy = http_client::Proxy::new("http://proxy:1").unwrap();
    let silent = plain().connector(|_: &Target| -> Connecting { Box::pin(std::future::pending()) });
    let silent = silent.proxies(http_client::Proxies::all(proxy));
    let failed = failure(silent, get("http://a/")).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Connect, seconds(10)));
}

#[cfg(feature = "tls")]
#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_not_answered() {
    let silent = in_memory(|_, mut stream| async move {
        let mut taken = Vec::new();
        let _ = stream.read_to_end(&mut taken).await;
    });
    let failed = failure(silent, get("https://localhost/")).await;
    assert_eq!(failed, (ErrorKind::Timeout, Phase::Handshake, seconds(10)));
}

#[tokio::test(start_paused = true)]
async fn more_time_than_there_is_is_for_ever() {
    let all = Duration::MAX;
    let deadlines = Deadlines::none()
        .with_wait(all)
        .with_resolve(all)
        .with_connect(all)
        .with_tunnel(all)
        .with_handshake(all)
        .with_expect_continue(all)
        .with_head(all)
        .with_content(all)
        .with_total(all);
    let transport = in_memory(|_, mut stream| async move {
        while head(&mut stream).await.is_some() {
            tokio::time::sleep(seconds(100)).await;
            stream
                .write_all(b"HTTP/1.1 100 Go on\r\n\r\n")
                .await
                .unwrap();
            stream.read_exact(&mut vec![0; 1 << 20]).await.unwrap();
            stream
                .write_all(&OK.as_bytes()[..OK.len() - 2])
                .await
                .unwrap();
            tokio::time::sleep(seconds(100)).await;
            stream.write_all(b"ok").await.unwrap();
        }
    })
    .deadlines(deadlines)
    .idle_timeout(all)
    .max_age(all)
    .build();
    let client = Client::builder().transport(transport.clone()).build();
    for _ in 0..2 {
        let call = client.post("http://a/").header("expect", "100-continue");
        let response = call.body(vec![0; 1 << 20]).send().await.unwrap();
        assert_eq!(response.bytes(9).await.unwrap(), "ok");
    }
    assert_eq!(transport.stats().hosts[0].reused, 1);
}

#[tokio::test(start_paused = true)]
async fn a_pause_beyond_the_end_of_the_call_is_not_begun() {
    let transport = in_memory(|_, stream| async move { drop(stream) }).build();
    let retries = Retries::new(2).with_backoff(Duration::MAX, Duration::MAX);
    let client = Client::builder().transport(transport).retries(retries);
    let call = client.build().get("http://a/").timeout(seconds(5));
    assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::Closed);
}
