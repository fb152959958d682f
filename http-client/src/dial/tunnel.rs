//! A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).

use http::{HeaderMap, Method};
use http_codec::head::write::request_head;
use http_codec::{
    ConnectionField, Framing, LengthField, MethodClass, RequestLine, ResponseHead,
    ResponseHeadDecoder,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stream::Stream;
use crate::config::Reading;
use crate::error::{Error, ErrorKind, Phase};
use crate::proxy::Proxy;

/// Asks the proxy for a tunnel to `host:port`; the stream leads there then.
pub(super) async fn ask(
    mut stream: Stream,
    host: &str,
    port: u16,
    proxy: &Proxy,
    reading: &Reading,
) -> Result<Stream, Error> {
    let failed =
        |cause: std::io::Error| Error::new(ErrorKind::Proxy, Phase::Tunnel).with_source(cause);
    stream
        .write_all(&request(host, port, proxy)?)
        .await
        .map_err(failed)?;
    stream.flush().await.map_err(failed)?;
    let mut decoder = ResponseHeadDecoder::new(reading.limits, reading.leniency);
    let mut head = ResponseHead::default();
    let mut buffer = bytes::BytesMut::with_capacity(1024);
    let mut interim = 0;
    loop {
        let decoded = decoder.decode(&mut buffer, MethodClass::Connect, &mut head);
        let complete = decoded
            .map_err(|cause| Error::new(ErrorKind::Proxy, Phase::Tunnel).with_source(cause))?;
        if complete {
            if !head.is_interim() {
                break;
            }
            interim += 1;
            if interim > reading.limits.interim {
                let error = Error::new(ErrorKind::Proxy, Phase::Tunnel);
                return Err(error.with_message("too many interim responses"));
            }
        }
        if !complete && stream.read_buf(&mut buffer).await.map_err(failed)? == 0 {
            let error = Error::new(ErrorKind::Proxy, Phase::Tunnel);
            return Err(error.with_message("the proxy closed the connection"));
        }
    }
    if !head.status().is_success() {
        let error = Error::new(ErrorKind::Proxy, Phase::Tunnel);
        return Err(error.with_message(format!(
            "the proxy refused the tunnel with {}",
            head.status()
        )));
    }
    if !buffer.is_empty() {
        // Whoever speaks first in a tunnel is not the server that we asked for: TLS and HTTP begin with the client.
        let error = Error::new(ErrorKind::Proxy, Phase::Tunnel);
        return Err(error.with_message("the proxy sent octets behind its answer"));
    }
    Ok(stream)
}

fn request(host: &str, port: u16, proxy: &Proxy) -> Result<Vec<u8>, Error> {
    let target = format!("{host}:{port}");
    let mut fields: HeaderMap = proxy.connect_fields().clone();
    if let Some(value) = proxy.authorization() {
        fields.insert(http::header::PROXY_AUTHORIZATION, value.clone());
    }
    let line = RequestLine {
        method: &Method::CONNECT,
        target: &target,
    };
    let framing = Framing::new(LengthField::None).with_connection(ConnectionField::None);
    let mut octets = Vec::new();
    request_head(&mut octets, line, target.as_bytes(), &fields, framing)
        .map_err(|cause| Error::request("the host cannot be asked for").with_source(cause))?;
    Ok(octets)
}
