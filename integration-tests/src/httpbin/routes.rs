//! The one table that all routers are built from.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};
use http_codec::Body;

use super::{
    PathArgs, Reply, auth, base64_text, bytes, caching, cookies, digest, encodings, images,
    inspect, links, pages, redirects, status, streams, upload,
};

/// An endpoint with its type erased.
pub type Endpoint = fn(Request<Body>, PathArgs) -> Answering;

/// An answer on its way.
pub type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// A path and what answers there.
pub struct Route {
    /// By which methods; one for `GET` answers `HEAD` too.
    pub methods: &'static [&'static str],
    /// The path: `{name}` is one segment, `{name...}` the rest.
    pub path: &'static str,
    /// One line for the list of endpoints.
    pub about: &'static str,
    /// What answers.
    pub endpoint: Endpoint,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("methods", &self.methods)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

const GET: &[&str] = &["GET"];
const ANY: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"];

macro_rules! routes {
    ($($methods:expr, $path:literal, $about:literal => $endpoint:path;)*) => {
        /// Every endpoint.
        pub const ROUTES: &[Route] = &[$(Route {
            methods: $methods,
            path: $path,
            about: $about,
            endpoint: |request, path| Box::pin(answer($endpoint(request, path))),
        }),*];
    };
}

async fn answer(reply: impl Future<Output = Reply>) -> Response<Body> {
    match reply.await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

routes! {
    GET, "/", "this list" => pages::index;

    GET, "/get", "the request: args, headers, origin, url" => inspect::get;
    GET, "/head", "the same, for HEAD" => inspect::get;
    &["POST"], "/post", "the request with its form, files, data, json" => inspect::with_content;
    &["PUT"], "/put", "the same" => inspect::with_content;
    &["PATCH"], "/patch", "the same" => inspect::with_content;
    &["DELETE"], "/delete", "the same" => inspect::with_content;
    ANY, "/anything", "the request by any method" => inspect::anything;
    ANY, "/anything/{rest...}", "and with any path" => inspect::anything_below;
    GET, "/headers", "the request's fields" => inspect::headers;
    GET, "/ip", "where the request came from" => inspect::ip;
    GET, "/user-agent", "what sent it" => inspect::user_agent;
    GET, "/uuid", "a random UUID" => inspect::uuid;

    ANY, "/status/{codes}", "a status, or one of several: 200:0.9,500:0.1" => status::status;
    GET, "/redirect/{n}", "n redirects; ?absolute=true" => redirects::times;
    GET, "/relative-redirect/{n}", "n relative redirects" => redirects::relative_times;
    GET, "/absolute-redirect/{n}", "n absolute redirects" => redirects::absolute_times;
    ANY, "/redirect-to", "?url=&status_code=" => redirects::to;

    GET, "/cookies", "the request's cookies" => cookies::show;
    GET, "/cookies/set", "sets those of the query" => cookies::set;
    GET, "/cookies/set/{name}/{value}", "sets one" => cookies::set_one;
    GET, "/cookies/delete", "deletes those of the query" => cookies::delete;

    GET, "/basic-auth/{user}/{passwd}", "401 until the credentials are right" => auth::basic;
    GET, "/hidden-basic-auth/{user}/{passwd}", "404 until they are" => auth::hidden_basic;
    GET, "/bearer", "any bearer token" => auth::bearer;
    GET, "/digest-auth/{qop}/{user}/{passwd}", "digest by MD5" => digest::digest;
    GET, "/digest-auth/{qop}/{user}/{passwd}/{algorithm}", "MD5, SHA-256 or SHA-512" => digest::digest;
    GET, "/digest-auth/{qop}/{user}/{passwd}/{algorithm}/{stale_after}", "with nonces that wear out" => digest::digest;

    GET, "/gzip", "encoded by gzip" => encodings::gzip;
    GET, "/deflate", "encoded by deflate" => encodings::deflate;
    GET, "/brotli", "encoded by brotli" => encodings::brotli;

    GET, "/bytes/{n}", "n random octets; ?seed=" => bytes::bytes;
    GET, "/stream-bytes/{n}", "the same in chunks; ?seed=&chunk_size=" => bytes::stream_bytes;
    GET, "/range/{n}", "n octets by range; ?duration=&chunk_size=" => bytes::range;
    GET, "/stream/{n}", "n lines of JSON in chunks" => streams::lines;
    GET, "/drip", "octets over time; ?numbytes=&duration=&delay=&code=" => streams::drip;
    ANY, "/delay/{n}", "the request, after n seconds" => streams::delay;
    GET, "/sse", "server-sent events; ?count=&duration=&delay=" => streams::events;
    GET, "/trailers", "the query as trailers" => streams::trailers;
    &["POST", "PUT"], "/upload", "counts the content, keeps nothing" => upload::upload;

    GET, "/cache", "304 to what is conditional" => caching::cache;
    GET, "/cache/{n}", "fresh for n seconds" => caching::cache_for;
    GET, "/etag/{etag}", "If-None-Match and If-Match" => caching::etag;
    &["GET", "POST"], "/response-headers", "the query as fields" => caching::response_headers;

    GET, "/base64/{value}", "decoded" => base64_text::decode;
    GET, "/encoding/utf8", "a page in many scripts" => pages::utf8;
    GET, "/html", "a page" => pages::html;
    GET, "/json", "a document" => pages::json;
    GET, "/xml", "a document" => pages::xml;
    GET, "/robots.txt", "what robots may see" => pages::robots;
    GET, "/deny", "what they may not" => pages::deny;
    GET, "/forms/post", "a form" => pages::form;
    GET, "/image", "a picture by Accept" => images::negotiated;
    GET, "/image/{format}", "png, jpeg, webp or svg" => images::by_format;
    GET, "/links/{n}", "to the first of n pages" => links::first;
    GET, "/links/{n}/{offset}", "pages that link to one another" => links::page;
}
