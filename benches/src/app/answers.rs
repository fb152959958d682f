//! The octets that the answers are made of.

use std::sync::LazyLock;

use bytes::Bytes;

/// The content of `GET /`.
pub const HELLO: &str = "Hello, World!";
/// The content of `GET /json`.
pub const JSON: &str = "{\"message\":\"Hello, World!\"}";
/// How many pieces `GET /chunked` has.
pub const PIECES: usize = 16;
/// One piece of `GET /chunked`.
pub static PIECE: LazyLock<Bytes> = LazyLock::new(|| filled(1024));

static KIB64: LazyLock<Bytes> = LazyLock::new(|| filled(64 * 1024));
static MIB: LazyLock<Bytes> = LazyLock::new(|| filled(1024 * 1024));

/// A browser's fields beside `Host`.
pub(super) const BROWSER: [(&str, &str); 9] = [
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    ),
    (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    ),
    ("accept-language", "en-US,en;q=0.9"),
    ("accept-encoding", "gzip, deflate, br"),
    ("referer", "https://www.example.com/some/page"),
    (
        "cookie",
        "session=0123456789abcdef0123456789abcdef; theme=dark",
    ),
    ("upgrade-insecure-requests", "1"),
    ("sec-fetch-mode", "navigate"),
    ("cache-control", "max-age=0"),
];

fn filled(octets: usize) -> Bytes {
    Bytes::from(vec![b'x'; octets])
}

/// The content of `/1k`, `/64k` and `/1m`, by name.
pub fn octets(name: &str) -> Option<Bytes> {
    match name {
        "1k" => Some(PIECE.clone()),
        "64k" => Some(KIB64.clone()),
        "1m" => Some(MIB.clone()),
        _ => None,
    }
}

/// The sum of the query's values and of the content, in decimal.
pub fn sum(query: &str, content: &[u8]) -> String {
    let values = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: i64 = values
        .filter_map(|(_, value)| value.parse::<i64>().ok())
        .sum();
    let content = std::str::from_utf8(content).unwrap_or("");
    let content: i64 = content.trim().parse().unwrap_or(0);
    (query + content).to_string()
}
