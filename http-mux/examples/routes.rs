//! Prints the table of routes of an engine and of a mux, and says which one a request takes and why the others do not.
//!
//! `cargo run -p http-mux --example routes -- GET /repos/rust-lang/rust/issues`

use http_mux::{Engine, Request, ServeMux};

/// The same service in both spellings.
const ROUTES: [(&str, &str, &str); 9] = [
    ("GET", "/", "/{$}"),
    ("GET", "/repos/:owner/:repo", "/repos/{owner}/{repo}"),
    (
        "GET",
        "/repos/:owner/:repo/issues",
        "/repos/{owner}/{repo}/issues",
    ),
    (
        "POST",
        "/repos/:owner/:repo/issues",
        "/repos/{owner}/{repo}/issues",
    ),
    (
        "GET",
        "/repos/:owner/:repo/issues/:number",
        "/repos/{owner}/{repo}/issues/{number}",
    ),
    ("GET", "/repos/:owner/archived", "/repos/{owner}/archived"),
    ("GET", "/user", "/user"),
    ("DELETE", "/user/keys/:id", "/user/keys/{id}"),
    ("GET", "/files/*path", "/files/{path...}"),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (method, target) = match &arguments[..] {
        [] => ("GET", "/repos/rust-lang/rust/issues"),
        [method, target] => (method.as_str(), target.as_str()),
        _ => return eprintln!("usage: routes [METHOD TARGET]"),
    };
    let request = match Request::builder().method(method).uri(target).body(()) {
        Ok(request) => request,
        Err(error) => return eprintln!("{method} {target}: {error}"),
    };
    let (mut engine, mut mux) = (Engine::new(), ServeMux::new());
    for (method, gin, go) in ROUTES {
        if let Ok(method) = method.parse() {
            engine.handle(method, gin, || ());
        }
        mux.handle(&format!("{method} {go}"), || ());
    }

    println!("{method} {target}\n\nEngine:");
    for (route, verdict) in engine.explain(&request) {
        println!(
            "  {:<7} {:<40} {verdict}",
            route.method.as_str(),
            route.path
        );
    }
    println!("\nServeMux:");
    for (route, verdict) in mux.explain(&request) {
        println!("  {:<48} {verdict}", route.pattern().to_string());
    }
}
