//! Random routes and paths: the tree finds what trying all routes finds, and never panics.

mod tree_support;

use http_mux::tree::{Captures, Route, Tree};
use tree_support::{Random, braces, find, naive, precedence};

const SEGMENTS: [&str; 14] = [
    "a",
    "b",
    "ab",
    "",
    "repositories",
    "repository",
    "application-settings",
    "{x}",
    "{x}",
    "a{x}",
    "{x}b",
    "a{x}b",
    "{x}-{y}",
    "{x}.git",
];
const PARTS: [&str; 16] = [
    "a",
    "b",
    "ab",
    "",
    "axb",
    "x",
    "a-b",
    "x.git",
    "repositories",
    "repository",
    "repositorieS",
    "application-settings",
    "application-Settings",
    "é",
    "-",
    "a-b.git",
];

fn route(random: &mut Random) -> Option<Route> {
    let mut pattern = String::new();
    let segments = 1 + random.below(5);
    let rest = (random.below(4) == 0).then(|| random.below(segments));
    for at in 0..segments {
        pattern.push('/');
        if rest == Some(at) {
            pattern.push_str("{rest...}");
        } else {
            pattern.push_str(&random.pick(&SEGMENTS).replace("{x}", &format!("{{x{at}}}")));
        }
    }
    Some(braces(&pattern))
}

fn path(random: &mut Random, routes: &[Route]) -> String {
    // Half of them near a route, half anywhere.
    if random.below(2) == 0 {
        let pattern = random.pick(routes).pattern();
        let segments = pattern
            .split('/')
            .skip(1)
            .map(|segment| match segment.find('{') {
                Some(_) if random.below(8) > 0 => segment
                    .split('{')
                    .map(|part| {
                        part.split_once('}')
                            .map_or(part.to_owned(), |(_, l)| format!("v{l}"))
                    })
                    .collect(),
                Some(_) => (*random.pick(&PARTS)).to_owned(),
                None if random.below(8) > 0 => segment.to_owned(),
                None => (*random.pick(&PARTS)).to_owned(),
            });
        return format!("/{}", segments.collect::<Vec<_>>().join("/"));
    }
    let segments = 1 + random.below(6);
    let parts = (0..segments).map(|_| *random.pick(&PARTS));
    format!("/{}", parts.collect::<Vec<_>>().join("/"))
}

#[test]
fn a_tree_finds_what_trying_all_routes_finds() {
    let mut random = Random(6);
    let mut found = 0;
    for _ in 0..500 {
        let mut tree = Tree::new();
        let mut routes = Vec::new();
        for _ in 0..1 + random.below(16) {
            let Some(route) = route(&mut random) else {
                continue;
            };
            if tree.insert(route.clone(), routes.len()).is_ok() {
                routes.push(route);
            }
        }
        for _ in 0..220 {
            let path = path(&mut random, &routes);
            let matches = routes
                .iter()
                .enumerate()
                .filter(|(_, route)| naive(route, &path).is_some());
            let best = matches.min_by(|(_, l), (_, r)| precedence(l, r));
            let expected = best.map(|(at, route)| (at, naive(route, &path).expect("a match")));
            let actual = find(&tree, &path);
            found += usize::from(actual.is_some());
            // Two shapes of one rank may both match: then either is right, with its own values.
            if let (Some((a, _)), Some((e, _))) = (&actual, &expected) {
                if a != e && precedence(&routes[*a], &routes[*e]).is_eq() {
                    assert_eq!(
                        actual.as_ref().map(|(_, v)| v.clone()),
                        naive(&routes[*a], &path)
                    );
                    continue;
                }
            }
            let patterns: Vec<&str> = routes.iter().map(Route::pattern).collect();
            assert_eq!(actual, expected, "{path} in {patterns:?}");
        }
    }
    assert!(found > 30_000, "{found}");
}

#[test]
fn no_path_is_too_strange() {
    let mut random = Random(7);
    let octets = [
        "/",
        "/",
        "%",
        "%2F",
        "%2f",
        "%e2",
        "a",
        "b",
        ".",
        "..",
        "\0",
        "é",
        "\u{10ffff}",
        "?",
        " ",
    ];
    let mut tree = Tree::with_empty_values();
    for pattern in [
        "/{x0}/{x1}",
        "/a/{rest...}",
        "/{rest...}/b/{x}",
        "/é{x}%",
        "/a//b",
        "/{x}.{y}/a",
    ] {
        tree.insert(braces(pattern), ()).expect("a new route");
    }
    let mut captures = Captures::new();
    for _ in 0..20_000 {
        let longest = if random.below(50) == 0 { 400 } else { 14 };
        let length = random.below(longest);
        let path: String = (0..length).map(|_| *random.pick(&octets)).collect();
        for escaped in [false, true] {
            let leaf = match escaped {
                false => tree.find(&path, &mut captures),
                true => tree.find_escaped(&path, &mut captures),
            };
            let Some(leaf) = leaf else { continue };
            assert_eq!(captures.len(), leaf.route.names().len());
            for span in captures.as_slice() {
                assert!(span.start <= span.end && span.end as usize <= path.len());
            }
        }
        let _ = tree.find_folded(&path);
    }
}

#[test]
fn more_than_sixteen_values_are_all_kept() {
    let mut tree = Tree::new();
    let pattern: String = (0..30).map(|at| format!("/{{x{at}}}")).collect();
    tree.insert(braces(&pattern), 1).expect("a new route");
    let path: String = (0..30).map(|at| format!("/v{at}")).collect();
    let (_, values) = find(&tree, &path).expect("a match");
    assert_eq!(values, path.split('/').skip(1).collect::<Vec<_>>());
}
