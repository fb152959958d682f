//! What the shipped middleware adds, and layers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http_mux::engine::{BasicAuth, BodyLimit, Context, Logger, Next, Recovery, RequestId};
use http_mux::{Body, Engine, Request, RequestExt, StatusCode};

use crate::{content, get, send};

#[test]
fn a_panic_is_a_500_wherever_it_is() {
    let mut engine = Engine::new();
    engine.use_(Recovery::with(|message: &str| {
        (StatusCode::INTERNAL_SERVER_ERROR, message.to_owned())
    }));
    engine.get("/now", |_: Context| -> () { panic!("now") });
    engine.get("/later", async |_: Context| -> () {
        std::future::ready(()).await;
        panic!("later {}", 7)
    });
    assert_eq!(content(get(&engine, "/now")), "now");
    assert_eq!(content(get(&engine, "/later")), "later 7");
}

#[test]
fn a_line_for_each_request() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let mut engine = Engine::new();
    let logger = Logger::with(move |line| sink.lock().expect("a lock").push(line.to_string()));
    engine.use_(logger.skip(|cx| cx.path() == "/quiet"));
    engine.get("/quiet", || "x");
    get(&engine, "/a?b=c");
    get(&engine, "/quiet");
    let lines = lines.lock().expect("a lock");
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with("[HTTP] 20") && lines[0].ends_with("| GET     /a?b=c"),
        "{}",
        lines[0]
    );
    assert!(lines[0].contains(" | 404 | "), "{}", lines[0]);
}

#[test]
fn an_id_is_kept_or_made() {
    let mut engine = Engine::new();
    engine.use_(RequestId::new());
    engine.get("/", |cx: Context| {
        cx.header("x-request-id").unwrap_or_default().to_owned()
    });
    let made = get(&engine, "/");
    let id = made.headers()["x-request-id"].clone();
    assert_eq!(content(made), id.to_str().expect("text"));
    let with = |id: &str| {
        let request = Request::get("/")
            .header("x-request-id", id)
            .body(Body::empty());
        content(send(&engine, request.expect("a request")))
    };
    assert_eq!(with("abc"), "abc");
    assert_ne!(with(&"x".repeat(129)), "x".repeat(129));
}

#[test]
fn only_known_users_pass() {
    let mut engine = Engine::new();
    engine.use_(BasicAuth::new([("gopher", "secret")]).realm("the \"den\""));
    engine.get("/", |cx: Context| {
        cx.get::<String>("user").cloned().unwrap_or_default()
    });
    let refused = get(&engine, "/");
    assert_eq!(refused.status(), 401);
    assert_eq!(
        refused.headers()["www-authenticate"],
        r#"Basic realm="the \"den\"""#
    );
    let request = Request::get("/").header("authorization", "Basic Z29waGVyOnNlY3JldA==");
    assert_eq!(
        content(send(
            &engine,
            request.body(Body::empty()).expect("a request")
        )),
        "gopher"
    );
}

#[test]
fn content_over_the_limit_is_refused_announced_or_not() {
    let mut engine = Engine::new();
    engine.use_(BodyLimit(4));
    engine.post("/", async |mut cx: Context| {
        let limit = cx.header("x-limit").and_then(|limit| limit.parse().ok());
        cx.request_mut().text(limit.unwrap_or(100)).await
    });
    let post = |body: Body| send(&engine, Request::post("/").body(body).expect("a request"));
    assert_eq!(content(post("1234".into())), "1234");
    assert_eq!(post("12345".into()).status(), 413);
    let pieces = |n: usize| {
        let pieces = std::iter::repeat_with(|| Ok::<_, std::io::Error>("12"));
        Body::from_stream(futures::stream::iter(pieces.take(n).collect::<Vec<_>>()))
    };
    assert_eq!(content(post(pieces(2))), "1212");
    assert_eq!(post(pieces(3)).status(), 413);
    // Whose limit it was: not that of the reader, unless it was.
    assert_eq!(content(post(pieces(3))), "the content is too large");
    let request = Request::post("/").header("x-limit", "3").body(pieces(2));
    assert_eq!(
        content(send(&engine, request.expect("a request"))),
        "the content exceeds 3 octets"
    );
}

/// A tower service that counts the requests of all its clones.
#[derive(Clone)]
struct Counting<S>(S, Arc<AtomicUsize>);

impl<S: tower_service::Service<Request<Body>>> tower_service::Service<Request<Body>>
    for Counting<S>
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.call(request)
    }
}

#[test]
fn a_layer_wraps_the_engine_a_group_or_a_route() {
    let counts: [Arc<AtomicUsize>; 3] = Default::default();
    let layer = |at: usize| {
        let count = Arc::clone(&counts[at]);
        tower_layer::layer_fn(move |inner| Counting(inner, Arc::clone(&count)))
    };
    let mut engine = Engine::new();
    engine.use_(|mut cx: Context, next: Next| {
        cx.set("key", "kept");
        next.run(cx)
    });
    engine.layer(layer(0));
    let mut group = engine.group("/g/:id");
    group.layer(layer(1)).get("/a", |cx: Context| {
        format!("{} {:?}", cx.param("id"), cx.get::<&str>("key"))
    });
    group.with_layer(layer(2)).get("/b", || "b");
    assert_eq!(content(get(&engine, "/g/7/a")), "7 Some(\"kept\")");
    get(&engine, "/g/7/b");
    get(&engine, "/none");
    let counted = counts.map(|count| count.load(Ordering::Relaxed));
    assert_eq!(counted, [3, 2, 1]);
}
