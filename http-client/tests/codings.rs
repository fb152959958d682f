//! Content codings: asked for and undone, whole, cut, broken, swelling.
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::sync::Arc;

use http_client::{Client, ErrorKind, ResponseExt};
use peer::{Peer, answering, client, field, request, transport};
use tokio::io::AsyncWriteExt;

#[cfg(feature = "gzip")]
mod gzip {
    use super::*;
    use std::io::Write;
    use tokio::io::AsyncReadExt;

    fn zipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// A server that gives these octets as gzip where it is asked for.
    async fn zipping(octets: Vec<u8>) -> Peer {
        let octets = Arc::new(octets);
        Peer::new(move |_, mut stream| {
            let octets = Arc::clone(&octets);
            async move {
                while let Some(request) = request(&mut stream).await {
                    let zip = field(&request, "accept-encoding")
                        .is_some_and(|value| value.contains("gzip"));
                    let coding = if zip {
                        "content-encoding: GZip\r\n"
                    } else {
                        ""
                    };
                    let octets = if zip { &octets[..] } else { b"plain" };
                    let head = format!(
                        "HTTP/1.1 200 OK\r\n{coding}content-length: {}\r\n\r\n",
                        octets.len()
                    );
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(octets).await;
                }
                let _ = stream.shutdown().await;
                let _ = stream.read(&mut [0]).await;
            }
        })
        .await
    }

    #[tokio::test]
    async fn is_asked_for_and_undone_unless_the_caller_asks() {
        let text = "hello ".repeat(10_000);
        let peer = zipping(zipped(text.as_bytes())).await;
        let client = client();
        for _ in 0..2 {
            let response = client.get(peer.url("/")).send().await.unwrap();
            assert!(!response.headers().contains_key("content-encoding"));
            assert!(!response.headers().contains_key("content-length"));
            assert_eq!(response.text().await.unwrap(), text);
        }
        let own = client
            .get(peer.url("/"))
            .header("accept-encoding", "gzip")
            .send()
            .await
            .unwrap();
        assert_eq!(own.headers()["content-encoding"], "GZip");
        for call in [
            client.get(peer.url("/")).header("range", "bytes=0-"),
            client.get(peer.url("/")).decode(false),
        ] {
            assert_eq!(call.send().await.unwrap().text().await.unwrap(), "plain");
        }
        assert_eq!(peer.connections(), 1);
    }

    #[tokio::test]
    async fn that_is_cut_or_broken_is_an_error() {
        let whole = zipped(b"hello hello hello");
        let mut flipped = whole.clone();
        let at = flipped.len() - 6;
        flipped[at] ^= 1;
        for octets in [
            whole[..whole.len() - 3].to_vec(),
            whole[..5].to_vec(),
            flipped,
            b"nonsense".to_vec(),
        ] {
            let peer = zipping(octets).await;
            let error = client()
                .get(peer.url("/"))
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{}", error.report());
        }
    }

    #[tokio::test]
    async fn of_no_octets_is_no_content() {
        let empty = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
        let peer = answering(|_| empty.into()).await;
        let response = client().get(peer.url("/")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "");
    }

    #[tokio::test]
    async fn that_swells_is_stopped_at_the_limit() {
        let peer = zipping(zipped(&vec![0; 50 << 20])).await;
        let client = Client::builder()
            .transport(transport())
            .max_decoded(1 << 20)
            .build();
        let mut body = client.get(peer.url("/")).send().await.unwrap().into_body();
        let mut sum = 0;
        let error = loop {
            match body.next_data().await {
                Ok(Some(data)) => sum += data.len(),
                Ok(None) => panic!("the limit was passed"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), http_client::BodyErrorKind::TooLarge);
        assert!(sum <= 1 << 20);
    }
}

/// Every coding that is built in: whole, cut at every octet, with octets behind it.
#[cfg(all(feature = "br", feature = "deflate", feature = "zstd"))]
#[tokio::test]
async fn codings_are_undone_and_cut_ones_are_errors() {
    use std::io::Write;
    let text = b"hello hello hello hello";
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(text).unwrap();
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    raw.write_all(text).unwrap();
    let mut br = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
    br.write_all(text).unwrap();
    for (coding, octets) in [
        ("deflate", zlib.finish().unwrap()),
        ("deflate", raw.finish().unwrap()),
        ("br", br.into_inner()),
        ("zstd", zstd::encode_all(&text[..], 3).unwrap()),
    ] {
        for cut in 0..=octets.len() {
            let octets = octets[..cut].to_vec();
            let whole = Peer::new(move |_, mut stream| {
                let octets = octets.clone();
                async move {
                    request(&mut stream).await;
                    let length = octets.len();
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {length}\r\n\r\n"
                    );
                    stream.write_all(head.as_bytes()).await.unwrap();
                    stream.write_all(&octets).await.unwrap();
                }
            })
            .await;
            let response = client().get(whole.url("/")).send().await.unwrap();
            match response.bytes(100).await {
                Ok(decoded) if cut == 0 => assert!(decoded.is_empty()),
                Ok(decoded) => assert_eq!((cut, &decoded[..]), (cut, &text[..]), "{coding}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Malformed, "{coding} {cut}"),
            }
        }
    }
}

/// A text in every coding that is built in, flushed behind it and not at its end.
#[cfg(all(
    feature = "br",
    feature = "deflate",
    feature = "gzip",
    feature = "zstd"
))]
fn flushed(text: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    use std::io::Write;
    fn through<W: Write>(mut encoder: W, text: &[u8]) -> W {
        encoder.write_all(text).unwrap();
        encoder.flush().unwrap();
        encoder
    }
    let level = flate2::Compression::default();
    let gzip = through(flate2::write::GzEncoder::new(Vec::new(), level), text);
    let zlib = through(flate2::write::ZlibEncoder::new(Vec::new(), level), text);
    let br = through(brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22), text);
    let zstd = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    [
        ("gzip", gzip.get_ref().clone()),
        ("deflate", zlib.get_ref().clone()),
        ("br", br.get_ref().clone()),
        ("zstd", through(zstd, text).get_ref().clone()),
    ]
}

/// A server that gives these octets in a coding, and no end.
#[cfg(all(
    feature = "br",
    feature = "deflate",
    feature = "gzip",
    feature = "zstd"
))]
async fn beginning(coding: &'static str, octets: Vec<u8>) -> Peer {
    let octets = Arc::new(octets);
    Peer::new(move |_, mut stream| {
        let octets = Arc::clone(&octets);
        async move {
            request(&mut stream).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n",
                octets.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&octets).await;
            request(&mut stream).await;
        }
    })
    .await
}

/// Events that a server flushes arrive when they were sent, not with the next ones.
#[cfg(all(
    feature = "br",
    feature = "deflate",
    feature = "gzip",
    feature = "zstd"
))]
#[tokio::test]
async fn what_has_come_is_given_at_once() {
    let much: Vec<u8> = (0..300_000_u32).map(|at| (at / 999) as u8).collect();
    for text in [b"data: hello\n\n", &much[..]] {
        for (coding, octets) in flushed(text) {
            let peer = beginning(coding, octets).await;
            let response = client().get(peer.url("/")).send().await.unwrap();
            let mut body = response.into_body();
            let mut given = Vec::new();
            while given.len() < text.len() {
                let data =
                    tokio::time::timeout(std::time::Duration::from_secs(5), body.next_data());
                let data = data.await.expect(coding).unwrap().unwrap();
                given.extend_from_slice(&data);
            }
            assert!(given == text, "{coding}");
        }
    }
}

/// Whatever little octets can stand for, they become pieces of some memory.
#[cfg(all(
    feature = "br",
    feature = "deflate",
    feature = "gzip",
    feature = "zstd"
))]
#[tokio::test]
async fn what_swells_comes_in_pieces() {
    for (coding, octets) in flushed(&vec![0; 40 << 20]) {
        assert!(octets.len() < 64 * 1024, "{coding}");
        let peer = beginning(coding, octets).await;
        let response = client().get(peer.url("/")).send().await.unwrap();
        let mut body = response.into_body();
        let mut sum = 0;
        while sum < 40 << 20 {
            let piece = body.next_data().await.unwrap().unwrap().len();
            assert!(piece <= 2 << 20, "{coding}: {piece}");
            sum += piece;
        }
    }
}

/// A coding in two field lines is two codings: nothing is undone, and nothing hidden.
#[cfg(feature = "gzip")]
#[tokio::test]
async fn two_codings_are_left_to_the_caller() {
    let peer = Peer::answering(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-encoding: x-own\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let response = client().get(peer.url("/")).send().await.unwrap();
    assert_eq!(
        response
            .headers()
            .get_all("content-encoding")
            .iter()
            .count(),
        2
    );
    assert_eq!(response.bytes(9).await.unwrap(), "ok");
}

/// Without any setting: 80 MiB out of some 100 KiB end at 64 MiB.
#[cfg(feature = "gzip")]
#[tokio::test]
async fn a_bomb_is_defused_by_default() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let zeros = vec![0; 1 << 20];
    (0..80).for_each(|_| encoder.write_all(&zeros).unwrap());
    let octets = Arc::new(encoder.finish().unwrap());
    assert!(octets.len() * 500 < 80 << 20);
    let peer = Peer::new(move |_, mut stream| {
        let octets = Arc::clone(&octets);
        async move {
            request(&mut stream).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&octets).await;
        }
    })
    .await;
    let mut body = client()
        .get(peer.url("/"))
        .send()
        .await
        .unwrap()
        .into_body();
    let mut sum = 0;
    let error = loop {
        match body.next_data().await {
            Ok(data) => sum += data.expect("an error before the end").len(),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), http_client::BodyErrorKind::TooLarge);
    assert!(sum <= 64 << 20, "{sum}");
}
