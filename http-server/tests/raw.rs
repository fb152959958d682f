//! The raw lane: heads as octets in, field lines that were never a map out, and the same connection around them.

mod wire;

use std::convert::Infallible;

use http::{HeaderName, HeaderValue, StatusCode, header};
use http_codec::{RawFields, ReasonPhrase};
use http_server::{Body, ConnectionInfo, Server, raw};
use tokio::io::DuplexStream;
use tower_service::Service;
use wire::say;

/// A connection to a service of the raw lane.
fn connect<S, F, B>(server: &Server, service: S) -> DuplexStream
where
    S: Service<raw::Request, Response = raw::Response<F, B>, Error = Infallible, Future: Send>
        + Send
        + 'static,
    F: http_codec::FieldLines + Send + Sync + 'static,
    B: http_body::Body<Data: Send, Error = Infallible> + Send + 'static,
{
    let (client, peer) = tokio::io::duplex(64 * 1024);
    tokio::spawn(server.serve_raw_connection(peer, ConnectionInfo::default(), service));
    client
}

/// Answers with the head's first line, one of its fields as it was spelled, and the content.
async fn mirror(
    request: raw::Request,
) -> Result<
    raw::Response<[(HeaderName, HeaderValue); 1], http_body_util::Full<bytes::Bytes>>,
    Infallible,
> {
    let (head, body) = request.into_parts();
    let content = body.collect_bytes(1 << 16).await;
    let mut text = format!("{} {} ", head.method(), head.target()).into_bytes();
    let odd = head.fields().find(|field| field.name.starts_with("X-"));
    text.extend(odd.map_or("", |field| field.name).bytes());
    text.push(b' ');
    text.extend_from_slice(&content.unwrap_or_default());
    let fields = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"))];
    Ok(raw::Response::new(
        StatusCode::OK,
        fields,
        bytes::Bytes::from(text).into(),
    ))
}

#[tokio::test(start_paused = true)]
async fn a_head_arrives_as_it_was_sent() {
    let octets = "GET /a?b HTTP/1.1\r\nHost: a\r\nX-oDD: 1\r\n\r\n\
                  POST /c HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello\
                  POST /d HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    for step in [1, 7, 10_000] {
        let service = raw::service_fn(mirror);
        let answer = say(connect(&Server::new(), service), octets.as_bytes(), step).await;
        assert_eq!(
            answer,
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 15\r\n\r\nGET /a?b X-oDD \
             HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 14\r\n\r\nPOST /c  hello\
             HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 11\r\nconnection: close\r\n\r\nPOST /d  hi"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn field_lines_keep_their_order_and_spelling_and_framing_stays_the_servers() {
    let service = raw::service_fn(|_: raw::Request| async {
        let mut fields = RawFields::new();
        for (name, value) in [
            ("X-B", "2"),
            ("x-a", "1"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Length", "99"),
            ("Connection", "close, x-a"),
        ] {
            fields.push(name, value).expect("a good line");
        }
        let reason = ReasonPhrase::new("Fine").expect("a reason");
        let body = http_body_util::Full::new("four".as_bytes());
        Ok(raw::Response::new(StatusCode::OK, fields, body).with_reason(reason))
    });
    let octets = "GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(2);
    let answer = say(connect(&Server::new(), service), octets.as_bytes(), 9999).await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 Fine\r\nX-B: 2\r\nx-a: 1\r\ncontent-length: 4\r\nconnection: close, x-a\r\n\r\nfour"
    );
}

#[tokio::test(start_paused = true)]
async fn offences_panics_and_expectations_are_answered_as_in_the_other_lane() {
    for (octets, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (
            "POST / HTTP/1.1\r\nhost: a\r\nexpect: 200-ok\r\ncontent-length: 1\r\n\r\n",
            "417 Expectation Failed",
        ),
        (
            "GET /panic HTTP/1.1\r\nhost: a\r\n\r\n",
            "500 Internal Server Error",
        ),
        (
            "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
            "400 Bad Request",
        ),
    ] {
        let service = raw::service_fn(|request: raw::Request| {
            assert_ne!(request.head().target(), "/panic");
            assert_eq!(request.handle().map(|handle| handle.number()), Some(1));
            mirror(request)
        });
        let answer = say(connect(&Server::new(), service), octets.as_bytes(), 3).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
}

/// A tunnel is granted in this lane, too.
#[tokio::test(start_paused = true)]
async fn an_upgrade_is_taken() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let service = raw::service_fn(|request: raw::Request| async move {
        let upgrading = request.handle().expect("ours").upgrade().expect("offered");
        tokio::spawn(async move {
            let mut stream = upgrading.await.expect("101 was sent");
            let mut said = [0; 4];
            stream.read_exact(&mut said).await.expect("read ahead");
            stream.write_all(&said).await.expect("a pipe");
            stream.shutdown().await.expect("a pipe");
        });
        let fields = [
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::UPGRADE, HeaderValue::from_static("ping")),
        ];
        let status = StatusCode::SWITCHING_PROTOCOLS;
        Ok(raw::Response::new(
            status,
            fields,
            http_body_util::Empty::<bytes::Bytes>::new(),
        ))
    });
    let octets = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: ping\r\n\r\nping";
    let answer = say(connect(&Server::new(), service), octets, 9999).await;
    assert!(
        answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\nping"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_of_ours_is_answered_with() {
    let (client, peer) = tokio::io::duplex(64 * 1024);
    let service = raw::service_fn(|_: raw::Request| async {
        Ok::<_, Infallible>(raw::Response::new(
            StatusCode::NOT_FOUND,
            (),
            Body::from("no"),
        ))
    });
    tokio::spawn(Server::new().serve_raw_connection(peer, ConnectionInfo::default(), service));
    let answer = say(client, b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n", 9999).await;
    assert_eq!(
        answer,
        "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n"
    );
}
