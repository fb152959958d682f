//! Content codings (RFC 9110 section 8.4.1): the same answer as gzip, as deflate, as brotli.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::header::CONTENT_ENCODING;
use http::{HeaderValue, Request, StatusCode};
use http_codec::Body;
use serde_json::{Value, json};

use super::inspect::show_head;
use super::reply::{text, with};
use super::{PathArgs, Refusal, Reply};

/// `/gzip`.
pub async fn gzip(request: Request<Body>, _: PathArgs) -> Reply {
    encoded(request, "gzipped", "gzip", |plain| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain)?;
        encoder.finish()
    })
}

/// `/deflate`: the zlib format, which is what the standard means by it.
pub async fn deflate(request: Request<Body>, _: PathArgs) -> Reply {
    encoded(request, "deflated", "deflate", |plain| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain)?;
        encoder.finish()
    })
}

/// `/brotli`.
pub async fn brotli(request: Request<Body>, _: PathArgs) -> Reply {
    encoded(request, "brotli", "br", |plain| {
        let mut octets = Vec::new();
        let mut encoder = brotli::CompressorWriter::new(&mut octets, 4096, 5, 22);
        encoder.write_all(plain)?;
        drop(encoder);
        Ok(octets)
    })
}

fn encoded(
    request: Request<Body>,
    flag: &str,
    coding: &'static str,
    encode: impl Fn(&[u8]) -> io::Result<Vec<u8>>,
) -> Reply {
    let method = request.method().as_str().to_owned();
    let mut shown: Value = show_head(request, &["headers", "origin"]);
    shown["method"] = json!(method);
    shown[flag] = json!(true);
    let failed =
        |error: io::Error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let octets = encode(format!("{shown:#}\n").as_bytes()).map_err(failed)?;
    Ok(with(
        text("application/json", octets),
        CONTENT_ENCODING,
        HeaderValue::from_static(coding),
    ))
}
