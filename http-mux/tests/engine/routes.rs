//! The table of routes, and how it changes.

use std::sync::Mutex;

use futures::FutureExt;
use http_mux::engine::{Context, LiveEngine, RouteFault, Verdict};
use http_mux::serve_mux::Mounted;
use http_mux::{Body, Engine, Method, Request};

use tower_service::Service;

use crate::{content, get};

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
    assert_eq!(text.matches("routes.rs").count(), 2, "{text}");
    assert_eq!(engine.routes().count(), 1);
    engine.settings_mut().allow_different_names = true;
    engine.get("/user/:id/posts", |cx: Context| cx.param("id").into_owned());
    assert_eq!(content(get(&engine, "/user/7/posts")), "7");
    engine.settings_mut().allow_beside_rest = true;
    engine.get("/user/*rest", |cx: Context| cx.param("rest").into_owned());
    assert_eq!(content(get(&engine, "/user/7/x/y")), "/7/x/y");
}

/// Gin has added it for the methods before the one that is refused.
#[test]
fn a_route_for_several_methods_is_added_for_all_or_for_none() {
    let mut engine = Engine::new();
    engine.post("/x", || "x");
    let twice = [Method::GET, Method::GET];
    for methods in [vec![Method::GET, Method::POST, Method::PUT], twice.to_vec()] {
        let refused = engine.try_matches(methods, "/x", || "y").map(drop);
        assert_eq!(
            refused.expect_err("a conflict").fault(),
            RouteFault::Duplicate
        );
        assert_eq!(engine.routes().count(), 1);
    }
    let any = std::panic::AssertUnwindSafe(|| engine.clone().any("/x", || "y").routes().count());
    assert!(std::panic::catch_unwind(any).is_err());
    let mut shared = engine.clone();
    shared.post("/m/*x", || "");
    let mount = std::panic::AssertUnwindSafe(|| {
        shared.mount("/m", Engine::new());
    });
    assert!(std::panic::catch_unwind(mount).is_err());
    assert_eq!(shared.routes().count(), 2);
    engine.matches([Method::GET, Method::PUT], "/x", || "y");
    assert_eq!(engine.routes().count(), 3);
}

#[test]
#[should_panic(expected = "the same route is there already")]
fn the_short_form_panics() {
    Engine::new().get("/x", || "x").get("/x", || "y");
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
fn a_mounted_engine_knows_what_was_taken_off_its_path() {
    let mut inner = Engine::new();
    inner.get("/x/:id", |cx: Context| {
        format!("{} {}", cx.param("tenant"), cx.param("id"))
    });
    let mut engine = Engine::new();
    engine.mount("/t/:tenant", inner.clone());
    let mut mux = http_mux::ServeMux::new();
    mux.mount("/t/{tenant}", inner);
    let of_mux = |target: &str| {
        let request = Request::get(target).body(Body::empty());
        let response = mux.clone().call(request.expect("a request"));
        response.now_or_never()
    };
    assert_eq!(content(get(&engine, "/t/a%20b/x/7")), "a b 7");
    let location = get(&engine, "/t/a/x/7/?q").headers()["location"].clone();
    assert_eq!(location, "/t/a/x/7?q");
    let found = of_mux("/t/a%20b/x/7").expect("nothing waits");
    assert_eq!(content(found.expect("infallible")), "a b 7");
    let moved = of_mux("/t/a%20b/x/7/").expect("nothing waits");
    let location = moved.expect("infallible").headers()["location"].clone();
    assert_eq!(location, "/t/a%20b/x/7");
}

/// What is mounted sees what the engine has looked up, not another path that begins elsewhere.
#[test]
fn a_mount_ends_where_the_engine_says() {
    let mounted = |clean: bool, raw: bool| {
        let mut engine = Engine::new();
        let settings = engine.settings_mut();
        (settings.remove_extra_slash, settings.use_escaped_path) = (clean, raw);
        let mut inner = Engine::new();
        inner.no_route(|cx: Context| {
            let mounted = Mounted::of(cx.request()).expect("it was mounted");
            format!("{} {}", mounted.prefix(), cx.uri())
        });
        engine.mount("/t/:id", inner);
        engine
    };
    let rows = [
        (false, false, "/t/1/x?q", "/t/1 /x?q"),
        (false, false, "/t/a%20b/x%2Fy%ff", "/t/a%20b /x%2Fy%ff"),
        (false, false, "/t%2f1%2Fx/y", "/t%2f1 /x/y"),
        (false, false, "/t/1%2Fx/y", "/t/1 /x/y"),
        (false, false, "/t/1%2/x", "/t/1%2 /x"),
        (false, true, "/t/1%2Fx/y", "/t/1%2Fx /y"),
        (true, false, "//t/1//x", "/t/1 /x"),
        (true, false, "/x/../t/1/../2/admin", "/t/2 /admin"),
        (true, false, "/t/1/./x%20%2e%2e/../y%20", "/t/1 /y%20"),
        (true, true, "/t//1%2F/./x", "/t/1%2F /x"),
    ];
    for (clean, raw, target, seen) in rows {
        let response = get(&mounted(clean, raw), target);
        assert_eq!(content(response), seen, "{target}");
    }
}

#[test]
fn a_mount_adds_no_parameter_of_its_own() {
    let mut inner = Engine::new();
    inner.get("/one/:id", |cx: Context| {
        cx.bind_path::<u8>().map(|id| id.to_string())
    });
    inner.get("/", |cx: Context| {
        let mounted = Mounted::of(cx.request()).expect("it was mounted");
        format!("{} {:?}", mounted.params().is_empty(), mounted.params())
    });
    let mut engine = Engine::new();
    engine.mount("/api", inner.clone());
    engine.mount("/t/:tenant", inner);
    assert_eq!(content(get(&engine, "/api/one/7")), "7");
    assert_eq!(content(get(&engine, "/api/")), "true {}");
    assert_eq!(content(get(&engine, "/t/a/")), r#"false {"tenant": "a"}"#);
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

/// The table reads a path and a method as the lookup of a request does.
#[test]
fn the_table_says_it_of_the_path_and_method_that_are_looked_up() {
    let mut engine = Engine::new();
    engine.settings_mut().use_escaped_path = true;
    engine.settings_mut().handle_head = true;
    engine
        .get("/a b/x", || "x")
        .get("/:name/y", || "x")
        .get("/a b/y", || "x")
        .get("/a b/y/", || "x");
    let request = Request::head("/a%20b/%79").body(()).expect("a request");
    let verdicts: Vec<String> = engine
        .explain(&request)
        .into_iter()
        .map(|(_, verdict)| verdict.to_string())
        .collect();
    let expected = [
        "has another path: `y` is not `x`",
        "matches too, but a more specific route goes before it",
        "takes the request",
        "differs by the slash at the end",
    ];
    assert_eq!(verdicts, expected);
}

#[test]
fn an_engine_is_replaced_while_requests_run() {
    let (sender, receiver) = futures::channel::oneshot::channel::<()>();
    let receiver = Mutex::new(Some(receiver));
    let mut first = Engine::new();
    first.get("/:name", move |cx: Context| {
        let receiver = receiver.lock().expect("a lock").take();
        async move {
            receiver.expect("asked once").await.expect("a sender");
            format!("first {} {}", cx.full_path(), cx.param("name"))
        }
    });
    let live = LiveEngine::from(first);
    let mut serving = live.clone();
    let request = Request::get("/x").body(Body::empty()).expect("a request");
    let mut running = Box::pin(serving.call(request));
    assert!(running.as_mut().now_or_never().is_none());

    let mut second = Engine::new();
    second.get("/:other/more", || "second");
    let old = live.replace(second);
    assert_eq!(old.routes().count(), 1);
    assert_eq!(content(get(&serving.load(), "/x/more")), "second");
    assert_eq!(get(&serving.load(), "/x").status(), 404);
    drop(old);

    sender.send(()).expect("a receiver");
    let response = running.now_or_never().expect("nothing waits any more");
    assert_eq!(content(response.expect("infallible")), "first /:name x");
}

#[test]
fn a_change_that_fails_changes_nothing_and_one_that_comes_second_is_made_again() {
    let live = LiveEngine::from(Engine::new());
    let add = |engine: &mut Engine, path: &str| {
        let added = engine.try_handle(Method::GET, path, || "x");
        added.map(drop)
    };
    let refused = live.update(|engine| {
        add(engine, "/a")?;
        add(engine, "/:b/")?;
        add(engine, "/:c/")
    });
    assert!(refused.is_err());
    assert_eq!(live.load().routes().count(), 0);

    let mut calls = 0;
    let changed = live.update(|engine| {
        calls += 1;
        if calls == 1 {
            live.update(|engine| add(engine, "/first"))?;
        }
        add(engine, "/second")
    });
    changed.expect("no conflict");
    assert_eq!((calls, live.load().routes().count()), (2, 2));
}

#[test]
fn changes_from_many_threads_all_stay() {
    let live = LiveEngine::from(Engine::new());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let live = &live;
            scope.spawn(move || {
                for number in 0..20 {
                    let path = format!("/{thread}/{number}");
                    live.update(|engine| engine.try_handle(Method::GET, &path, || "x").map(drop))
                        .expect("no conflict");
                    assert_eq!(get(&live.load(), &path).status(), 200);
                }
            });
        }
    });
    assert_eq!(live.load().routes().count(), 160);
}
