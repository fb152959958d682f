//! Redirects, and what answers where no route does.

use std::sync::Arc;

use http_mux::engine::Context;
use http_mux::{Engine, Method, Reply, StatusCode};

use crate::{ask, content, get, noting, taken};

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

/// As a lookup compares them, so does a redirect to the case of the route.
#[test]
fn a_path_is_fixed_however_it_is_written() {
    let mut engine = Engine::new();
    engine.settings_mut().use_escaped_path = true;
    engine.settings_mut().redirect_fixed_path = true;
    engine.get("/a b/:x/pre_:y/End", || "x");
    for (target, fixed) in [
        ("/a%20b/x/pre_y/end", "/a%20b/x/pre_y/End"),
        ("/A%20B/x%2Fx/pre_y/end", "/a%20b/x%2Fx/pre_y/End"),
        ("//A%20b/%ff/PRE_y%2f%3F/end/", "/a%20b/%ff/pre_y%2F%3F/End"),
        ("/%41%20b/%zz/pre_y/%45nd", "/a%20b/%zz/pre_y/%45nd"),
    ] {
        assert_eq!(get(&engine, target).headers()["location"], fixed);
        assert_eq!(get(&engine, fixed).status(), StatusCode::OK);
    }
}

#[test]
fn a_plus_in_a_path_is_a_plus() {
    let mut engine = Engine::new();
    engine.settings_mut().use_escaped_path = true;
    engine.get("/v1/:name", |cx: Context| cx.param("name").into_owned());
    assert_eq!(content(get(&engine, "/v1/a+b%20c%2Fd")), "a+b c/d");
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
fn a_group_with_a_parameter_has_its_own_404_too() {
    let mut engine = Engine::new();
    let not_found = |text| move || (StatusCode::NOT_FOUND, text);
    engine.group("/:organisation").no_route(not_found("any"));
    engine.group("/:organisation/").get("/x", || "x");
    engine.group("/v1").no_route(not_found("v1"));
    let mut users = engine.group("/v1/user_:id");
    users.no_route(not_found("user")).get("/x", || "x");
    let text = |target| content(get(&engine, target));
    assert_eq!(text("/v1/user_7/x"), "x");
    assert_eq!(text("/v1/user_7/none"), "user");
    assert_eq!(text("/v1/user_7"), "user");
    assert_eq!(text("/v1/user_/none"), "v1");
    assert_eq!(text("/v1/none"), "v1");
    assert_eq!(text("/v2/none"), "any");
}

/// As its routes are: their literals are compared decoded.
#[test]
fn a_group_is_found_however_its_path_is_written() {
    for raw in [false, true] {
        let mut engine = Engine::new();
        engine.settings_mut().use_escaped_path = raw;
        engine.no_route(|| "page");
        let mut group = engine.group("/v1/a b/:id");
        group.get("/x", || "x").no_route(|| "group");
        let text = |target| content(get(&engine, target));
        assert_eq!(text("/%761/a%20b/7/x"), "x");
        assert_eq!(text("/%761/a%20b/7/none"), "group");
        assert_eq!(text("/v1/a%20b/%2F"), if raw { "group" } else { "page" });
        assert_eq!(text("/v1/a%2520b/7/none"), "page");
    }
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

/// RFC 9112 section 3.2.4: the asterisk is no path, and so none that could be cleaned.
#[test]
fn the_server_as_a_whole_is_no_route() {
    for clean in [false, true] {
        let mut engine = Engine::new();
        let settings = engine.settings_mut();
        (settings.redirect_fixed_path, settings.remove_extra_slash) = (true, clean);
        engine.options("/:x", || "x").get("/*all", || "y");
        assert_eq!(ask(&engine, Method::OPTIONS, "*").status(), 404);
        engine.settings_mut().handle_options = true;
        let options = ask(&engine, Method::OPTIONS, "*");
        assert_eq!(
            (options.status().as_u16(), &options.headers()["allow"]),
            (204, &"GET, OPTIONS".parse().expect("a value"))
        );
    }
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

/// It may answer for a part of the paths, and leave the others to the engine.
#[test]
fn who_answers_what_is_not_found_may_not_find_it_either() {
    let mut engine = Engine::new();
    engine.no_route(|cx: Context| match cx.path() {
        "/elsewhere" => cx.redispatch("/none".parse().expect("a path")),
        path if path.starts_with("/api/") => Reply::ready((StatusCode::NOT_FOUND, "{}")),
        _ => cx.not_found(),
    });
    engine.get("/gone", Context::not_found);
    let text = |target| {
        let response = get(&engine, target);
        (response.status().as_u16(), content(response))
    };
    let engines_own = (404, "404 page not found".to_owned());
    assert_eq!(text("/api/x"), (404, "{}".to_owned()));
    assert_eq!(text("/x"), engines_own);
    assert_eq!(text("/gone"), engines_own);
    assert_eq!(text("/elsewhere"), engines_own);
}
