//! Gin's own tables, recorded from a running Gin, through the engine. Where we differ on purpose, the row is named here.

use futures::FutureExt;
use http_mux::engine::{Context, Next, RouteFault};
use http_mux::{Body, Engine, IntoResponse, Method, Request, Response, ResponseExt, StatusCode};
use serde_json::Value;

const REQUESTS: &str = include_str!("data/gin/http_upstream.json");
const CONFLICTS: &str = include_str!("data/gin/tree_conflicts.json");
const LOOKUPS: &str = include_str!("data/gin/tree_lookup.json");
const FOLDED: &str = include_str!("data/gin/case_insensitive.json");

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], |list| list)
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

fn method(name: &str) -> Method {
    name.parse().expect("a method")
}

/// Says which route it is and what its parameters are.
fn echo(cx: Context) -> Response<Body> {
    let params: Vec<_> = cx.params().iter().collect();
    let params = serde_json::to_string(&params).expect("JSON");
    let full_path = serde_json::to_string(cx.full_path()).expect("JSON");
    "".with_header("x-full-path", full_path)
        .with_header("x-params", percent(&params))
}

/// As a field value and as a URI may have it.
fn percent(text: &str) -> String {
    let keep = |octet: u8| octet.is_ascii_graphic() && octet != b'%';
    text.bytes().fold(String::new(), |mut out, octet| {
        match keep(octet) {
            true => out.push(octet.into()),
            false => out.push_str(&format!("%{octet:02X}")),
        }
        out
    })
}

fn header<'r>(response: &'r Response<Body>, name: &str) -> &'r str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().expect("text"))
}

fn ask(engine: &Engine, method: &Method, target: &str, headers: &Value) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers.as_object().into_iter().flatten() {
        request = request.header(name, text(value));
    }
    let request = request.body(Body::empty()).expect("a request");
    let reply = engine.respond(request);
    reply.now_or_never().expect("nothing waits")
}

fn content(response: Response<Body>) -> String {
    let content = response.into_body().collect_bytes(1 << 20).now_or_never();
    let content = content.expect("nothing waits").expect("content");
    String::from_utf8(content.into()).expect("text")
}

/// `X-Forwarded-Prefix` values of which Gin makes a Location that leads astray: relative, doubled, or to another host.
const SAFE_LOCATIONS: [(&str, &str); 3] = [
    ("api/../../", "/path"),
    ("https://gin-gonic.com/#", "/https/gin-goniccom/path"),
    ("#api", "/api/path"),
];

fn engine_of(case: &Value) -> Engine {
    let (config, answer) = (&case["config"], case["response"].clone());
    let mut engine = Engine::new();
    let settings = engine.settings_mut();
    let flag = |name: &str| config[name] == true;
    settings.handle_method_not_allowed = flag("HandleMethodNotAllowed");
    settings.redirect_fixed_path = flag("RedirectFixedPath");
    settings.redirect_trailing_slash = flag("RedirectTrailingSlash");
    settings.remove_extra_slash = flag("RemoveExtraSlash");
    settings.unescape_path_values = flag("UnescapePathValues");
    settings.use_escaped_path = flag("UseEscapedPath");
    settings.use_raw_path = flag("UseRawPath");
    let recorded = move || {
        let status = answer["status"].as_u64().expect("a status") as u16;
        let status = StatusCode::from_u16(status).expect("a status");
        let mut response = (status, text(&answer["body"]).to_owned()).into_response();
        response.headers_mut().remove("content-type");
        if let Some(kind) = answer["content_type"].as_str() {
            return response.with_header("content-type", kind);
        }
        response
    };
    if config["n_no_route"] == 1 {
        engine.no_route(recorded.clone());
    }
    if config["n_no_method"] == 1 {
        engine.no_method(recorded.clone());
    }
    if case["test"] == "TestRouteServeErrorWithWriteHeader" {
        engine.use_(move |_: Context, _: Next| {
            let response = recorded();
            async move { response }
        });
    }
    for route in list(&case["routes"]) {
        let (name, path) = (text(&route[0]), text(&route[1]));
        if case["test"] == "TestEngineHandleContext" && path == "/" {
            engine.get(path, |cx: Context| {
                cx.redispatch("/v2".parse().expect("a path"))
            });
            continue;
        }
        // The escapes are gone once Gin has served a request.
        let path = path.replace("/test:action", "/test\\:action");
        engine.handle(method(name), &path, echo);
    }
    engine
}

#[test]
fn gin_s_requests_get_gin_s_responses() {
    let (mut rows, mut excepted) = (0, 0);
    for case in list(&parse(REQUESTS)["cases"]) {
        rows += 1;
        let engine = engine_of(case);
        let (request, expected) = (&case["request"], &case["response"]);
        let (name, target) = (text(&request["method"]), text(&request["uri"]));
        let response = ask(&engine, &method(name), target, &request["headers"]);
        let context = format!("{} {request}", case["test"]);
        if text(&expected["full_path"]).is_empty() {
            let mut location = text(&expected["location"]);
            let prefix = text(&request["headers"]["X-Forwarded-Prefix"]);
            let safe = SAFE_LOCATIONS.iter().find(|(silly, _)| *silly == prefix);
            if let Some((_, safe)) = safe {
                excepted += 1;
                location = safe;
            }
            assert_eq!(response.status().as_u16(), expected["status"], "{context}");
            assert_eq!(header(&response, "location"), location, "{context}");
            assert_eq!(
                header(&response, "allow"),
                text(&expected["allow"]),
                "{context}"
            );
            let kind = header(&response, "content-type");
            assert_eq!(kind, text(&expected["content_type"]), "{context}");
            if safe.is_none() {
                assert_eq!(content(response), text(&expected["body"]), "{context}");
            }
            continue;
        }
        assert_eq!(response.status(), 200, "{context}");
        let full_path = header(&response, "x-full-path").replace(r"\\:", ":");
        assert_eq!(full_path, expected["full_path"].to_string(), "{context}");
        let params = percent(&expected["params"].to_string());
        assert_eq!(header(&response, "x-params"), params, "{context}");
    }
    assert_eq!((rows, excepted), (133, SAFE_LOCATIONS.len()));
}

#[test]
fn gin_refuses_and_accepts_the_same_routes() {
    let mut rows = 0;
    for case in list(&parse(CONFLICTS)["cases"]) {
        let mut engine = Engine::new();
        for step in list(&case["steps"]) {
            rows += 1;
            let before = engine.routes().count();
            let route = text(&step["route"]);
            let added = engine.try_handle(Method::GET, route, echo).map(drop);
            let context = format!("{}: {route}: {added:?}", case["test"]);
            assert_eq!(added.is_err(), step["error"] == true, "{context}");
            let Err(error) = added else { continue };
            assert_eq!(engine.routes().count(), before, "{context}");
            let panic = text(&step["panic"]);
            let kinds = match error.fault() {
                RouteFault::Name | RouteFault::RestBeside => ["conflicts with existing"; 2],
                // Of the same rest twice, Gin says that it conflicts with itself.
                RouteFault::Duplicate => ["already registered", "conflicts with existing"],
                RouteFault::Nameless => ["non-empty name"; 2],
                RouteFault::TwoWildcards => ["only one wildcard"; 2],
                // A pattern that is wrong by itself may collide as well; Gin sees that first.
                RouteFault::RestNotLast => ["at the end of the path", "conflicts with existing"],
                RouteFault::RestInSegment => ["no / before catch-all", "at the end of the path"],
                RouteFault::Escape => ["invalid escape"; 2],
                _ => [""; 2],
            };
            assert!(
                kinds.iter().any(|kind| panic.contains(kind)),
                "{context} against {panic}"
            );
        }
    }
    assert!(rows > 100, "{rows}");
}

/// A static leaf and a slash: Gin gives up at once, and redirects to `/cmd/whoami`. Here `/cmd/:tool/` is found.
const FULL_BACKTRACKING: [&str; 1] = ["/cmd/whoami/"];

/// Gin reads a value as a query, in which a plus is a blank; in a path it is a plus.
fn plus_stays(expected: &Value, path: &str) -> bool {
    path.contains('+') && expected.to_string().contains(' ')
}

#[test]
fn gin_s_lookups_lead_to_gin_s_routes() {
    let (mut rows, mut excepted) = (0, 0);
    for case in list(&parse(LOOKUPS)["cases"]) {
        let mut engine = Engine::new();
        engine.settings_mut().use_escaped_path = case["test"] == "TestUnescapeParameters";
        for route in list(&case["routes"]) {
            // At the level of the tree, Gin keeps the backslash in both.
            let route = text(route).replace(r"\:", r"\\:").replace(r"\\:", r"\:");
            let _ = engine.try_handle(Method::GET, &route, echo);
        }
        for row in list(&case["lookups"]) {
            rows += 1;
            let path = text(&row["path"]).replace(r"\:", ":");
            let target = match engine.settings().use_escaped_path {
                true => path.replace('\\', "%5C").replace(' ', "%20"),
                false => percent(&path).replace('?', "%3F").replace('#', "%23"),
            };
            let response = ask(&engine, &Method::GET, &target, &Value::Null);
            let context = format!("{}: {path} as {target}: {response:?}", case["test"]);
            if FULL_BACKTRACKING.contains(&path.as_str()) && row["found"] == false {
                excepted += 1;
                assert_eq!(response.status(), 200, "{context}");
                continue;
            }
            let expected = match (row["found"] == true, row["tsr"] == true) {
                (true, _) => 200,
                (false, true) if path != "/" => 301,
                (false, _) => 404,
            };
            assert_eq!(response.status(), expected, "{context}");
            if expected == 200 && row["params_requested"] == true {
                if row["unescape"] == true && plus_stays(&row["params"], &path) {
                    excepted += 1;
                    continue;
                }
                let params = percent(&row["params"].to_string());
                assert_eq!(header(&response, "x-params"), params, "{context}");
            }
        }
    }
    assert!(rows > 350 && excepted <= 4, "{rows} {excepted}");
}

#[test]
fn a_fixed_path_is_gin_s() {
    for case in list(&parse(FOLDED)["cases"]) {
        let mut engine = Engine::new();
        let settings = engine.settings_mut();
        (
            settings.redirect_fixed_path,
            settings.redirect_trailing_slash,
        ) = (true, false);
        for route in list(&case["routes"]) {
            engine.get(text(route), echo);
        }
        for row in list(&case["lookups"]) {
            if row["fix_trailing_slash"] == false {
                continue;
            }
            let path = text(&row["path"]);
            let target = percent(path);
            let response = ask(&engine, &Method::GET, &target, &Value::Null);
            let context = format!("{path}: {response:?}");
            match (row["found"] == true, response.status().as_u16()) {
                (true, 200) => assert_eq!(path, text(&row["out"])),
                (true, 301) => {
                    assert_eq!(header(&response, "location"), percent(text(&row["out"])));
                }
                (found, status) => assert_eq!((found, status), (false, 404), "{context}"),
            }
        }
    }
}
