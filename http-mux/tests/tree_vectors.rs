//! Gin's own routing tables and the well-known route sets, on the bare tree.

mod tree_support;

use http_mux::tree::Tree;
use serde_json::Value;
use tree_support::{braces, find, gin};

const LOOKUPS: &str = include_str!("data/gin/tree_lookup.json");
const FOLDED: &str = include_str!("data/gin/case_insensitive.json");
const ROUTE_SETS: [&str; 4] = [
    include_str!("data/routes/github.json"),
    include_str!("data/routes/gplus.json"),
    include_str!("data/routes/parse.json"),
    include_str!("data/routes/static.json"),
];

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], |list| list)
}

fn tree(routes: &[Value]) -> Tree<&str> {
    let mut tree = Tree::with_empty_values();
    for route in routes {
        // Gin's test of duplicates leaves them out of its own list.
        let _ = tree.insert(gin(text(route)), text(route));
    }
    tree
}

/// A static leaf and a slash: Gin gives up at once, and redirects to `/cmd/whoami`. Here `/cmd/:tool/` is found.
const FULL_BACKTRACKING: [&str; 1] = ["/cmd/whoami/"];

#[test]
fn gin_s_lookups_give_gin_s_routes() {
    let vectors: Value = serde_json::from_str(LOOKUPS).expect("JSON");
    let (mut rows, mut excepted) = (0, 0);
    for case in list(&vectors["cases"]) {
        let tree = tree(list(&case["routes"]));
        for row in list(&case["lookups"]) {
            let path = text(&row["path"]);
            rows += 1;
            let found = find(&tree, path);
            if FULL_BACKTRACKING.contains(&path) && found.is_some() && row["found"] == false {
                excepted += 1;
                continue;
            }
            let context = format!("{}: {path}", case["test"]);
            assert_eq!(found.is_some(), row["found"] == true, "{context}");
            let Some((route, values)) = found else {
                assert_eq!(slash_helps(&tree, path), row["tsr"] == true, "{context}");
                continue;
            };
            assert_eq!(route, text(&row["route"]), "{context}");
            if row["params_requested"] == true && row["unescape"] == false {
                let expected = list(&row["params"]).iter().map(|pair| text(&pair[1]));
                assert_eq!(values, expected.collect::<Vec<_>>(), "{context}");
            }
        }
    }
    assert!(
        rows > 380 && excepted <= 1,
        "{rows} rows, {excepted} exceptions"
    );
}

fn slash_helps(tree: &Tree<&str>, path: &str) -> bool {
    let toggled = match path.strip_suffix('/') {
        Some(path) => path.to_owned(),
        None => format!("{path}/"),
    };
    find(tree, &toggled).is_some()
}

#[test]
fn gin_s_case_insensitive_lookups_fix_the_path_as_gin_does() {
    let vectors: Value = serde_json::from_str(FOLDED).expect("JSON");
    for case in list(&vectors["cases"]) {
        let tree = tree(list(&case["routes"]));
        for row in list(&case["lookups"]) {
            let path = text(&row["path"]);
            let mut fixed = tree.find_folded(path);
            if fixed.is_none() && row["fix_trailing_slash"] == true {
                fixed = match path.strip_suffix('/') {
                    Some(path) => tree.find_folded(path),
                    None => tree.find_folded(&format!("{path}/")),
                };
            }
            assert_eq!(
                fixed.as_deref(),
                row["out"].as_str(),
                "{}: {path}",
                case["test"]
            );
        }
    }
}

#[test]
fn each_route_of_the_well_known_sets_is_found_with_its_values() {
    for set in ROUTE_SETS {
        let vectors: Value = serde_json::from_str(set).expect("JSON");
        let routes = list(&vectors["routes"]);
        for (column, parse) in [("gin", gin as fn(&str) -> _), ("matchit", braces)] {
            for method in ["GET", "POST", "PUT", "DELETE"] {
                let of_method = || routes.iter().filter(|route| route["method"] == method);
                let mut tree = Tree::new();
                for route in of_method() {
                    let pattern = text(&route[column]);
                    tree.insert(parse(pattern), pattern).expect("a new route");
                }
                for route in of_method() {
                    let path = text(&route["sample_path"]);
                    let (pattern, values) = find(&tree, path).expect(path);
                    assert_eq!(pattern, text(&route[column]));
                    let expected = list(&route["sample_params"]).iter();
                    let expected = expected.map(|pair| text(&pair[1]));
                    assert_eq!(values, expected.collect::<Vec<_>>(), "{path}");
                }
            }
        }
    }
}
