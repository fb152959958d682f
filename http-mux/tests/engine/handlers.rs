//! Handlers, chains, and what a context gives.

use std::sync::Arc;

use http_mux::engine::{Context, Next, Offer};
use http_mux::{Body, Engine, IntoResponse, Params, Request, Response, ResponseExt, StatusCode};

use crate::{content, get, noting, send, taken};

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

/// RFC 9110 section 8.3.1: the names of media types know no case.
#[test]
fn json_is_bound_in_any_case() {
    let mut engine = Engine::new();
    engine.post("/", async |mut cx: Context| {
        cx.bind::<[u8; 2]>()
            .await
            .map(|[one, two]| format!("{one} {two}"))
    });
    for kind in ["application/json", "Application/JSON", "application/x+JSON"] {
        let request = Request::post("/").header("content-type", kind);
        let request = request.body("[1, 2]".into()).expect("a request");
        assert_eq!(content(send(&engine, request)), "1 2", "{kind}");
    }
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
