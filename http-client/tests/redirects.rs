//! Redirects and cookies: what is sent where, and what is not.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderValue;
use http_client::{Body, Client, ErrorKind, Follow, Redirects, ResponseExt};
use peer::{OK, Peer, answering, client, content, field, redirect, request, transport};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn redirects_are_followed_by_gos_rules() {
    for (status, method, seen) in [
        (301, "POST", "GET /next "),
        (302, "POST", "GET /next "),
        (303, "PUT", "GET /next "),
        (302, "HEAD", "HEAD /next "),
        (307, "POST", "POST /next hello"),
        (308, "PUT", "PUT /next hello"),
    ] {
        let log = Arc::new(Mutex::new(String::new()));
        let notes = Arc::clone(&log);
        let peer = answering(move |request| {
            if request.contains(" /first ") {
                return redirect(status, "/next").replace(
                    if request.starts_with("HEAD") {
                        "moved"
                    } else {
                        "\0"
                    },
                    "",
                );
            }
            let (head, content) = request.split_once("\r\n\r\n").unwrap();
            let line: Vec<_> = head.lines().next().unwrap().split(' ').collect();
            assert_eq!(
                field(head, "content-type").is_some(),
                !content.is_empty(),
                "{request}"
            );
            *notes.lock().unwrap() = format!("{} {} {content}", line[0], line[1]);
            "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
        })
        .await;
        let client = client();
        let call = client
            .request(method.parse().unwrap(), peer.url("/first"))
            .header("content-type", "text/plain");
        let call = if method == "HEAD" {
            call
        } else {
            call.body("hello")
        };
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 204, "{status} {method}");
        assert_eq!(*log.lock().unwrap(), seen, "{status} {method}");
        assert_eq!(response.final_url().unwrap().path(), "/next");
        assert_eq!(
            peer.connections(),
            1,
            "the content of a redirect is drained"
        );
    }
}

#[tokio::test]
async fn a_307_whose_content_cannot_be_made_again_is_handed_over() {
    let peer = answering(|_| redirect(307, "/next")).await;
    let stream = futures::stream::iter([Ok::<_, std::io::Error>("x")]);
    let call = client()
        .post(peer.url("/"))
        .header("content-length", "1")
        .body(Body::from_stream(stream));
    let response = call.send().await.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(response.text().await.unwrap(), "moved");
}

#[tokio::test]
async fn redirects_end_after_ten_or_as_the_policy_says() {
    let peer = answering(|request| {
        let number: u32 = request.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        redirect(302, &format!("/{}", number + 1))
    })
    .await;
    let client = client();
    let error = client.get(peer.url("/0")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(
        error.to_string().starts_with("stopped after 10 redirects"),
        "{error}"
    );
    assert_eq!(error.url().unwrap(), peer.url("/11"));
    let none = client
        .get(peer.url("/0"))
        .redirects(Redirects::none())
        .send()
        .await
        .unwrap();
    assert_eq!(none.status(), 302);
    assert!(none.final_url().is_none());
    let policy = Redirects::custom(|hop| match hop.previous.len() {
        1 => {
            hop.fields.insert("x-hop", HeaderValue::from_static("1"));
            Follow::Yes
        }
        2 => Follow::Stop,
        _ => Follow::Refuse("never".into()),
    });
    let stopped = client
        .get(peer.url("/0"))
        .redirects(policy)
        .send()
        .await
        .unwrap();
    assert_eq!(stopped.final_url().unwrap().path(), "/1");
    assert_eq!(stopped.text().await.unwrap(), "moved");
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn bad_locations_are_errors_and_missing_ones_are_not() {
    for (location, fails) in [("http://[", true), ("file:///etc/passwd", true)] {
        let peer = answering(move |_| redirect(302, location)).await;
        assert_eq!(
            client().get(peer.url("/")).send().await.is_err(),
            fails,
            "{location}"
        );
    }
    for fields in ["", "location:\r\n", "location:  \r\n"] {
        let peer =
            answering(move |_| format!("HTTP/1.1 302 Found\r\n{fields}content-length: 0\r\n\r\n"))
                .await;
        let response = client().get(peer.url("/")).send().await.unwrap();
        assert_eq!(response.status(), 302, "{fields:?}");
    }
}

/// Go's `TestClientRedirectEatsBody`: content that comes behind the head of a redirect costs no connection.
#[tokio::test]
async fn the_content_of_a_redirect_is_read_and_its_connection_used() {
    let peer = Peer::new(|_, mut stream| async move {
        while let Some(request) = request(&mut stream).await {
            if !request.contains(" /first ") {
                stream.write_all(OK.as_bytes()).await.unwrap();
                continue;
            }
            let moved = redirect(302, "/next");
            let (head, content) = moved.split_at(moved.len() - 5);
            stream.write_all(head.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
            stream.write_all(content.as_bytes()).await.unwrap();
        }
    })
    .await;
    let response = client().get(peer.url("/first")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn secrets_do_not_follow_to_another_host_nor_come_back() {
    let other = answering(|request| {
        assert!(
            field(request, "authorization").is_none() && field(request, "cookie").is_none(),
            "{request}"
        );
        assert!(!field(request, "referer").unwrap().contains("secret"));
        content("other")
    })
    .await;
    // The same listener under another name is another host.
    let elsewhere = format!("http://localhost:{}/", other.addr.port());
    let first = answering(move |request| {
        assert!(field(request, "authorization").is_some(), "{request}");
        redirect(302, &elsewhere)
    })
    .await;
    let url = format!("http://user:secret@{}/", first.addr);
    let response = client()
        .get(&url)
        .header("cookie", "a=1")
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), "other");
    let response = client()
        .get(first.url("/"))
        .bearer_auth("token")
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), "other");
}

#[cfg(feature = "cookies")]
#[tokio::test]
async fn cookies_are_kept_over_redirects_and_replace_the_callers() {
    let peer = answering(|request| {
        if request.contains(" /set ") {
            return "HTTP/1.1 302 X\r\nset-cookie: a=1\r\nset-cookie: b=2; path=/only\r\nlocation: /get\r\ncontent-length: 0\r\n\r\n".into();
        }
        content(field(request, "cookie").unwrap_or("none"))
    })
    .await;
    let jar = Arc::new(http_client::Jar::new());
    let client = Client::builder()
        .transport(transport())
        .cookies(jar)
        .build();
    let text = client
        .get(peer.url("/set"))
        .header("cookie", "a=old; c=3")
        .header("cookie", "d=4")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(text, "c=3; d=4; a=1");
    assert_eq!(
        client
            .get(peer.url("/only/x"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "b=2; a=1"
    );
}
