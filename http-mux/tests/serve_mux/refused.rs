//! What is no pattern, and what may not stand beside another.

use http_mux::ServeMux;
use http_mux::serve_mux::PatternErrorKind;

use crate::echo;

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
    let file = "refused.rs:";
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
