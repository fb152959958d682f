//! Conflicts and precedence, held against the sets of requests themselves: every path over a small alphabet is matched naively against every
//! pattern, and the answers must follow from those sets.

mod tree_support;

use http_mux::serve_mux::{Pattern, PatternErrorKind};
use http_mux::tree::Route;
use http_mux::{Request, ServeMux};
use tree_support::{Random, braces, naive};

/// Literals of the patterns, and segments that tell their wildcards apart.
const ALPHABET: [&str; 14] = [
    "", "a", "b", "ab", "x", "ax", "xb", "axb", "x-x", "ax-x", "x-xb", "ax-xb", "c", "a-b",
];
const SEGMENTS: [&str; 9] = [
    "a", "b", "ab", "{w}", "{w}", "a{w}", "{w}b", "a{w}b", "{w}-{v}",
];
const ENDS: [&str; 6] = ["", "", "", "/", "/{$}", "/{rest...}"];
const METHODS: [&str; 5] = ["", "", "GET ", "HEAD ", "POST "];

/// All paths of one to three segments, and those of four over fewer of them.
fn universe() -> Vec<String> {
    let mut paths = Vec::new();
    for (length, alphabet) in [
        (1, &ALPHABET[..]),
        (2, &ALPHABET),
        (3, &ALPHABET),
        (4, &ALPHABET[..9]),
    ] {
        let mut longer = vec![String::new()];
        for _ in 0..length {
            let paths = longer
                .iter()
                .flat_map(|path| alphabet.iter().map(move |s| format!("{path}/{s}")));
            longer = paths.collect();
        }
        paths.append(&mut longer);
    }
    paths
}

fn patterns(count: usize, hosts: &[&str]) -> Vec<String> {
    let mut random = Random(22);
    let mut patterns = Vec::new();
    while patterns.len() < count {
        let rest_in_the_middle = random.below(6) == 0;
        let segments = if rest_in_the_middle {
            1 + random.below(2)
        } else {
            random.below(3)
        };
        let mut path: String = (0..segments)
            .map(|at| {
                let segment = random.pick(&SEGMENTS);
                format!(
                    "/{}",
                    segment
                        .replace("w}", &format!("w{at}}}"))
                        .replace("v}", &format!("v{at}}}"))
                )
            })
            .collect();
        if rest_in_the_middle {
            let slashes: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
            path.insert_str(*random.pick(&slashes), "/{mid...}");
        } else {
            let end: &str = random.pick::<&str>(&ENDS);
            path.push_str(end);
        }
        let pattern = format!("{}{}{path}", random.pick(&METHODS), random.pick(hosts));
        if !path.is_empty() && !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}

/// The pattern's path, in the syntax of the naive matcher.
fn route(pattern: &Pattern) -> Route {
    let path = pattern.path();
    let end = if path.ends_with('/') {
        "{subtree...}"
    } else {
        ""
    };
    braces(&format!(
        "{}{end}",
        path.strip_suffix("{$}").unwrap_or(path)
    ))
}

fn matches(pattern: &Pattern, path: &str) -> bool {
    naive(&route(pattern), path).is_some()
}

struct Set {
    paths: Vec<u64>,
    methods: u8,
}

impl Set {
    fn of(pattern: &Pattern, universe: &[String]) -> Self {
        let route = route(pattern);
        let mut paths = vec![0; universe.len().div_ceil(64)];
        for (at, path) in universe.iter().enumerate() {
            paths[at / 64] |= u64::from(naive(&route, path).is_some()) << (at % 64);
        }
        let methods = match pattern.method().map(|method| method.as_str()) {
            None => 0b1111,
            Some("GET") => 0b0011,
            Some("HEAD") => 0b0001,
            _ => 0b0100,
        };
        Self { paths, methods }
    }

    fn meets(&self, other: &Self) -> bool {
        let mut pairs = self.paths.iter().zip(&other.paths);
        self.methods & other.methods != 0 && pairs.any(|(l, r)| l & r != 0)
    }

    fn within(&self, other: &Self) -> bool {
        let mut pairs = self.paths.iter().zip(&other.paths);
        self.methods & !other.methods == 0 && pairs.all(|(l, r)| l & !r == 0)
    }
}

#[test]
fn two_patterns_conflict_exactly_when_their_requests_do() {
    let universe = universe();
    let patterns = patterns(240, &[""]);
    let parsed: Vec<Pattern> = patterns.iter().map(|p| p.parse().expect(p)).collect();
    let sets: Vec<Set> = parsed
        .iter()
        .map(|pattern| Set::of(pattern, &universe))
        .collect();
    let mut conflicts = 0;
    for (i, first) in patterns.iter().enumerate() {
        let mut mux = ServeMux::new();
        mux.handle(first, || ());
        for (j, second) in patterns.iter().enumerate().skip(i + 1) {
            let (l, r) = (&sets[i], &sets[j]);
            let expected = l.meets(r) && l.within(r) == r.within(l);
            let before = mux.routes().count();
            // A copy: what is registered must not stay for the next pair.
            let result = mux.clone().try_handle(second, || ()).map(drop);
            assert_eq!(mux.routes().count(), before);
            assert_eq!(result.is_err(), expected, "{first} and {second}");
            let Err(error) = result else { continue };
            conflicts += 1;
            assert_eq!(error.kind(), PatternErrorKind::Conflict);
            let example = error.example().expect("an example");
            assert!(
                matches(&parsed[i], example) && matches(&parsed[j], example),
                "{error}"
            );
            check_text(&error.to_string(), &parsed[j], &parsed[i]);
        }
    }
    assert!(conflicts > 500, "{conflicts}");
}

/// The lines that say what only one matches are true.
fn check_text(text: &str, new: &Pattern, old: &Pattern) {
    let claim = |one: &Pattern, other: &Pattern| {
        let start = format!("{one} matches \"");
        let line = text.lines().find(|line| line.starts_with(&start));
        let Some(line) = line else { return };
        let path = line[start.len()..].split('"').next().expect("a path");
        assert!(matches(one, path) && !matches(other, path), "{text}");
    };
    assert!(text.contains("serve_mux_conflicts.rs:"), "{text}");
    claim(new, old);
    claim(old, new);
}

#[test]
fn the_most_specific_pattern_wins_whatever_the_order_of_registration() {
    let universe = universe();
    let mut random = Random(23);
    for round in 0..4 {
        let mut all = patterns(240, &["", "", "h.example", "i.example"]);
        let mut mux = ServeMux::new();
        while !all.is_empty() {
            let pattern = all.swap_remove(random.below(all.len()));
            let _ = mux.try_handle(&pattern, || ());
        }
        let patterns = mux.routes().map(|route| route.pattern().clone());
        let registered: Vec<(Pattern, Route)> = patterns
            .map(|pattern| (pattern.clone(), route(&pattern)))
            .collect();
        for _ in 0..1000 {
            let path = random.pick(&universe);
            if path.contains("//") {
                continue;
            }
            let method = *random.pick(&["GET", "HEAD", "POST", "PUT"]);
            let host = *random.pick(&["h.example", "i.example", "j.example"]);
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("host", host);
            let request = request.body(()).expect("a request");
            let expected = most_specific(&registered, host, method, path);
            let taken = mux.route_of(&request).map(|route| route.pattern().as_str());
            // What is redirected has no route: only a subtree may then match, with a slash.
            if taken.is_none() && expected.is_none_or(|pattern| pattern.ends_with(['/', '}'])) {
                continue;
            }
            assert_eq!(taken, expected, "round {round}: {method} {host}{path}");
        }
    }
}

/// Among the patterns that match, the one that goes before all others.
fn most_specific<'p>(
    all: &'p [(Pattern, Route)],
    host: &str,
    method: &str,
    path: &str,
) -> Option<&'p str> {
    let of_method = |pattern: &Pattern| match pattern.method().map(|method| method.as_str()) {
        None => true,
        Some("GET") => method == "GET" || method == "HEAD",
        Some(own) => own == method,
    };
    for host in [Some(host), None] {
        let matching = all.iter().filter(|(pattern, route)| {
            pattern.host() == host && of_method(pattern) && naive(route, path).is_some()
        });
        let matching: Vec<_> = matching.collect();
        let best = matching.iter().find(|one| {
            let mut others = matching
                .iter()
                .filter(|other| !std::ptr::eq(**one, **other));
            others.all(|other| beats(one, other, method))
        });
        match best {
            Some((pattern, _)) => return Some(pattern.as_str()),
            None => assert!(
                matching.is_empty(),
                "no pattern is the most specific for {path}"
            ),
        }
    }
    None
}

/// Which of two patterns that both match a request goes first.
fn beats(one: &(Pattern, Route), other: &(Pattern, Route), method: &str) -> bool {
    let narrow = |pattern: &Pattern| match pattern.method().map(|method| method.as_str()) {
        None => 2,
        Some("GET") if method == "HEAD" => 1,
        Some(_) => 0,
    };
    let order = tree_support::precedence(&one.1, &other.1);
    order.then(narrow(&one.0).cmp(&narrow(&other.0))).is_lt()
}
