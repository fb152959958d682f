//! A loan, from the first piece to the way home.

use super::*;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Wake;

use bytes::BytesMut;
use http_body_util::BodyExt;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

use crate::body::{Body, Lender};
use crate::{BodyLength, Leniency, Limits};

#[derive(Default)]
struct Connection {
    home: Home,
}

impl Lender for Connection {
    fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Result<Piece, BodyError>> {
        self.home.poll_piece(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.home.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.home.size_hint()
    }

    fn returned(&self) {
        self.home.returned();
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn std::any::Any + Send + Sync> {
        self
    }
}

/// Lends content of which `buffered` has been read ahead; the rest comes through the pipe.
fn lend(length: BodyLength, buffered: &str) -> (Arc<Connection>, Body, DuplexStream) {
    let (ours, theirs) = duplex(1024);
    let half = ReadHalf::with_buffered(Box::new(ours), BytesMut::from(buffered));
    let decoder = BodyDecoder::new(length, Limits::request(), Leniency::default());
    let connection = Arc::new(Connection::default());
    connection.home.lend(half, decoder);
    let body = Body::lent(Arc::clone(&connection) as Arc<dyn Lender>);
    (connection, body, theirs)
}

#[tokio::test]
async fn the_half_is_home_before_the_last_piece_is_seen() {
    let cases = [
        (BodyLength::Known(5), "hello"),
        (BodyLength::Chunked, "5\r\nhello\r\n0\r\n\r\n"),
        (BodyLength::Chunked, "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"),
    ];
    for (length, content) in cases {
        let (connection, mut body, _pipe) = lend(length, &format!("{content}NEXT"));
        assert_eq!(
            body.next_data().await.unwrap().unwrap(),
            "hello",
            "{content:?}"
        );
        let back = connection.home.take_home().expect("the half is home");
        assert!(back.is_complete());
        assert_eq!(back.half.buffered(), b"NEXT");
        let trailers = body.collect().await.unwrap().trailers().cloned();
        assert_eq!(trailers.is_some(), content.contains("X-Sum"), "{content:?}");
    }
}

#[tokio::test]
async fn a_spent_ticket_does_not_disturb_the_next_loan() {
    let (connection, mut first, _pipe) = lend(BodyLength::Known(5), "hellofirst");
    first.next_data().await.unwrap();
    let back = connection.home.take_home().expect("the half is home");
    let decoder = BodyDecoder::new(BodyLength::Known(5), Limits::request(), Leniency::default());
    connection.home.lend(back.half, decoder);
    drop(first);
    assert!(
        connection.home.take_home().is_none(),
        "the second loan goes on"
    );
}

#[tokio::test]
async fn a_dropped_body_sends_the_half_home() {
    let (connection, body, _pipe) = lend(BodyLength::Known(10), "hello");
    let waiting = tokio::spawn({
        let connection = Arc::clone(&connection);
        async move { poll_fn(|cx| connection.home.poll_home(cx)).await }
    });
    tokio::task::yield_now().await;
    drop(body);
    let back = waiting.await.unwrap();
    assert!(!back.is_complete());
    assert_eq!(back.fault, None);
    assert_eq!(back.decoder.remaining(), Some(10));
}

/// A task that is known by its waker alone goes with it, and the body that it holds comes back to the slot.
#[test]
fn the_waker_that_is_replaced_may_hold_the_body() {
    struct Task(#[allow(dead_code, reason = "it is there to be dropped")] Mutex<Body>);
    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }
    let (done, back) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (connection, body, _pipe) = lend(BodyLength::Known(10), "hello");
        for task in [
            Waker::from(Arc::new(Task(Mutex::new(body)))),
            Waker::noop().clone(),
        ] {
            let home = connection.home.poll_home(&mut Context::from_waker(&task));
            assert!(home.is_pending());
        }
        done.send(connection.home.take_home().is_some())
    });
    assert_eq!(back.recv_timeout(Duration::from_secs(9)), Ok(true));
}

#[tokio::test]
async fn a_fault_is_recorded_before_the_borrower_meets_it() {
    let (connection, mut body, _pipe) = lend(BodyLength::Chunked, "5\r\nhello\r\nzz\r\n");
    assert_eq!(body.next_data().await.unwrap().unwrap(), "hello");
    let fault = connection.home.fault().expect("the fault is known");
    assert_eq!(fault.kind, BodyErrorKind::Malformed);
    assert_eq!(fault.status, Some(StatusCode::BAD_REQUEST));
    assert_eq!(
        body.next_data().await.unwrap_err().kind(),
        BodyErrorKind::Malformed
    );
    assert!(
        !connection
            .home
            .take_home()
            .expect("the half is home")
            .is_complete()
    );
}

#[tokio::test]
async fn an_early_close_is_truncation() {
    let (connection, mut body, pipe) = lend(BodyLength::Known(10), "hello");
    drop(pipe);
    assert_eq!(body.next_data().await.unwrap().unwrap(), "hello");
    assert_eq!(
        body.next_data().await.unwrap_err().kind(),
        BodyErrorKind::Truncated
    );
    assert!(
        body.next_data().await.unwrap().is_none(),
        "an error ends the body"
    );
    assert!(connection.home.take_home().is_some());
}

#[tokio::test]
async fn a_revoked_borrower_is_woken_and_told_why() {
    let (connection, mut body, _pipe) = lend(BodyLength::Known(10), "");
    let reading = tokio::spawn(async move { body.next_data().await });
    tokio::task::yield_now().await;
    let reason = BodyError::new(BodyErrorKind::Timeout, "the content stalled");
    assert!(connection.home.revoke(reason).is_some());
    assert_eq!(
        reading.await.unwrap().unwrap_err().kind(),
        BodyErrorKind::Timeout
    );
}

#[tokio::test(start_paused = true)]
async fn only_the_time_in_which_a_read_is_pending_counts() {
    let (connection, mut body, mut pipe) = lend(BodyLength::Known(10), "");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(connection.home.activity().waited, Duration::ZERO);
    let reading = tokio::spawn(async move {
        body.next_data().await.unwrap();
        body
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(connection.home.activity().waited, Duration::from_secs(3));
    pipe.write_all(b"hello").await.unwrap();
    let _body = reading.await.unwrap();
    tokio::time::sleep(Duration::from_secs(7)).await;
    let activity = connection.home.activity();
    assert_eq!(activity.waited, Duration::from_secs(3));
    assert_eq!((activity.octets, activity.pending_since), (5, None));
}

/// The borrower asked once, and is busy with something else when its octets come.
#[tokio::test(start_paused = true)]
async fn octets_that_have_come_are_not_waited_for() {
    let (connection, mut body, mut pipe) = lend(BodyLength::Known(5), "");
    let arrival = || poll_fn(|cx| Poll::Ready(connection.home.poll_arrival(cx)));
    assert!(!arrival().await, "no read is pending");
    let read = tokio::time::timeout(Duration::from_secs(1), body.next_data());
    read.await.expect_err("nothing has come");
    assert!(!arrival().await, "nothing has come");
    pipe.write_all(b"hello").await.unwrap();
    assert!(arrival().await);
    assert!(!arrival().await, "the read is pending no longer");
    let activity = connection.home.activity();
    assert_eq!((activity.octets, activity.pending_since), (5, None));
    assert_eq!(body.next_data().await.unwrap().unwrap(), "hello");
}
