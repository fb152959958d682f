//! Which pattern a request takes, and where it is redirected.

use http_mux::{ServeMux, StatusCode};
use tower_service::Service;

use crate::{check, echo, now, request, serve, text};

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
            ("GET /tree?", "307 /tree/"),
            ("GET /a/..?", "307 /"),
            ("GET /x%2Fy/../tree", "307 /tree/"),
            ("GET /x%2Fy//a%20b", "307 /x%2Fy/a%20b"),
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
fn an_asterisk_is_for_options_and_an_authority_has_no_path() {
    let mux = echo(&["/", "CONNECT /{x}"]);
    let response = serve(&mux, "OPTIONS *");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response), "");
    let response = serve(&mux, "GET *");
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
