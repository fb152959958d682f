//! What a trace tells of an exchange.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_client::{Body, Options, ResponseExt};
use peer::{OK, answering, client, head, in_memory, post};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_trace_tells_the_course_of_an_exchange() {
    let peer = answering(|_| OK.into()).await;
    let client = client();
    let traces = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..2 {
        let notes = Arc::clone(&traces);
        let call = client
            .get(peer.url("/"))
            .trace(move |trace| notes.lock().unwrap().push(trace.clone()));
        call.send().await.unwrap().bytes(10).await.unwrap();
    }
    let traces = traces.lock().unwrap();
    assert_eq!(traces.len(), 2);
    assert!(!traces[0].reused && traces[0].dial.is_some_and(|dial| dial.connect.is_some()));
    assert!(traces[1].reused && traces[1].idle.is_some() && traces[1].dial.is_none());
    for trace in &*traces {
        assert!(trace.complete);
        assert_eq!(trace.peer_addr, Some(peer.addr));
        let times = [
            trace.got_connection,
            trace.wrote_head,
            trace.wrote_request,
            trace.first_octet,
            trace.head,
            trace.done,
        ];
        assert!(
            times.iter().all(Option::is_some) && times.is_sorted(),
            "{trace:?}"
        );
    }
}

/// Each moment for itself: the head, the content a second later, the first octet a second later, the rest.
#[tokio::test(start_paused = true)]
async fn the_moments_of_a_slow_exchange_are_told_apart() {
    let second = Duration::from_secs(1);
    let transport = in_memory(move |_, mut stream| async move {
        head(&mut stream).await.unwrap();
        tokio::time::sleep(2 * second).await;
        for piece in ["HTTP/1.1 200 OK\r\nconte", "nt-length: 2\r\n\r\no", "k"] {
            stream.write_all(piece.as_bytes()).await.unwrap();
            tokio::time::sleep(second).await;
        }
    })
    .build();
    let (mut sender, body) = Body::channel(1);
    let (report, told) = std::sync::mpsc::channel();
    let mut request = post("http://origin/", body);
    let options = Options::new().with_trace(move |trace| report.send(trace.clone()).unwrap());
    request.extensions_mut().insert(options);
    tokio::spawn(async move {
        tokio::time::sleep(second).await;
        sender.data("content").await.unwrap();
        sender.finish().await.unwrap();
    });
    let response = transport.round_trip(request).await.unwrap();
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
    let trace = told.recv().unwrap();
    let times = [
        trace.wrote_head,
        trace.wrote_request,
        trace.first_octet,
        trace.head,
        trace.done,
    ];
    assert_eq!(
        times.map(|time| time.unwrap().as_secs()),
        [0, 1, 2, 3, 4],
        "{trace:?}"
    );
}
