//! A request as it goes onto the wire: checked once, encoded for each attempt.

use std::borrow::Cow;

use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, PROXY_AUTHORIZATION, TE, TRAILER, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body::Body as _;
use http_codec::fields::host::{self, HostParts, HostValue};
use http_codec::framing::outgoing_request;
use http_codec::head::write::request_head_to;
use http_codec::{
    Body, BodyLength, ConnectionField, ConnectionOptions, Framing, LengthField, MethodClass,
    RequestLine, ResponseHead, TrailerNames, WriteBuf, grammar,
};

use crate::dial::Route;
use crate::error::Error;
use crate::options::Options;
use crate::origin::{Key, host_value};

/// A request without its content, and the fields to send with it: its own, or some that are ready-made.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) request: &'a Request<Body>,
    pub(crate) fields: &'a HeaderMap,
}

impl<'a> Head<'a> {
    pub(crate) fn of(request: &'a Request<Body>) -> Head<'a> {
        Head {
            request,
            fields: request.headers(),
        }
    }
}

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
    host: Option<&'a HostValue>,
    pub(crate) expects_continue: bool,
    /// `100 Continue` is asked for, and there is no content that could wait for it.
    expects_in_vain: bool,
    has_te: bool,
    pub(crate) offers_upgrade: bool,
    has_trailer: bool,
}

/// What the fields of a request say to us; found in one pass over them, names told apart by length first.
#[derive(Default)]
struct Said<'a> {
    connection: ConnectionOptions,
    length: Option<&'a HeaderValue>,
    expects_continue: bool,
    has_te: bool,
    has_trailer: bool,
}

impl<'a> Said<'a> {
    fn by(fields: &'a HeaderMap) -> Said<'a> {
        let mut said = Said::default();
        if fields.is_empty() {
            return said;
        }
        for (name, value) in fields {
            match name.as_str().len() {
                2 if name == TE => said.has_te = true,
                6 if name == EXPECT => {
                    said.expects_continue |= value.as_bytes().eq_ignore_ascii_case(b"100-continue");
                }
                7 if name == TRAILER => said.has_trailer = true,
                10 if name == CONNECTION => said.connection.note(value.as_bytes()),
                14 if name == CONTENT_LENGTH => said.length = said.length.or(Some(value)),
                _ => {}
            }
        }
        said
    }
}

impl<'a> Outgoing<'a> {
    /// Checks a request and takes out of its head what the exchange must know.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request).
    #[inline]
    pub(crate) fn new(
        Head { request, fields }: Head<'a>,
        body: &Body,
        route: &'a Route,
        options: Option<&'a Options>,
        close: bool,
    ) -> Result<Outgoing<'a>, Error> {
        let method = request.method();
        let class = MethodClass::from(method);
        let mut key = Key::of(request.uri(), route)?;
        if request.uri().scheme().is_none() && class != MethodClass::Connect {
            return Err(Error::request("the URL has no scheme"));
        }
        if key.https {
            key.tls = options.and_then(|options| options.tls.as_ref());
        }
        let said = Said::by(fields);
        let size = match size_of(body, said.has_trailer) {
            None => said.length.map(declared_length).transpose()?,
            size => size,
        };
        let mut framing = outgoing_request(method, size);
        if class == MethodClass::Connect {
            framing.field = LengthField::None;
            framing.body = BodyLength::Known(0);
        }
        let connection = if close || said.connection.close {
            ConnectionField::Close
        } else {
            ConnectionField::None
        };
        Ok(Outgoing {
            method,
            uri: request.uri(),
            fields,
            key,
            class,
            length: framing.body,
            framing: Framing::new(framing.field).with_connection(connection),
            host: options.and_then(|options| options.host.as_ref()),
            expects_continue: said.expects_continue && !framing.body.is_empty(),
            expects_in_vain: said.expects_continue && framing.body.is_empty(),
            has_te: said.has_te,
            offers_upgrade: class == MethodClass::Connect
                || (said.connection.upgrade && framing.body.is_empty()),
            has_trailer: said.has_trailer,
        })
    }

    /// Whether the connection may serve another exchange, as far as the request decides.
    pub(crate) fn keeps_alive(&self) -> bool {
        self.framing.connection != ConnectionField::Close
    }

    /// Whether the peer may leave HTTP with this response: it accepts a tunnel, or protocols that were all offered to it (RFC
    /// 9110 section 7.8).
    pub(crate) fn may_switch(&self, head: &ResponseHead) -> bool {
        if !self.offers_upgrade || self.class == MethodClass::Connect {
            return self.offers_upgrade;
        }
        let offered = |protocol: &[u8]| {
            let values = self.fields.get_all(UPGRADE).iter();
            let mut offers = values.flat_map(|value| grammar::list(value.as_bytes()));
            offers.any(|offer| offer.eq_ignore_ascii_case(protocol))
        };
        let mut taken = head
            .fields()
            .filter(|field| field.name.eq_ignore_ascii_case("upgrade"))
            .flat_map(|field| grammar::list(field.value));
        head.upgrade() && taken.all(offered)
    }

    /// Whose connections can take the request: all requests that one proxy forwards share its connections.
    pub(crate) fn pool_key(&self) -> Key<'a> {
        match self.key.route {
            Route::Forward(proxy) => Key {
                https: false,
                host: proxy.bracketed_host(),
                port: proxy.port(),
                any_case: true,
                route: self.key.route,
                tls: None,
            },
            _ => self.key,
        }
    }

    /// The trailer fields that the head announces, if it does.
    pub(crate) fn trailers(&self) -> Option<Box<TrailerNames>> {
        self.has_trailer
            .then(|| Box::new(TrailerNames::declared(self.fields)))
    }

    /// Writes the head. `cached` is the value of `Host` that the origin keeps ready.
    ///
    /// # Errors
    ///
    /// Kind [`Request`](crate::ErrorKind::Request) if the target cannot be sent; nothing has been written then.
    pub(crate) fn encode(&self, cached: &HostValue, out: &mut WriteBuf) -> Result<(), Error> {
        let absolute;
        let target = match self.uri.path_and_query().map(|target| target.as_str()) {
            _ if self.class == MethodClass::Connect => {
                absolute = self.tunnel_target();
                &*absolute
            }
            path if self.key.route.is_forward() => {
                absolute = self.absolute_target(path.unwrap_or("/"));
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
            Some(host) => host,
            None if self.key.route.is_forward() => {
                forwarded = host_value(self.key.host, self.key.port, self.key.https)?;
                &forwarded
            }
            None => cached,
        };
        let line = RequestLine {
            method: self.method,
            target,
        };
        let fields = self.fields_to_send();
        request_head_to(out, line, host, &*fields, self.framing)
            .map_err(|error| Error::request("the request cannot be encoded").with_source(error))
    }
}

impl Outgoing<'_> {
    /// Where a tunnel is to lead (RFC 9110 section 9.3.6): to the `Host` that was asked for, as in Go, else to the URL's.
    fn tunnel_target(&self) -> String {
        let Key { host, port, .. } = self.key;
        let Some(own) = self.host else {
            return format!("{host}:{port}");
        };
        let text = String::from_utf8_lossy(own.as_bytes());
        match host::parse(own.as_bytes()) {
            Some(HostParts { port: Some(_), .. }) => text.into_owned(),
            _ => format!(
                "{text}:{port}",
                port = if self.key.https { 443 } else { 80 }
            ),
        }
    }

    /// What a proxy is asked for (RFC 9112 section 3.2.2). The server as a whole has no path (section 3.2.4).
    fn absolute_target(&self, path: &str) -> String {
        let Key { host, port, .. } = self.key;
        let (slash, path) = match path {
            "*" if *self.method == Method::OPTIONS => ("", ""),
            path if path.starts_with('/') => ("", path),
            path => ("/", path),
        };
        match port {
            80 => format!("http://{host}{slash}{path}"),
            _ => format!("http://{host}:{port}{slash}{path}"),
        }
    }

    /// The fields as they go on this way: most often as they are.
    fn fields_to_send(&self) -> Cow<'_, HeaderMap> {
        let direct = matches!(self.key.route, Route::Direct | Route::Unix(_));
        if direct && !self.expects_in_vain && !self.has_te {
            Cow::Borrowed(self.fields)
        } else {
            self.mended_fields()
        }
    }

    /// With what the way and the other fields ask for, and without what they forbid.
    #[cold]
    fn mended_fields(&self) -> Cow<'_, HeaderMap> {
        let mut fields = Cow::Borrowed(self.fields);
        match (self.key.route, self.key.route.forward_authorization()) {
            (Route::Direct | Route::Unix(_), _) => {}
            (_, Some(value)) if !fields.contains_key(PROXY_AUTHORIZATION) => {
                fields.to_mut().insert(PROXY_AUTHORIZATION, value.clone());
            }
            // Credentials for a proxy are not for whoever is at the end of a tunnel through it.
            (Route::Tunnel(_) | Route::Socks(_), _) if fields.contains_key(PROXY_AUTHORIZATION) => {
                fields.to_mut().remove(PROXY_AUTHORIZATION);
            }
            _ => {}
        }
        // RFC 9110 section 10.1.1: no expectation without content.
        if self.expects_in_vain {
            fields.to_mut().remove(EXPECT);
        }
        // RFC 9110 section 10.1.4: `TE` is of this connection, which must be said.
        if self.has_te && !names_te(&fields) {
            fields
                .to_mut()
                .append(CONNECTION, HeaderValue::from_static("te"));
        }
        fields
    }
}

fn names_te(fields: &HeaderMap) -> bool {
    let values = fields.get_all(CONNECTION).iter();
    let mut options = values.flat_map(|value| grammar::list(value.as_bytes()));
    options.any(|option| option.eq_ignore_ascii_case(b"te"))
}

/// The size of the content where it is known. Content with a trailer section is chunked.
fn size_of(body: &Body, has_trailer: bool) -> Option<u64> {
    let size = match body.known() {
        Some(whole) => Some(whole.len() as u64),
        None => body.size_hint().exact(),
    };
    if size != Some(0) && has_trailer {
        None
    } else {
        size
    }
}

fn declared_length(value: &HeaderValue) -> Result<u64, Error> {
    grammar::decimal(value.as_bytes())
        .ok_or_else(|| Error::request("the content-length of the request is not a number"))
}
