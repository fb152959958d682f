//! ServeMux row by row: requests in, responses out.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http_mux::serve_mux::{LiveMux, Mounted, PatternErrorKind, UrlError, Verdict};
use http_mux::{Body, Params, Request, Response, ServeMux, StatusCode};
use tower_service::Service;

/// Nothing here waits for anything.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a test's future waits"),
    }
}

fn request(line: &str) -> Request<Body> {
    let (method, target) = line.split_once(' ').expect("method and target");
    let (target, host) = target.split_once(" at ").unwrap_or((target, "example.com"));
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", host);
    request.body(Body::empty()).expect(line)
}

fn serve<S>(mux: &S, line: &str) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    now(mux.clone().call(request(line))).expect("infallible")
}

fn text(response: Response<Body>) -> String {
    let content = now(response.into_body().collect_bytes(1 << 20)).expect("content");
    String::from_utf8(content.to_vec()).expect("text")
}

/// A mux whose handlers answer with their pattern and parameters.
fn echo(patterns: &[&str]) -> ServeMux {
    let mut mux = ServeMux::new();
    for pattern in patterns {
        mux.handle(pattern, |params: Params| {
            format!("{} {params:?}", params.pattern())
        });
    }
    mux
}

fn check(mux: &ServeMux, rows: &[(&str, &str)]) {
    for (line, expected) in rows {
        let response = serve(mux, line);
        let field = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let actual = match response.status().as_u16() {
            200 => text(response),
            405 => format!("405 {}", field("allow").unwrap_or("no Allow")),
            status => format!("{status} {}", field("location").unwrap_or(""))
                .trim()
                .to_owned(),
        };
        assert_eq!(actual, *expected, "{line}");
    }
}

#[test]
fn the_more_specific_pattern_wins_and_get_answers_head() {
    let mux = echo(&[
        "/",
        "/{$}",
        "GET /a/b/{z}",
        "GET /a/{x}/c/d",
        "/a/",
        "HEAD /h",
        "GET /h",
        "POST /p/",
        "GET /p/x",
        "/deep/{x}/{rest...}",
    ]);
    check(
        &mux,
        &[
            ("GET /", "/{$} {}"),
            ("GET /x", "/ {}"),
            ("GET /a/b/d", r#"GET /a/b/{z} {"z": "d"}"#),
            ("HEAD /a/b/d", r#"GET /a/b/{z} {"z": "d"}"#),
            ("POST /a/b/d", "/a/ {}"),
            ("GET /a/q/c/d", r#"GET /a/{x}/c/d {"x": "q"}"#),
            ("GET /a", "307 /a/"),
            ("HEAD /h", "HEAD /h {}"),
            ("GET /h", "GET /h {}"),
            (
                "GET /deep/q/1/2",
                r#"/deep/{x}/{rest...} {"x": "q", "rest": "1/2"}"#,
            ),
            (
                "GET /deep/q/",
                r#"/deep/{x}/{rest...} {"x": "q", "rest": ""}"#,
            ),
            ("GET /deep/q", "307 /deep/q/"),
        ],
    );
}

#[test]
fn hosts_go_first_and_fold_case_and_lose_their_port() {
    let mux = echo(&["/", "a.example/", "GET A.example/x", "h:9000/", "[::1]/"]);
    check(
        &mux,
        &[
            ("GET /x at a.EXAMPLE:80", "GET A.example/x {}"),
            ("POST /x at a.example", "a.example/ {}"),
            ("GET /x at b.example", "/ {}"),
            ("GET /x at h:9000", "/ {}"),
            ("GET /x at [::1]:80", "[::1]/ {}"),
            ("GET http://a.example/x at b.example", "GET A.example/x {}"),
            ("CONNECT /x at h:9000", "h:9000/ {}"),
        ],
    );
}

#[test]
fn segments_are_decoded_one_by_one() {
    let mux = echo(&[
        "/a%2Fb/",
        "/w/{x}",
        "/{$}",
        "/m/{rest...}",
        "/%61/{x}",
        "/{x}",
        "/p/{a}-{b}",
    ]);
    check(
        &mux,
        &[
            ("GET /a%2fb/", "/a%2Fb/ {}"),
            ("GET /a/b", r#"/%61/{x} {"x": "b"}"#),
            ("GET /w/%2F", r#"/w/{x} {"x": "/"}"#),
            ("GET /%2F", r#"/{x} {"x": "/"}"#),
            ("GET /w/%zz", r#"/w/{x} {"x": "%zz"}"#),
            ("GET /m/a%2Fb/c%20d", r#"/m/{rest...} {"rest": "a/b/c d"}"#),
            ("GET /%2e%2e", r#"/{x} {"x": ".."}"#),
            ("GET /p/x%2Dy", r#"/p/{a}-{b} {"a": "x", "b": "y"}"#),
            ("GET /p/%41%2D%42%2D", r#"/p/{a}-{b} {"a": "A", "b": "B-"}"#),
            ("GET /+", r#"/{x} {"x": "+"}"#),
        ],
    );
}

#[test]
fn what_is_not_clean_is_redirected_within_this_host() {
    let mux = echo(&["/", "/tree/", "/tree/x", "POST /form/{$}", "/%2F/"]);
    check(
        &mux,
        &[
            ("GET //", "307 /"),
            ("GET //evil.example/a", "307 /evil.example/a"),
            ("GET //evil.example/..//a?b=c&d", "307 /a?b=c&d"),
            ("GET /a/../tree", "307 /tree/"),
            ("GET /tree?q=1", "307 /tree/?q=1"),
            ("POST /tree", "307 /tree/"),
            ("GET /./tree/./x", "307 /tree/x"),
            ("GET /tree//", "307 /tree/"),
            ("POST /form", "307 /form/"),
            ("GET /%2f", "307 /%2f/"),
            ("CONNECT /tree", "307 /tree/"),
            ("CONNECT /a/../b", "/ {}"),
        ],
    );
    for target in [
        "/\\evil.example/..",
        "//\\evil.example/",
        "/.//\\\\evil.example",
    ] {
        let Ok(uri) = target.parse::<http_mux::http::Uri>() else {
            continue;
        };
        let mut request = request("GET /");
        *request.uri_mut() = uri;
        let response = now(mux.clone().call(request)).expect("infallible");
        let Some(location) = response.headers().get("location") else {
            continue;
        };
        let location = location.to_str().expect("text");
        assert!(
            location.starts_with('/') && !location[1..].starts_with(['/', '\\']),
            "{location}"
        );
    }
}

#[test]
fn other_methods_make_a_405_with_all_of_them_sorted() {
    let mux = echo(&[
        "GET /x",
        "POST /x",
        "PUT h.example/x",
        "DELETE /s/",
        "PURGE /{y}",
    ]);
    check(
        &mux,
        &[
            ("PATCH /x", "405 GET, HEAD, POST, PURGE"),
            ("PATCH /x at h.example", "405 GET, HEAD, POST, PURGE, PUT"),
            ("GET /s", "405 DELETE, PURGE"),
            ("GET /s/", "405 DELETE"),
            ("GET /q/r", "404"),
        ],
    );
    assert_eq!(text(serve(&mux, "PATCH /x")), "Method Not Allowed\n");
    assert_eq!(text(serve(&mux, "GET /q/r")), "404 page not found\n");
    check(&ServeMux::new(), &[("GET /", "404")]);
}

#[test]
fn an_asterisk_is_a_400_and_an_authority_has_no_path() {
    let mux = echo(&["/", "CONNECT /{x}"]);
    let response = serve(&mux, "OPTIONS *");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["connection"], "close");
    check(&mux, &[("CONNECT example.com:443", "404")]);
}

#[test]
fn suffixes_several_names_and_a_rest_in_the_middle() {
    let mux = echo(&[
        "/{owner}/{repo}.git",
        "/{owner}/{repo}",
        "/{owner}/{repo}.t{format}.gz",
        "POST /v/x/{id}:cancel",
        "GET /v/x/{id}",
        "/v/2/{name...}/blobs/{digest}",
        "/v/2/{name...}/manifests/{reference}",
        "/v/2/{$}",
    ]);
    check(
        &mux,
        &[
            (
                "GET /o/r.git",
                r#"/{owner}/{repo}.git {"owner": "o", "repo": "r"}"#,
            ),
            (
                "GET /o/.git",
                r#"/{owner}/{repo} {"owner": "o", "repo": ".git"}"#,
            ),
            (
                "GET /o/r.tar.gz",
                r#"/{owner}/{repo}.t{format}.gz {"owner": "o", "repo": "r", "format": "ar"}"#,
            ),
            ("POST /v/x/7:cancel", r#"POST /v/x/{id}:cancel {"id": "7"}"#),
            (
                "GET /v/2/a/b/blobs/c/blobs/d",
                r#"/v/2/{name...}/blobs/{digest} {"name": "a/b/blobs/c", "digest": "d"}"#,
            ),
            (
                "GET /v/2/a/manifests/l",
                r#"/v/2/{name...}/manifests/{reference} {"name": "a", "reference": "l"}"#,
            ),
            ("GET /v/2/a/tags/l", "404"),
            ("GET /v/2/", "/v/2/{$} {}"),
        ],
    );
}

#[test]
fn what_is_no_pattern_is_refused_with_the_place() {
    for (pattern, at, reason) in [
        ("", 0, "empty"),
        ("G@T /", 0, "token"),
        ("GET", 0, "no path"),
        ("x", 0, "no path"),
        ("GET {x}/", 4, "host"),
        ("GET //", 4, "clean"),
        ("POST /a/../b", 5, "clean"),
        ("/{x", 1, "closed"),
        ("/{}", 2, "no name"),
        ("/{...}", 2, "no name"),
        ("/{$x}", 2, "identifier"),
        ("/{1a}", 2, "identifier"),
        ("/{$}/", 2, "stands alone"),
        ("/a{$}", 3, "stands alone"),
        ("/{x}{y}", 4, "touch"),
        ("/{x}/{x}", 6, "twice"),
        ("/{x}-{x}", 6, "twice"),
        ("/{x...}/", 8, "one rest"),
        ("/{x...}/{y...}", 8, "one rest"),
        ("/a{x...}", 3, "whole segment"),
    ] {
        let mut mux = ServeMux::new();
        let error = mux.try_handle(pattern, || ()).map(drop).expect_err(pattern);
        assert_eq!(error.kind(), PatternErrorKind::Syntax, "{pattern}");
        assert_eq!(error.position(), Some(at), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    for pattern in [
        "//",
        "/a/../b",
        "CONNECT /a//b",
        "GET\t /x",
        "/}",
        "/a}b",
        "/é",
        "/{é}",
    ] {
        assert!(
            ServeMux::new().try_handle(pattern, || ()).is_ok(),
            "{pattern}"
        );
    }
}

#[test]
fn a_conflict_names_both_patterns_both_places_and_a_path() {
    let mut mux = ServeMux::new();
    mux.handle("/a/{x}", || ());
    let error = mux
        .try_handle("/{y}/b", || ())
        .map(drop)
        .expect_err("a conflict");
    let text = error.to_string();
    let file = "serve_mux.rs:";
    assert_eq!(text.matches(file).count(), 2, "{text}");
    assert!(
        text.contains(r#"both match some paths, like "/a/b""#),
        "{text}"
    );
    assert!(
        text.contains(r#"/{y}/b matches "/x/b", but /a/{x} doesn't"#),
        "{text}"
    );
    assert_eq!(
        error.conflicts_with().map(|(pattern, _)| pattern),
        Some("/a/{x}")
    );
    for (first, second, words) in [
        ("/x/{a}", "/x/{b}", "matches the same requests as"),
        (
            "GET /x/",
            "/x/y/{z...}",
            "matches more methods than GET /x/, but has a more specific path pattern",
        ),
        (
            "/x/y",
            "GET /x/",
            "matches fewer methods than /x/y, but has a more general path pattern",
        ),
    ] {
        let error = echo(&[first])
            .try_handle(second, || ())
            .map(drop)
            .expect_err(second);
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
#[should_panic(expected = "conflicts with pattern")]
fn handle_panics_where_try_handle_returns() {
    echo(&["/a", "/a"]);
}

fn inner() -> ServeMux {
    let mut mux = ServeMux::new();
    mux.handle(
        "GET /items/{id}",
        |request: Request<Body>, params: Params| {
            let prefix = Mounted::of(&request).map_or("none", Mounted::prefix);
            format!("{prefix} {} {params:?}", request.uri())
        },
    );
    mux.handle("/tree/", || "tree");
    mux
}

#[test]
fn a_mount_takes_its_prefix_off_and_redirects_put_it_back() {
    let mut mux = ServeMux::new();
    mux.mount("/api/{tenant}", inner());
    let mut outer = ServeMux::new();
    outer.mount("/v1/", mux.clone());
    check(
        &mux,
        &[
            (
                "GET /api/t%20t/items/7?q",
                r#"/api/t%20t /items/7?q {"id": "7", "tenant": "t t"}"#,
            ),
            ("GET /api/t/tree", "307 /api/t/tree/"),
            ("GET /api/t", "307 /api/t/"),
            ("GET /api/t/none", "404"),
            ("POST /api/t/items/7", "405 GET, HEAD"),
        ],
    );
    check(
        &outer,
        &[
            (
                "GET /v1/api/t/items/7",
                r#"/v1/api/t /items/7 {"id": "7", "tenant": "t"}"#,
            ),
            ("GET /v1/api/t/tree?q", "307 /v1/api/t/tree/?q"),
        ],
    );
    for prefix in ["GET /x", "/{x...}", "/a/{$}"] {
        let error = mux.try_mount(prefix, inner()).map(drop).expect_err(prefix);
        assert_ne!(error.kind(), PatternErrorKind::Conflict, "{error}");
    }
}

#[test]
fn a_nested_mux_s_routes_are_this_mux_s() {
    let mut inner = inner();
    inner.handle("POST /items/{id}", || "posted").named("post");
    inner.not_found("/", || (StatusCode::NOT_FOUND, "inner"));
    let mut mux = echo(&["GET /{$}"]);
    mux.nest("/api/{tenant}", &inner);
    check(
        &mux,
        &[
            (
                "GET /api/t/items/7",
                r#"none /api/t/items/7 {"tenant": "t", "id": "7"}"#,
            ),
            ("GET /api/t/tree", "307 /api/t/tree/"),
        ],
    );
    assert_eq!(text(serve(&mux, "GET /api/t/none")), "inner");
    assert_eq!(text(serve(&mux, "GET /none")), "404 page not found\n");
    assert_eq!(
        mux.url("post", &[("tenant", "t"), ("id", "1")]).as_deref(),
        Ok("/api/t/items/1")
    );
    let before = mux.routes().count();
    assert!(mux.try_nest("/api/{other}", &inner).is_err());
    assert_eq!(mux.routes().count(), before);
}

#[test]
fn any_service_is_a_handler_and_its_failure_is_a_500() {
    #[derive(Clone)]
    struct Failing;
    impl Service<Request<Body>> for Failing {
        type Response = Response<Body>;
        type Error = &'static str;
        type Future = std::future::Ready<Result<Response<Body>, &'static str>>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
            Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: Request<Body>) -> Self::Future {
            std::future::ready(Err("no"))
        }
    }
    let mut mux = ServeMux::new();
    mux.handle_service("GET /", Failing);
    assert_eq!(
        serve(&mux, "GET /").status(),
        StatusCode::INTERNAL_SERVER_ERROR
    );
}

#[test]
fn each_subtree_has_its_own_404_and_405() {
    let mut mux = echo(&["GET /api/x", "GET /x"]);
    mux.not_found("/", |request: Request<Body>| {
        (StatusCode::NOT_FOUND, request.uri().to_string())
    });
    mux.not_found("/api/{version}/", |params: Params| {
        (
            StatusCode::NOT_FOUND,
            params.get("version").unwrap_or_default().into_owned(),
        )
    });
    mux.method_not_allowed("/api/", || (StatusCode::METHOD_NOT_ALLOWED, "api 405"));
    assert_eq!(text(serve(&mux, "GET /y")), "/y");
    assert_eq!(text(serve(&mux, "GET /api/v3/y")), "v3");
    assert_eq!(text(serve(&mux, "POST /api/x")), "api 405");
    check(
        &mux,
        &[
            ("POST /api/x", "405 GET, HEAD"),
            ("POST /x", "405 GET, HEAD"),
        ],
    );
    assert!(mux.try_not_found("/api/x", || ()).is_err());
    assert!(mux.try_not_found("GET /api/", || ()).is_err());
}

#[test]
fn a_url_leads_back_to_its_route() {
    let mut mux = echo(&[]);
    mux.handle("GET /f/{dir}/{name}.{ext}/{rest...}", || ())
        .named("file");
    mux.handle("/static/", || ()).named("static");
    let url = |values: &[(&str, &str)]| mux.url("file", values);
    let all = [
        ("dir", "a/b c"),
        ("name", "x"),
        ("ext", "tar.gz"),
        ("rest", "p/é?"),
    ];
    let built = url(&all).expect("a URL");
    assert_eq!(built, "/f/a%2Fb%20c/x.tar.gz/p/%C3%A9%3F");
    let route = mux.route_of(&request(&format!("GET {built}")));
    assert_eq!(route.and_then(|route| route.name()), Some("file"));
    assert_eq!(url(&all[1..]), Err(UrlError::Missing("dir".into())));
    let mut bad = all;
    bad[1].1 = "x.y";
    assert_eq!(url(&bad), Err(UrlError::Unroutable("name".into())));
    (bad[1].1, bad[0].1) = ("x", "..");
    assert_eq!(url(&bad), Err(UrlError::Unroutable("dir".into())));
    assert_eq!(mux.url("static", &[]).as_deref(), Ok("/static/"));
    assert_eq!(
        mux.url("none", &[]),
        Err(UrlError::NoSuchRoute("none".into()))
    );
    assert!(mux.handle("/again", || ()).try_named("file").is_err());
}

#[test]
fn routes_are_replaced_while_requests_run() {
    let mut first = ServeMux::new();
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let receiver = std::sync::Arc::new(std::sync::Mutex::new(receiver));
    first.handle("GET /", move || {
        let receiver = receiver.clone();
        async move {
            let wait =
                std::future::poll_fn(|_| match receiver.lock().expect("a lock").try_recv() {
                    Ok(()) => Poll::Ready(()),
                    Err(_) => Poll::Pending,
                });
            wait.await;
            "first"
        }
    });
    let live = LiveMux::from(first);
    let mut serving = live.clone();
    let mut running = pin!(serving.call(request("GET /")));
    let mut context = Context::from_waker(Waker::noop());
    assert!(running.as_mut().poll(&mut context).is_pending());
    let old = live.replace(echo(&["GET /{$}"]));
    assert_eq!(old.routes().count(), 1);
    assert_eq!(text(serve(&live, "GET /")), "GET /{$} {}");
    live.update(|mux| mux.try_handle("/new", || "new").map(drop))
        .expect("no conflict");
    assert_eq!(text(serve(&live, "GET /new")), "new");
    assert!(
        live.update(|mux| mux.try_handle("/new", || "").map(drop))
            .is_err()
    );
    sender.send(()).expect("a receiver");
    match running.poll(&mut context) {
        Poll::Ready(Ok(response)) => assert_eq!(text(response), "first"),
        Poll::Pending => panic!("the request that ran was lost"),
    }
}

#[test]
fn each_route_says_why_it_is_not_taken() {
    let mux = echo(&["GET /a/{x}", "/a/", "POST /a/b", "h.example/a/b", "/c"]);
    let verdicts: Vec<Verdict> = mux.explain(&request("GET /a/b")).map(|(_, v)| v).collect();
    use Verdict::{LessSpecific, OtherHost, OtherMethod, OtherPath, Taken};
    assert_eq!(
        verdicts,
        [Taken, LessSpecific, OtherMethod, OtherHost, OtherPath]
    );
    let route = mux.routes().next().expect("a route");
    assert_eq!((route.path(), route.host()), ("/a/{x}", None));
    assert!(route.location().file().ends_with("serve_mux.rs"));
    assert!(route.handler().contains("echo"));
}

#[test]
fn a_clone_keeps_its_routes() {
    let mut mux = echo(&["/a"]);
    let serving = mux.clone();
    mux.handle("/b", || ());
    assert_eq!((serving.routes().count(), mux.routes().count()), (1, 2));
}
