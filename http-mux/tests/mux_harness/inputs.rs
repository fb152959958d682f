//! Input of a request that is any octets at all: read in every way, answered, and never a panic.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use http_mux::engine::{BasicAuth, BodyLimit, ClientIp, Context, Offer, RequestId};
use http_mux::{Body, Engine, HeaderMap, Request, RequestExt};

/// The fields that the first lines are the values of.
const FIELDS: [&str; 7] = [
    "content-type",
    "cookie",
    "accept",
    "x-forwarded-for",
    "x-request-id",
    "authorization",
    "x-forwarded-prefix",
];

/// The first line is a target, the next ones are the values of [`FIELDS`], and all that follows is the content.
pub(crate) fn inputs(octets: &[u8]) {
    let mut lines = octets.splitn(FIELDS.len() + 2, |&octet| octet == b'\n');
    let target = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let mut request = Request::post(format!("/{target}"));
    for name in FIELDS {
        let value = lines.next().unwrap_or_default();
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    let content = lines.next().unwrap_or_default().to_vec();
    let limit = content.len() as u64;
    let Ok(request) = request.body(Body::from(content)) else {
        return;
    };
    let response = finish(engine(limit).respond(request));
    for name in ["location", "x-request-id"] {
        let value = response.headers().get(name);
        assert!(value.is_none_or(|value| value.to_str().is_ok()));
    }
}

fn engine(limit: u64) -> Engine {
    let mut engine = Engine::new();
    let settings = engine.settings_mut();
    settings.redirect_fixed_path = true;
    settings.handle_method_not_allowed = true;
    settings.client_ip = ClientIp::new()
        .peer_by(|_| Some([127, 0, 0, 1].into()))
        .trust("0.0.0.0/0".parse().expect("a network"))
        .trust("::/0".parse().expect("a network"));
    engine.use_(RequestId::new()).use_(BodyLimit(limit));
    engine.post("/:what/*rest", read);
    let users = BasicAuth::new([("a", "b")]);
    engine.with(users).post("/:what", read);
    engine
}

async fn read(mut cx: Context) -> String {
    let said = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        cx.client_ip(),
        cx.cookie("a"),
        cx.query("a"),
        cx.bind_path::<HashMap<String, String>>(),
        cx.bind_query::<HashMap<String, Vec<String>>>(),
    );
    let cookies = cx.request().cookies().count();
    let offers = ["text/html", "application/json"].map(|kind| Offer::new(kind, || "x"));
    let chosen: HeaderMap = cx.negotiate(offers).headers().clone();
    if let Ok(mut form) = cx.multipart() {
        while let Ok(Some(part)) = form.next().await {
            let described = format!(
                "{:?} {:?} {:?}",
                part.name(),
                part.file_name(),
                part.content_type()
            );
            if part.bytes(1 << 10).await.is_err() || described.is_empty() {
                break;
            }
        }
    }
    let bound = cx.bind::<HashMap<String, String>>().await;
    format!("{said} {cookies} {chosen:?} {bound:?}")
}

/// Polls until the end, which is near: all content is in hand.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future
            .as_mut()
            .poll(&mut TaskContext::from_waker(Waker::noop()))
        {
            return output;
        }
    }
    panic!("content that is in hand is waited for")
}
