//! What httpbin tells about a request: args, form, files, data, json, headers, origin, url, method.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::stream;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, Request};
use http_codec::Body;
use serde_json::{Map, Value};

use super::query::{Query, insert_or_append};
use super::{ECHO_LIMIT, Refusal, escapes};

/// The peer's address, for servers and routers that carry it as an extension instead of the body's own handle.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What proxies and platforms add; hidden unless the query asks for `show_env`.
const ENVIRONMENT: [&str; 15] = [
    "connect-time",
    "total-route-time",
    "via",
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-protocol",
    "x-forwarded-ssl",
    "x-heroku-dynos-in-use",
    "x-heroku-queue-depth",
    "x-heroku-queue-wait-time",
    "x-real-ip",
    "x-request-id",
    "x-request-start",
    "x-varnish",
];

/// A request in hand: its head, its origin, and its content once that was read.
#[derive(Debug)]
pub struct RequestData {
    head: Parts,
    origin: Option<SocketAddr>,
    content: Content,
}

#[derive(Debug, Default)]
struct Content {
    data: Bytes,
    form: Map<String, Value>,
    files: Map<String, Value>,
}

impl RequestData {
    /// The head alone; content is not read.
    pub fn of_head<B>(request: Request<B>, origin: Option<SocketAddr>) -> Self {
        Self {
            head: request.into_parts().0,
            origin,
            content: Content::default(),
        }
    }

    /// Head and content, at most [`ECHO_LIMIT`] of it.
    ///
    /// # Errors
    ///
    /// 413 above the limit; 400 where the framing, the form or the multipart is broken.
    pub async fn read(request: Request<Body>) -> Result<Self, Refusal> {
        let origin = origin(&request);
        let (head, body) = request.into_parts();
        let data = body.collect_bytes(ECHO_LIMIT).await?;
        let content = Content::parse(&head.headers, data).await?;
        Ok(Self {
            head,
            origin,
            content,
        })
    }

    /// The request's head.
    pub fn head(&self) -> &Parts {
        &self.head
    }

    /// These parts of it, by their names in httpbin's answers.
    pub fn show(&self, parts: &[&str]) -> Map<String, Value> {
        parts
            .iter()
            .map(|part| ((*part).to_owned(), self.part(part)))
            .collect()
    }

    fn part(&self, name: &str) -> Value {
        match name {
            "args" => Query::of(&self.head.uri).to_json().into(),
            "data" => json_safe(&self.content.data, "application/octet-stream"),
            "files" => self.content.files.clone().into(),
            "form" => self.content.form.clone().into(),
            "headers" => headers(&self.head).into(),
            "json" => serde_json::from_slice(&self.content.data).unwrap_or(Value::Null),
            "method" => self.head.method.as_str().into(),
            "origin" => self.origin().into(),
            "url" => url(&self.head).into(),
            _ => Value::Null,
        }
    }

    fn origin(&self) -> String {
        match self.head.headers.get("x-forwarded-for") {
            Some(forwarded) => field_text(forwarded.as_bytes()),
            None => self
                .origin
                .map_or_else(String::new, |peer| peer.ip().to_string()),
        }
    }
}

impl Content {
    async fn parse(headers: &HeaderMap, data: Bytes) -> Result<Self, Refusal> {
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Ok(Self {
                form: Query::parse(&data).to_json(),
                ..Self::default()
            }),
            // What names no boundary cannot be split, and what is empty has no parts.
            "multipart/form-data" if data.is_empty() => Ok(Self::default()),
            "multipart/form-data" if multer::parse_boundary(content_type).is_ok() => {
                Self::multipart(content_type, data).await
            }
            _ => Ok(Self {
                data,
                ..Self::default()
            }),
        }
    }

    async fn multipart(content_type: &str, data: Bytes) -> Result<Self, Refusal> {
        let broken = |error: multer::Error| Refusal::bad_request(error.to_string());
        let boundary = multer::parse_boundary(content_type).map_err(broken)?;
        let whole = stream::iter([Ok::<_, std::convert::Infallible>(data)]);
        let mut parts = multer::Multipart::new(whole, boundary);
        let mut content = Self::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let media = part
                .content_type()
                .map_or("application/octet-stream", |media| media.as_ref())
                .to_owned();
            let value = part.bytes().await.map_err(broken)?;
            if is_file {
                insert_or_append(&mut content.files, &name, json_safe(&value, &media));
            } else {
                insert_or_append(
                    &mut content.form,
                    &name,
                    String::from_utf8_lossy(&value).into(),
                );
            }
        }
        Ok(content)
    }
}

/// Where the request came from: the server's own handle, or the extension of whoever else serves.
pub fn origin(request: &Request<Body>) -> Option<SocketAddr> {
    let extension = request.extensions().get::<Peer>().map(|peer| peer.0);
    extension.or_else(|| http_server::handle(request.body()).and_then(|handle| handle.peer_addr()))
}

/// The request's fields as httpbin shows them: names in Title-Case, repeats joined.
pub fn headers(head: &Parts) -> Map<String, Value> {
    let all = Query::of(&head.uri).get("show_env").is_some();
    let shown = head
        .headers
        .keys()
        .filter(|name| all || !ENVIRONMENT.contains(&name.as_str()));
    shown
        .map(|name| {
            let values = head
                .headers
                .get_all(name)
                .iter()
                .map(|value| field_text(value.as_bytes()));
            (
                title_case(name.as_str()),
                Value::String(values.collect::<Vec<_>>().join(",")),
            )
        })
        .collect()
}

/// The request's URL, as far as a server can know it.
fn url(head: &Parts) -> String {
    let field = |name: &str| {
        head.headers
            .get(name)
            .map(|value| field_text(value.as_bytes()))
            .filter(|value| !value.is_empty())
    };
    let tls = field("x-forwarded-ssl").is_some_and(|value| value == "on");
    let scheme = field("x-forwarded-proto")
        .or_else(|| field("x-forwarded-protocol"))
        .unwrap_or_else(|| if tls { "https" } else { "http" }.to_owned());
    let host = match head.uri.authority() {
        Some(authority) => authority.to_string(),
        None => field(HOST.as_str()).unwrap_or_default(),
    };
    let target = escapes::readable(head.uri.path(), head.uri.query());
    format!("{scheme}://{host}{target}")
}

/// `user-agent` as `User-Agent`.
fn title_case(name: &str) -> String {
    let mut start = true;
    let letters = name.chars().map(|letter| {
        let shown = if start {
            letter.to_ascii_uppercase()
        } else {
            letter
        };
        start = letter == '-';
        shown
    });
    letters.collect()
}

/// Text as it is, anything else as a `data:` URL (RFC 2397), since JSON cannot hold it.
fn json_safe(octets: &[u8], media: &str) -> Value {
    match std::str::from_utf8(octets) {
        Ok(text) => text.into(),
        Err(_) => format!("data:{media};base64,{}", BASE64_STANDARD.encode(octets)).into(),
    }
}

/// A field's value: UTF-8, or else Latin-1, which any octets are.
pub fn field_text(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => octets.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn shown(content_type: &str, content: &'static [u8], parts: &[&str]) -> Value {
        let request = Request::post("/post?a=1")
            .header("host", "example.com")
            .header("content-type", content_type);
        let request = request.body(Body::from(content)).unwrap();
        RequestData::read(request).await.unwrap().show(parts).into()
    }

    #[tokio::test]
    async fn a_form_is_shown_as_a_form_and_not_as_data() {
        let shown = shown(
            "application/x-www-form-urlencoded",
            b"a=1&a=2",
            &["form", "data", "json", "url"],
        )
        .await;
        let url = "http://example.com/post?a=1";
        assert_eq!(
            shown,
            json!({"form": {"a": ["1", "2"]}, "data": "", "json": null, "url": url})
        );
    }

    #[tokio::test]
    async fn json_is_shown_twice() {
        let shown = shown("application/json", b"{\"a\": [1]}", &["data", "json"]).await;
        assert_eq!(shown, json!({"data": "{\"a\": [1]}", "json": {"a": [1]}}));
    }

    #[tokio::test]
    async fn what_is_not_text_is_shown_as_a_data_url() {
        let shown = shown("application/octet-stream", b"\xff\x00", &["data"]).await;
        assert_eq!(
            shown,
            json!({"data": "data:application/octet-stream;base64,/wA="})
        );
    }

    #[tokio::test]
    async fn multipart_is_split_into_form_and_files() {
        let content = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\n\
            Content-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x--\r\n";
        let shown = shown(
            "multipart/form-data; boundary=x",
            content,
            &["form", "files", "data"],
        )
        .await;
        assert_eq!(
            shown,
            json!({"form": {"a": "1"}, "files": {"f": "hi"}, "data": ""})
        );
    }

    #[test]
    fn a_proxy_that_names_no_scheme_changes_none() {
        let request = Request::get("/get")
            .header("host", "a")
            .header("x-forwarded-proto", "");
        let (head, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(url(&head), "http://a/get");
    }

    #[test]
    fn names_are_shown_in_title_case() {
        assert_eq!(title_case("x-custom-id"), "X-Custom-Id");
    }
}
