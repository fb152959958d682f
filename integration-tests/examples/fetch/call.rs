//! What the options make of a client and a request.

use std::io::Read as _;

use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap};
use http::{HeaderValue, Method, Request};
use http_client::{Client, Deadlines, Error, ErrorKind, Proxies, Proxy, Redirects, Transport};
use http_codec::Body;

use crate::Failure;
use crate::options::Options;

pub(crate) fn client(options: &Options) -> Result<Client, Failure> {
    let most = options.max_time.filter(|time| !time.is_zero());
    let mut transport = Transport::builder().deadlines(Deadlines::default().with_total(most));
    if let Some(url) = &options.http_proxy {
        let proxy = Proxy::new(url).map_err(|error| Failure::usage(error.to_string()))?;
        transport = transport.proxies(Proxies::all(proxy));
    }
    let redirects = if options.follow {
        Redirects::limited(10)
    } else {
        Redirects::none()
    };
    Ok(Client::builder()
        .transport(transport.build())
        .redirects(redirects)
        .decode(false)
        .build())
}

pub(crate) fn request(options: &Options) -> Result<Request<Body>, Failure> {
    let content = content(options)?;
    let default = match (options.head, &content) {
        (true, _) => Method::HEAD,
        (false, Some(_)) => Method::POST,
        (false, None) => Method::GET,
    };
    let mut fields = HeaderMap::new();
    fields.insert(ACCEPT, HeaderValue::from_static("*/*"));
    if content.is_some() {
        fields.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
    }
    // A field that is given replaces ours; given twice, it is sent twice.
    for (name, _) in &options.fields {
        fields.remove(name);
    }
    for (name, value) in &options.fields {
        fields.append(name, value.clone());
    }
    let mut request = Request::new(content.map_or_else(Body::empty, Body::from));
    // The client sends the URL's host, whatever the fields say, unless it is told so.
    if let Some(host) = fields.remove(HOST) {
        let host = String::from_utf8_lossy(host.as_bytes());
        let sent = http_client::Options::new().with_host(&host);
        let sent = sent.map_err(|error| Failure::usage(error.to_string()))?;
        request.extensions_mut().insert(sent);
    }
    *request.method_mut() = options.method.clone().unwrap_or(default);
    *request.uri_mut() = options.url.clone();
    *request.headers_mut() = fields;
    Ok(request)
}

fn content(options: &Options) -> Result<Option<Vec<u8>>, Failure> {
    let pieces = options
        .data
        .iter()
        .map(|data| piece(data))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((!pieces.is_empty()).then(|| pieces.join(&b'&')))
}

/// Text as it is; `@FILE` as the file's octets.
fn piece(data: &str) -> Result<Vec<u8>, Failure> {
    let Some(name) = data.strip_prefix('@') else {
        return Ok(data.as_bytes().to_vec());
    };
    let read = if name == "-" {
        let mut octets = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut octets)
            .map(|_| octets)
    } else {
        std::fs::read(name)
    };
    read.map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))
}

/// A request that cannot be sent as it is was not understood; all else happened on the way.
pub(crate) fn failure(error: &Error) -> Failure {
    match error.kind() {
        ErrorKind::Request => Failure::usage(Failure::transport(error).line),
        _ => Failure::transport(error),
    }
}
