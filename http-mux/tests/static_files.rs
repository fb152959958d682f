//! Directories and files behind an engine.

#![cfg(feature = "io")]

use http_mux::engine::{Context, Next};
use http_mux::{Body, Engine, Request, Response, ResponseExt, StatusCode};

async fn ask(engine: &Engine, target: &str) -> (u16, String, Response<()>) {
    let request = Request::get(target).body(Body::empty()).expect("a request");
    let (parts, body) = engine.respond(request).await.into_parts();
    let content = body.collect_bytes(100).await.expect("content");
    let text = String::from_utf8(content.into()).expect("text");
    (parts.status.as_u16(), text, Response::from_parts(parts, ()))
}

#[tokio::test]
async fn a_directory_is_served_and_nothing_outside_it() {
    let root = std::env::temp_dir().join(format!("http-mux-static-{}", std::process::id()));
    std::fs::create_dir_all(root.join("public/sub")).expect("a directory");
    for (name, text) in [
        ("secret.txt", "s"),
        ("public/a b.txt", "a"),
        ("public/sub/index.html", "i"),
    ] {
        std::fs::write(root.join(name), text).expect("a file");
    }
    let mut engine = Engine::new();
    engine.use_(async |cx: Context, next: Next| {
        let response = next.run(cx).await;
        let seen = response.headers().contains_key("x-once");
        response.with_header("x-once", if seen { "twice" } else { "once" })
    });
    engine.no_route(|| (StatusCode::NOT_FOUND, "none"));
    engine.static_dir("/assets", root.join("public"));
    engine.static_file("/one", root.join("secret.txt"));

    assert_eq!(ask(&engine, "/assets/a%20b.txt").await.1, "a");
    assert_eq!(ask(&engine, "/assets/sub/").await.1, "i");
    let (status, _, response) = ask(&engine, "/assets/sub?q").await;
    assert_eq!(
        (status, &response.headers()["location"]),
        (301, &"/assets/sub/?q".parse().expect("a value"))
    );
    let (status, _, response) = ask(&engine, "/assets/sub/index.html/?q").await;
    assert_eq!(
        (status, &response.headers()["location"]),
        (301, &"/assets/sub/index.html?q".parse().expect("a value"))
    );
    let mut outer = Engine::new();
    outer.mount("/app", engine.clone());
    let (_, _, response) = ask(&outer, "/app/assets/sub").await;
    assert_eq!(response.headers()["location"], "/app/assets/sub/");
    #[cfg(unix)]
    let socket = std::os::unix::net::UnixListener::bind(root.join("public/socket"));
    let long = &format!("/assets/{}", "x".repeat(300));
    let deep = &format!("/assets/{}", "x/".repeat(3000));
    for target in [
        "/assets/none",
        "/assets/",
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/sub/..%2f..%2fsecret.txt",
        "/assets//%2fetc/passwd",
        "/assets/..%5csecret.txt",
        "/assets/a%20b.txt%00",
        "/assets/a%20b.txt%00.png",
        "/assets/%ff",
        "/assets/a%20b.txt/sub",
        "/assets/none.txt/",
        long,
        deep,
        #[cfg(unix)]
        "/assets/socket",
    ] {
        let (status, text, response) = ask(&engine, target).await;
        assert_eq!((status, text.as_str()), (404, "none"), "{target}");
        assert_eq!(response.headers()["x-once"], "once", "{target}");
    }
    assert_eq!(ask(&engine, "/one").await.1, "s");
    #[cfg(unix)]
    drop(socket.expect("a socket is no file"));
    std::fs::remove_dir_all(root).expect("it is ours");
}

#[test]
#[should_panic(expected = "without wildcards")]
fn a_directory_has_no_wildcard_in_its_path() {
    Engine::new().static_dir("/:user/files", "public");
}

#[test]
#[should_panic(expected = "without wildcards")]
fn a_file_has_no_wildcard_in_its_path() {
    Engine::new()
        .group("/v1")
        .static_file("/*any", "public/one");
}
