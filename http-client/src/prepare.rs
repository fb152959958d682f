//! A request as it goes onto the wire: checked once, encoded for each attempt.

use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRAILER};
use http::{HeaderMap, HeaderValue, Method, Uri};
use http_body::Body as _;
use http_codec::framing::outgoing_request;
use http_codec::head::write::request_head;
use http_codec::{
    Body, BodyLength, ConnectionField, ConnectionOptions, Framing, LengthField, MethodClass,
    RequestLine, TrailerNames, WriteBuf,
};

use crate::dial::Route;
use crate::error::Error;
use crate::origin::{Key, host_value};
use crate::replay;

/// What stays the same over all attempts to send a request.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    fields: &'a HeaderMap,
    pub(crate) key: Key<'a>,
    pub(crate) class: MethodClass,
    pub(crate) length: BodyLength,
    framing: Framing,
    /// `Host`, where it is not the one that the URL gives.
    host: Option<&'a HeaderValue>,
    pub(crate) expects_continue: bool,
    pub(crate) offers_upgrade: bool,
    pub(crate) harmless: bool,
}

impl<'a> Outgoing<'a> {
    /// Checks a request and takes out of its head what the exchange must know.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request).
    pub(crate) fn new(
        parts: &'a http::request::Parts,
        body: &Body,
        route: &'a Route,
        host: Option<&'a HeaderValue>,
        close: bool,
    ) -> Result<Outgoing<'a>, Error> {
        let (method, fields) = (&parts.method, &parts.headers);
        let key = Key::of(&parts.uri, route)?;
        let mut options = ConnectionOptions::default();
        let (mut declared, mut expects_continue) = (None, false);
        if !fields.is_empty() {
            if fields.contains_key(CONNECTION) {
                options = ConnectionOptions::of(fields);
            }
            declared = fields.get(CONTENT_LENGTH);
            expects_continue = fields
                .get(EXPECT)
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
        }
        let class = MethodClass::from(method);
        let size = match size_of(body, fields) {
            None => declared.map(declared_length).transpose()?,
            size => size,
        };
        let mut framing = outgoing_request(method, size);
        if class == MethodClass::Connect {
            framing.field = LengthField::None;
            framing.body = BodyLength::Known(0);
        }
        let connection = if close || options.close {
            ConnectionField::Close
        } else {
            ConnectionField::None
        };
        Ok(Outgoing {
            method,
            uri: &parts.uri,
            fields,
            key,
            class,
            length: framing.body,
            framing: Framing::new(framing.field).with_connection(connection),
            host,
            expects_continue: expects_continue && !framing.body.is_empty(),
            offers_upgrade: class == MethodClass::Connect
                || (options.upgrade && framing.body.is_empty()),
            harmless: replay::harmless(method, fields),
        })
    }

    /// Whether the connection may serve another exchange, as far as the request decides.
    pub(crate) fn keeps_alive(&self) -> bool {
        self.framing.connection != ConnectionField::Close
    }

    /// Whose connections can take the request: all requests that one proxy forwards share its connections.
    pub(crate) fn pool_key(&self) -> Key<'a> {
        match self.key.route {
            Route::Forward(proxy) => Key {
                https: false,
                host: proxy.bracketed_host(),
                port: proxy.port(),
                route: self.key.route,
            },
            _ => self.key,
        }
    }

    /// The trailer fields that the head announces.
    pub(crate) fn trailers(&self) -> TrailerNames {
        if self.fields.is_empty() {
            TrailerNames::none()
        } else {
            TrailerNames::declared(self.fields)
        }
    }

    /// Writes the head. `cached` is the value of `Host` that the origin keeps ready.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request) if the target cannot be sent; nothing has been written then.
    pub(crate) fn encode(&self, cached: &str, out: &mut WriteBuf) -> Result<(), Error> {
        let absolute;
        let target = match self.uri.path_and_query().map(|target| target.as_str()) {
            _ if self.class == MethodClass::Connect => {
                absolute = format!("{}:{}", self.key.host, self.key.port);
                &*absolute
            }
            path if self.key.route.is_forward() => {
                absolute = format!(
                    "http://{}{}",
                    host_value(self.key.host, self.key.port, false),
                    path.unwrap_or("/")
                );
                &*absolute
            }
            Some("*") if *self.method == Method::OPTIONS => "*",
            Some(path) if path.starts_with('/') => path,
            None => "/",
            Some(query) => {
                absolute = format!("/{query}");
                &*absolute
            }
        };
        let forwarded;
        let host = match self.host {
            Some(host) => host.as_bytes(),
            None if self.key.route.is_forward() => {
                forwarded = host_value(self.key.host, self.key.port, self.key.https);
                forwarded.as_bytes()
            }
            None => cached.as_bytes(),
        };
        let line = RequestLine {
            method: self.method,
            target,
        };
        let authorised;
        let fields = match self.key.route.forward_authorization() {
            Some(value) if !self.fields.contains_key(http::header::PROXY_AUTHORIZATION) => {
                let mut fields = self.fields.clone();
                fields.insert(http::header::PROXY_AUTHORIZATION, value.clone());
                authorised = fields;
                &authorised
            }
            _ => self.fields,
        };
        request_head(out, line, host, fields, self.framing)
            .map_err(|error| Error::request("the request cannot be encoded").with_source(error))
    }
}

/// The size of the content where it is known. Content with a trailer section is chunked.
fn size_of(body: &Body, fields: &HeaderMap) -> Option<u64> {
    let size = match body.known() {
        Some(whole) => Some(whole.len() as u64),
        None => body.size_hint().exact(),
    };
    if size != Some(0) && !fields.is_empty() && fields.contains_key(TRAILER) {
        None
    } else {
        size
    }
}

fn declared_length(value: &HeaderValue) -> Result<u64, Error> {
    http_codec::grammar::decimal(value.as_bytes())
        .ok_or_else(|| Error::request("the content-length of the request is not a number"))
}
