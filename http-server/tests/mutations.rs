//! Requests that are almost right: octets changed, dropped, doubled and moved. Whatever comes, the server answers in HTTP or closes,
//! and says the same however the octets are split.

mod wire;

use http_server::Server;
use tokio::io::AsyncWriteExt;
use wire::{echo, infallible, until_closed};

const CORPUS: &[&str] = &[
    "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST /a?b HTTP/1.1\r\nhost: a:80\r\ncontent-length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nt: v\r\n\r\n",
    "PUT / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nhi",
    "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
];

/// A small generator, the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

fn mutated(random: &mut Random) -> Vec<u8> {
    let mut octets = Vec::new();
    for _ in 0..=random.below(3) {
        octets.extend_from_slice(CORPUS[random.below(CORPUS.len())].as_bytes());
    }
    for _ in 0..random.below(4) {
        let at = random.below(octets.len());
        match random.below(5) {
            0 => octets[at] = b"\r\n :,;\0\t0Ac\x80\xff"[random.below(13)],
            1 => drop(octets.remove(at)),
            2 => octets.insert(at, octets[at]),
            3 => {
                let other = random.below(octets.len());
                octets.swap(at, other);
            }
            _ => octets.truncate(at.max(1)),
        }
        if octets.is_empty() {
            octets.push(b'\n');
        }
    }
    octets
}

/// The answer to `octets` in pieces; the peer closes its direction behind them.
async fn answer(octets: &[u8], mut next: impl FnMut() -> usize) -> String {
    let (mut client, peer) = tokio::io::duplex(64 * 1024);
    let connection = tokio::spawn(Server::new().serve_connection(peer, infallible(echo)));
    let mut rest = octets;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(next().clamp(1, rest.len()));
        if client.write_all(piece).await.is_err() {
            break;
        }
        rest = behind;
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    }
    let _ = client.shutdown().await;
    let answer = until_closed(&mut client).await;
    connection.await.expect("a connection never panics");
    answer
}

#[tokio::test(start_paused = true)]
async fn whatever_comes_is_answered_in_http_however_it_is_split() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..1500 {
        let octets = mutated(&mut random);
        let whole = answer(&octets, || usize::MAX).await;
        assert!(
            whole.is_empty() || whole.starts_with("HTTP/1.1 "),
            "{:?}",
            String::from_utf8_lossy(&octets)
        );
        let split = answer(&octets, || 1 + random.below(7)).await;
        // Whether a request is answered with `close`, and 100 said, depends on what is known by then of what follows.
        let plain = |text: &str| {
            text.replace("connection: close\r\n", "")
                .replace("HTTP/1.1 100 Continue\r\n\r\n", "")
        };
        assert_eq!(
            plain(&whole),
            plain(&split),
            "{:?}",
            String::from_utf8_lossy(&octets)
        );
    }
}
