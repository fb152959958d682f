//! What an engine does: chains, groups, redirects, fallbacks, layers, and what the shipped middleware adds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use http_mux::engine::{
    BasicAuth, BodyLimit, Context, Logger, Next, Offer, Recovery, RequestId, RouteFault, Verdict,
};
use http_mux::{
    Body, Engine, IntoResponse, Method, Params, Request, RequestExt, Response, ResponseExt,
    StatusCode,
};

fn ask(engine: &Engine, method: Method, target: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(target);
    send(engine, request.body(Body::empty()).expect("a request"))
}

fn get(engine: &Engine, target: &str) -> Response<Body> {
    ask(engine, Method::GET, target)
}

fn send(engine: &Engine, request: Request<Body>) -> Response<Body> {
    engine
        .respond(request)
        .now_or_never()
        .expect("nothing waits")
}

fn content(response: Response<Body>) -> String {
    let content = response.into_body().collect_bytes(1 << 20).now_or_never();
    let content = content.expect("nothing waits").expect("content");
    String::from_utf8(content.into()).expect("text")
}

/// Middleware that writes its name before and after.
fn noting(
    name: &'static str,
    notes: &Arc<Mutex<String>>,
) -> impl Fn(Context, Next) -> futures::future::BoxFuture<'static, Response<Body>> + use<> {
    let notes = Arc::clone(notes);
    move |cx, next| {
        let notes = Arc::clone(&notes);
        async move {
            notes.lock().expect("a lock").push_str(name);
            let response = next.run(cx).await;
            notes.lock().expect("a lock").push_str(&name.to_uppercase());
            response
        }
        .boxed()
    }
}

fn taken(notes: &Arc<Mutex<String>>) -> String {
    std::mem::take(&mut notes.lock().expect("a lock"))
}

#[test]
fn every_shape_of_handler_answers() {
    let mut engine = Engine::new();
    engine
        .get("/nothing", || ())
        .get("/sync", |request: Request<Body>| {
            request.uri().path().to_owned()
        })
        .get("/async", async |cx: Context| cx.path().to_owned())
        .get("/params/:id", |params: Params| {
            params.get("id").unwrap_or_default().into_owned()
        })
        .get(
            "/both/:id",
            async |request: Request<Body>, params: Params| {
                format!(
                    "{} {}",
                    request.method(),
                    params.raw("id").unwrap_or_default()
                )
            },
        )
        .get("/result", || Err::<(), _>((StatusCode::CONFLICT, "no")));
    assert_eq!(get(&engine, "/nothing").status(), 200);
    assert_eq!(content(get(&engine, "/sync")), "/sync");
    assert_eq!(content(get(&engine, "/async")), "/async");
    assert_eq!(content(get(&engine, "/params/7")), "7");
    assert_eq!(content(get(&engine, "/both/7")), "GET 7");
    assert_eq!(get(&engine, "/result").status(), 409);
}

#[test]
fn a_chain_runs_inward_and_back() {
    let notes = Arc::default();
    let mut engine = Engine::new();
    engine.use_(noting("a", &notes));
    let mut group = engine.group("/v1");
    group.use_(noting("b", &notes)).get("/x", || "x");
    group
        .group("/in")
        .use_(noting("c", &notes))
        .get("/x", || "x");
    group.with(noting("d", &notes)).get("/with", || "x");
    engine.use_(noting("z", &notes)).get("/late", || "x");
    let run = |target: &str| {
        get(&engine, target);
        taken(&notes)
    };
    assert_eq!(run("/v1/x"), "abBA");
    assert_eq!(run("/v1/in/x"), "abcCBA");
    assert_eq!(run("/v1/with"), "abdDBA");
    assert_eq!(run("/late"), "azZA");
    assert_eq!(
        run("/none"),
        "azZA",
        "what was used later counts for a 404, not for older routes"
    );
}

#[test]
fn not_calling_next_is_the_abort() {
    let mut engine = Engine::new();
    engine.use_(|cx: Context, next: Next| match cx.header("x-key") {
        Some(_) => next.run(cx),
        None => http_mux::Reply::ready((StatusCode::FORBIDDEN, "no key")),
    });
    engine.get("/", || "in");
    assert_eq!(content(get(&engine, "/")), "no key");
    let request = Request::get("/").header("x-key", "1").body(Body::empty());
    assert_eq!(content(send(&engine, request.expect("a request"))), "in");
}

#[test]
fn more_than_63_middlewares_are_no_problem() {
    let mut engine = Engine::new();
    for _ in 0..200 {
        engine.use_(|mut cx: Context, next: Next| {
            let count = cx.get::<u32>("count").copied().unwrap_or(0);
            cx.set("count", count + 1);
            next.run(cx)
        });
    }
    engine.get("/", |cx: Context| format!("{:?}", cx.get::<u32>("count")));
    assert_eq!(content(get(&engine, "/")), "Some(200)");
}

#[test]
fn a_redirect_runs_the_engines_middleware() {
    let notes = Arc::default();
    let mut engine = Engine::new();
    engine.use_(noting("a", &notes)).get("/x", || "x");
    assert_eq!(get(&engine, "/x/?q=1").headers()["location"], "/x?q=1");
    assert_eq!(taken(&notes), "aA");
}

#[test]
fn a_redirect_never_leaves_the_host() {
    let mut engine = Engine::new();
    engine.settings_mut().redirect_fixed_path = true;
    engine.get("/:a/:b", || "x").get("/one", || "x");
    let location = |target: &str| match get(&engine, target) {
        response if response.status() == 301 => response.headers()["location"]
            .to_str()
            .expect("text")
            .to_owned(),
        response => response.status().to_string(),
    };
    assert_eq!(location("//evil.example/"), "/evil.example");
    assert_eq!(location("/%5Cevil.example/x/"), "/%5Cevil.example/x");
    assert_eq!(location("/ONE"), "/one");
    for target in [
        "//evil.example/",
        "/%2F/evil.example/",
        "///evil.example//",
        "/%09/evil.example/",
    ] {
        let location = location(target);
        assert!(
            !location.starts_with("//") && !location.starts_with("/\\"),
            "{target}: {location}"
        );
    }
}

#[test]
fn what_is_encoded_stays_encoded_on_a_redirect() {
    let mut engine = Engine::new();
    engine.settings_mut().use_raw_path = true;
    engine.get("/v1/:name", || "x");
    assert_eq!(
        get(&engine, "/v1/a%2Fb/").headers()["location"],
        "/v1/a%2Fb"
    );
    let mut decoded = Engine::new();
    decoded.get("/v1/:name", || "x");
    assert_eq!(
        get(&decoded, "/v1/a%3Fb/").headers()["location"],
        "/v1/a%3Fb"
    );
    assert_eq!(
        get(&decoded, "/v1/a%25b/").headers()["location"],
        "/v1/a%25b"
    );
}

#[test]
fn a_plus_in_a_path_is_a_plus() {
    let mut engine = Engine::new();
    engine.settings_mut().use_escaped_path = true;
    engine.get("/v1/:name", |cx: Context| cx.param("name").into_owned());
    assert_eq!(content(get(&engine, "/v1/a+b%20c%2Fd")), "a+b c/d");
}

#[test]
fn a_refused_route_names_both_and_changes_nothing() {
    let mut engine = Engine::new();
    engine.get("/user/:name", || "x");
    let error = engine
        .try_handle(Method::GET, "/user/:id", || "y")
        .map(drop)
        .expect_err("a conflict");
    assert_eq!(
        (error.fault(), error.other()),
        (RouteFault::Name, Some("/user/:name"))
    );
    let text = error.to_string();
    assert!(
        text.contains("/user/:id") && text.contains("/user/:name"),
        "{text}"
    );
    assert_eq!(text.matches("engine.rs").count(), 2, "{text}");
    assert_eq!(engine.routes().count(), 1);
    engine.settings_mut().allow_different_names = true;
    engine.get("/user/:id/posts", |cx: Context| cx.param("id").into_owned());
    assert_eq!(content(get(&engine, "/user/7/posts")), "7");
    engine.settings_mut().allow_beside_rest = true;
    engine.get("/user/*rest", |cx: Context| cx.param("rest").into_owned());
    assert_eq!(content(get(&engine, "/user/7/x/y")), "/7/x/y");
}

#[test]
#[should_panic(expected = "the same route is there already")]
fn the_short_form_panics() {
    Engine::new().get("/x", || "x").get("/x", || "y");
}

#[test]
fn a_group_has_its_own_404_and_405() {
    let notes = Arc::default();
    let mut engine = Engine::new();
    engine.settings_mut().handle_method_not_allowed = true;
    engine.no_route(|| (StatusCode::NOT_FOUND, "page"));
    let mut api = engine.group("/api");
    api.use_(noting("g", &notes));
    api.no_route(|| (StatusCode::NOT_FOUND, "{}"));
    api.no_method(|| (StatusCode::METHOD_NOT_ALLOWED, "{m}"));
    api.post("/x", || "x");
    engine.use_(noting("e", &notes));
    let text = |method, target| content(ask(&engine, method, target));
    assert_eq!(text(Method::GET, "/none"), "page");
    assert_eq!(taken(&notes), "eE");
    assert_eq!(text(Method::GET, "/api/none"), "{}");
    assert_eq!(taken(&notes), "egGE");
    assert_eq!(text(Method::GET, "/apinone"), "page");
    let refused = ask(&engine, Method::GET, "/api/x");
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["allow"]),
        (405, &"POST".parse().expect("a value"))
    );
    assert_eq!(content(refused), "{m}");
}

#[test]
fn head_and_options_are_answered_when_asked_for() {
    let mut engine = Engine::new();
    engine.get("/x", || "x").post("/x", || "x");
    assert_eq!(ask(&engine, Method::HEAD, "/x").status(), 404);
    let settings = engine.settings_mut();
    (settings.handle_head, settings.handle_options) = (true, true);
    settings.handle_method_not_allowed = true;
    assert_eq!(ask(&engine, Method::HEAD, "/x").status(), 200);
    assert_eq!(
        ask(&engine, Method::HEAD, "/x/").headers()["location"],
        "/x"
    );
    let options = ask(&engine, Method::OPTIONS, "/x");
    assert_eq!(
        (options.status().as_u16(), &options.headers()["allow"]),
        (204, &"GET, POST, HEAD, OPTIONS".parse().expect("a value"))
    );
    assert_eq!(ask(&engine, Method::OPTIONS, "*").status(), 204);
    assert_eq!(
        ask(&engine, Method::PUT, "/x").headers()["allow"],
        "GET, POST, HEAD, OPTIONS"
    );
}

/// Gin panics here, before any middleware.
#[test]
fn a_405_over_several_trees_is_no_crash() {
    let mut engine = Engine::new();
    engine.settings_mut().handle_method_not_allowed = true;
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH] {
        for path in ["/:x", "/u/:id", "/u/me/a"] {
            engine.handle(method.clone(), path, || "x");
        }
    }
    let refused = ask(&engine, Method::DELETE, "/u/me/a");
    assert_eq!(refused.headers()["allow"], "GET, POST, PUT, PATCH");
}

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
        cx.request_mut().text(100).await
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
}

#[test]
fn negotiation_chooses_by_accept() {
    let mut engine = Engine::new();
    engine.get("/", |cx: Context| {
        cx.negotiate([
            Offer::new("text/html", || "page"),
            Offer::new("application/json", || "{}"),
        ])
    });
    let ask = |accept: &str| {
        let request = Request::get("/")
            .header("accept", accept)
            .body(Body::empty());
        send(&engine, request.expect("a request"))
    };
    assert_eq!(content(ask("application/json, text/html;q=0.9")), "{}");
    assert_eq!(content(ask("*/*")), "page");
    assert_eq!(ask("image/png").status(), 406);
    assert_eq!(ask("image/png").headers()["vary"], "accept");
}

#[test]
fn a_request_goes_round_but_not_for_ever() {
    let mut engine = Engine::new();
    engine.get("/old", |cx: Context| {
        cx.redispatch("/new?q=1".parse().expect("a path"))
    });
    engine.get("/new", |cx: Context| {
        cx.query("q").unwrap_or_default().to_owned()
    });
    engine.get("/loop", |cx: Context| {
        cx.redispatch("/loop".parse().expect("a path"))
    });
    assert_eq!(content(get(&engine, "/old")), "1");
    assert_eq!(get(&engine, "/loop").status(), 500);
}

#[test]
fn query_values_lists_and_maps() {
    let mut engine = Engine::new();
    engine.get("/", |cx: Context| {
        let all: Vec<_> = cx.query_all("a").map(str::to_owned).collect();
        let map: Vec<_> = cx.query_map("m").map(|(k, v)| format!("{k}={v}")).collect();
        format!("{all:?} {map:?} {:?}", cx.query("none"))
    });
    let text = content(get(&engine, "/?a=1&m[x]=y&a=2+3&m[z]=%26"));
    assert_eq!(text, r#"["1", "2 3"] ["x=y", "z=&"] None"#);
}

#[test]
fn the_query_is_that_of_the_request_as_it_is_now() {
    let mut engine = Engine::new();
    engine.get("/", |mut cx: Context| {
        let before = cx.query("a").map(str::to_owned);
        *cx.request_mut().uri_mut() = "/?a=2".parse().expect("a target");
        format!("{before:?} {:?}", cx.query("a"))
    });
    assert_eq!(content(get(&engine, "/?a=1")), r#"Some("1") Some("2")"#);
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

#[test]
fn a_service_is_mounted_below_a_path() {
    let mut inner = Engine::new();
    inner.get("/x/:id", |cx: Context| {
        format!("{} {}", cx.param("id"), cx.uri())
    });
    let mut engine = Engine::new();
    engine.group("/api").mount("/v1", inner.clone());
    engine.handle_service(Method::GET, "/x/:id", inner);
    assert_eq!(content(get(&engine, "/api/v1/x/7?q=1")), "7 /x/7?q=1");
    assert_eq!(content(get(&engine, "/x/8")), "8 /x/8");
    assert_eq!(get(&engine, "/api/v1").headers()["location"], "/api/v1/");
}

#[test]
fn the_table_says_which_route_a_request_takes() {
    let mut engine = Engine::new();
    engine
        .get("/user/:name", || "x")
        .get("/user/me", || "x")
        .post("/user/:name", || "x")
        .get("/user/me/", || "x");
    let request = Request::get("/user/me").body(()).expect("a request");
    let verdicts: Vec<_> = engine
        .explain(&request)
        .into_iter()
        .map(|(route, verdict)| (route.path, verdict))
        .collect();
    assert!(
        matches!(verdicts[0], (_, Verdict::LessSpecific)),
        "{verdicts:?}"
    );
    assert!(matches!(verdicts[1], (_, Verdict::Taken)), "{verdicts:?}");
    assert!(matches!(verdicts[2], (_, Verdict::Slash)), "{verdicts:?}");
    assert!(
        matches!(verdicts[3], (_, Verdict::OtherMethod)),
        "{verdicts:?}"
    );
}

#[test]
fn a_response_of_another_body_type_will_do() {
    let mut engine = Engine::new();
    engine.get("/", || {
        Response::new(http_body_util::Full::new(http_mux::Bytes::from("full")))
    });
    assert_eq!(content(get(&engine, "/")), "full");
    engine.get("/c", || {
        "x".with_cookie("a=1")
            .with_status(StatusCode::ACCEPTED)
            .into_response()
    });
    assert_eq!(get(&engine, "/c").status(), 202);
}
