//! Muxes within muxes, services, fallbacks, names, and routes that change.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http_mux::serve_mux::{LiveMux, Mounted, PatternErrorKind, UrlError, Verdict};
use http_mux::{Body, Params, Request, Response, ServeMux, StatusCode};
use tower_service::Service;

use crate::{check, echo, request, serve, text};

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

/// The path of a more specific pattern is that one's.
#[test]
fn a_url_leads_to_no_other_route() {
    let mut mux = echo(&[]);
    mux.handle("GET /o/{org}/users/{id}", || ()).named("user");
    mux.handle("GET /o/{org}/users/me", || ());
    mux.handle("POST /o/{org}/users/new", || ());
    mux.handle("/v2/{name...}", || ()).named("all");
    mux.handle("GET /v2/{name...}/tags", || ());
    mux.handle("/static/", || ()).named("static");
    mux.handle("a.example/static/", || ());
    mux.handle("GET /static/", || ());
    let user = |id| mux.url("user", &[("org", "a"), ("id", id)]);
    assert_eq!(user("7").as_deref(), Ok("/o/a/users/7"));
    assert_eq!(user("new").as_deref(), Ok("/o/a/users/new"));
    assert_eq!(user("me"), Err(UrlError::Unroutable("id".into())));
    let all = |name| mux.url("all", &[("name", name)]);
    assert_eq!(all("a/tag").as_deref(), Ok("/v2/a/tag"));
    assert_eq!(all("a/tags"), Err(UrlError::Unroutable("name".into())));
    assert_eq!(mux.url("static", &[]).as_deref(), Ok("/static/"));
}

#[test]
fn a_url_has_no_empty_segment_behind_a_rest() {
    let mut mux = echo(&[]);
    mux.handle("/v2/{name...}/blobs", || ()).named("blobs");
    mux.handle("/v2/{name...}", || ()).named("all");
    let unroutable = Err(UrlError::Unroutable("name".into()));
    for (name, blobs, all) in [
        (
            "a/b",
            Ok("/v2/a/b/blobs".to_owned()),
            Ok("/v2/a/b".to_owned()),
        ),
        ("", unroutable.clone(), Ok("/v2/".to_owned())),
        ("a/", unroutable.clone(), Ok("/v2/a/".to_owned())),
        ("/a", unroutable.clone(), unroutable.clone()),
    ] {
        assert_eq!(mux.url("blobs", &[("name", name)]), blobs);
        assert_eq!(mux.url("all", &[("name", name)]), all);
    }
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
    assert!(route.location().file().ends_with("main.rs"));
    assert!(route.handler().contains("echo"));
}

#[test]
fn a_clone_keeps_its_routes() {
    let mut mux = echo(&["/a"]);
    let serving = mux.clone();
    mux.handle("/b", || ());
    assert_eq!((serving.routes().count(), mux.routes().count()), (1, 2));
}

#[test]
fn path_parameters_are_read_as_types_and_what_does_not_parse_is_a_400() {
    let mut mux = ServeMux::new();
    mux.handle("/one/{id}", |params: Params| {
        params.bind::<u8>().map(|id| id.to_string())
    });
    mux.handle("/two/{id}/{name...}", |params: Params| {
        let both = params.bind::<(u8, String)>();
        both.map(|(id, name)| format!("{name} {id}"))
    });
    let mut outer = ServeMux::new();
    outer.mount("/{tenant}/", mux.clone());
    assert_eq!(text(serve(&mux, "GET /one/7")), "7");
    assert_eq!(text(serve(&mux, "GET /two/7/a%20b/c")), "a b/c 7");
    let refused = serve(&mux, "GET /two/300/x");
    assert_eq!(refused.status(), 400);
    let why = text(refused);
    assert!(why.contains("id") && why.contains("300"), "{why}");
    assert_eq!(
        serve(&outer, "GET /t/one/7").status(),
        400,
        "the tenant is a parameter too"
    );
}
