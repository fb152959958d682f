//! http-mux's tree beside matchit, wayfind, path-tree and actix-router, in one run.
//!
//! ```text
//! cargo bench -p benches --features peers --bench mux                      time for all lookups of a case, by Criterion
//! cargo bench -p benches --features peers --bench mux -- --instructions    instructions a lookup (needs valgrind)
//! ```
//!
//! Every router has one tree for each method, and the method is an index already. "match" takes the route and the number of its parameters,
//! "params" reads every value as text too, as a handler does. Instructions repeat to the digit: the difference of two runs under callgrind that differ in their number of
//! lookups alone.

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use http_mux::tree::{Captures, Route, Shape, Tree};
use serde_json::Value;

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--run", router, case, mode, rounds] => run(router, case, mode, rounds),
        _ if arguments.contains(&"--instructions") => report("instructions", &instructions),
        _ => times(),
    }
}

/// A figure for each router, in the order of [`ROUTERS`]; `None` where it could not be taken.
type Figures = Vec<Option<f64>>;

/// Makes a router of a set of routes.
type New = fn(&Set) -> Box<dyn Router>;

const ROUTERS: [(&str, New); 5] = [
    ("http-mux", |set| Box::new(Ours::new(set))),
    ("matchit", |set| Box::new(Matchit::new(set))),
    ("wayfind", |set| Box::new(Wayfind::new(set))),
    ("path-tree", |set| Box::new(PathTree::new(set))),
    ("actix-router", |set| Box::new(Actix::new(set))),
];

/// Name, route set, and which paths.
const CASES: [(&str, &str, Paths); 9] = [
    ("github", "github", Paths::All),
    ("github static", "github", Paths::One("/user/repos")),
    ("github 1 param", "github", Paths::One("/users/octocat")),
    (
        "github 3 params",
        "github",
        Paths::One("/repos/rust-lang/rust/issues/1347/comments"),
    ),
    (
        "github miss deep",
        "github",
        Paths::One("/repos/rust-lang/rust/branches/main/nothing"),
    ),
    ("github miss root", "github", Paths::One("/nothing")),
    ("static", "static", Paths::All),
    ("gplus", "gplus", Paths::All),
    ("parse", "parse", Paths::All),
];

#[derive(Clone, Copy)]
enum Paths {
    All,
    One(&'static str),
}

fn report(unit: &str, measure: &dyn Fn(&str, &Set, bool) -> Figures) {
    let names: Vec<String> = ROUTERS
        .iter()
        .map(|(name, _)| format!("{name:>12}"))
        .collect();
    println!(
        "{unit} a lookup{:20}{}   http-mux / matchit",
        "",
        names.join(" ")
    );
    for (case, ..) in CASES {
        let set = Set::load(case);
        for reads in [false, true] {
            let mode = if reads { "params" } else { "match" };
            let figures = measure(case, &set, reads);
            let cells = figures.iter().map(|figure| match figure {
                Some(figure) => format!("{figure:>12.1}"),
                None => format!("{:>12}", "-"),
            });
            let ratio = figures[0]
                .zip(figures[1])
                .map_or(f64::NAN, |(ours, theirs)| ours / theirs);
            println!(
                "{case:>20} {mode:<8} {} {ratio:>10.2}",
                cells.collect::<Vec<_>>().join(" ")
            );
        }
    }
}

/// Times, by Criterion.
fn times() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for (case, ..) in CASES {
        let set = Set::load(case);
        for (mode, reads) in [("match", false), ("params", true)] {
            let mut group = criterion.benchmark_group(format!("{case}, {mode}"));
            group.throughput(Throughput::Elements(set.paths.len() as u64));
            for (name, new) in ROUTERS {
                let router = new(&set);
                group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                    bencher.iter(|| router.pass(&set.paths, reads));
                });
            }
            group.finish();
        }
    }
    criterion.final_summary();
}

fn instructions(case: &str, set: &Set, reads: bool) -> Figures {
    let mode = if reads { "params" } else { "match" };
    let count = |router: &str, passes: usize| -> Option<f64> {
        let this = std::env::current_exe().ok()?;
        let run = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(this)
            .args(["--run", router, case, mode, &passes.to_string()])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&run.stderr).into_owned();
        let collected = text
            .lines()
            .find_map(|line| line.split_once("Collected : "))?
            .1;
        collected.trim().parse().ok()
    };
    let lookups = (50 * set.paths.len()) as f64;
    ROUTERS
        .iter()
        .map(|(router, _)| Some((count(router, 60)? - count(router, 10)?) / lookups))
        .collect()
}

fn run(router: &str, case: &str, mode: &str, passes: &str) {
    let set = Set::load(case);
    let (_, new) = ROUTERS
        .iter()
        .find(|(name, _)| *name == router)
        .expect("a router");
    let router = new(&set);
    for _ in 0..passes.parse().unwrap_or(1) {
        black_box(router.pass(&set.paths, mode == "params"));
    }
}

/// Routes, and paths to look up: each with the index of its method.
struct Set {
    routes: Vec<(usize, Value)>,
    paths: Vec<(usize, String)>,
}

impl Set {
    fn load(case: &str) -> Self {
        let (_, set, paths) = CASES
            .iter()
            .find(|(name, ..)| *name == case)
            .expect("a case");
        let file = format!(
            "{}/../http-mux/tests/data/routes/{set}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let file = std::fs::read_to_string(file).expect("the route set");
        let file: Value = serde_json::from_str(&file).expect("JSON");
        let method = |route: &Value| METHODS.iter().position(|method| route["method"] == *method);
        let routes = file["routes"].as_array().expect("routes").iter();
        let routes: Vec<(usize, Value)> = routes
            .map(|route| (method(route).expect("a method"), route.clone()))
            .collect();
        let paths = match paths {
            Paths::One(path) => vec![(0, (*path).to_owned())],
            Paths::All => {
                let path = |route: &Value| text(route, "bench_path").to_owned();
                routes
                    .iter()
                    .map(|(method, route)| (*method, path(route)))
                    .collect()
            }
        };
        Self { routes, paths }
    }
}

fn text<'v>(route: &'v Value, column: &str) -> &'v str {
    route[column].as_str().expect("text")
}

trait Router {
    /// Looks up all paths; the sum keeps the compiler honest.
    fn pass(&self, paths: &[(usize, String)], reads: bool) -> usize;
}

struct Ours([Tree<usize>; 4]);

impl Ours {
    fn new(set: &Set) -> Self {
        let mut trees: [Tree<usize>; 4] = Default::default();
        for (id, (method, route)) in set.routes.iter().enumerate() {
            let pattern = text(route, "gin");
            let mut route = Route::new(pattern);
            for segment in pattern.split('/').skip(1) {
                match segment.strip_prefix(':') {
                    Some(name) => route.wild(Shape::whole(), [name]),
                    None => route.literal(segment.as_bytes()),
                }
            }
            trees[*method].insert(route, id).expect("a new route");
        }
        Self(trees)
    }
}

impl Router for Ours {
    fn pass(&self, paths: &[(usize, String)], reads: bool) -> usize {
        let mut captures = Captures::new();
        let mut sum = 0;
        for (method, path) in paths {
            let path = black_box(path.as_str());
            let Some(leaf) = self.0[*method].find(path, &mut captures) else {
                continue;
            };
            sum += leaf.value + captures.len();
            if reads {
                for span in captures.as_slice() {
                    black_box(&path[span.start as usize..span.end as usize]);
                }
            }
        }
        sum
    }
}

struct Matchit([matchit::Router<usize>; 4]);

impl Matchit {
    fn new(set: &Set) -> Self {
        let mut trees: [matchit::Router<usize>; 4] = Default::default();
        for (id, (method, route)) in set.routes.iter().enumerate() {
            trees[*method]
                .insert(text(route, "matchit"), id)
                .expect("a new route");
        }
        Self(trees)
    }
}

impl Router for Matchit {
    fn pass(&self, paths: &[(usize, String)], reads: bool) -> usize {
        let mut sum = 0;
        for (method, path) in paths {
            let Ok(found) = self.0[*method].at(black_box(path)) else {
                continue;
            };
            sum += found.value + found.params.len();
            if reads {
                for (_, value) in found.params.iter() {
                    black_box(value);
                }
            }
        }
        sum
    }
}

struct Wayfind(Vec<wayfind::Router<usize>>);

impl Wayfind {
    fn new(set: &Set) -> Self {
        let tree = |wanted: usize| {
            let mut builder = wayfind::RouterBuilder::new();
            for (id, (method, route)) in set.routes.iter().enumerate() {
                if *method == wanted {
                    let pattern = text(route, "matchit").replace('{', "<").replace('}', ">");
                    builder.insert(&pattern, id).expect("a new route");
                }
            }
            builder.build()
        };
        Self((0..METHODS.len()).map(tree).collect())
    }
}

impl Router for Wayfind {
    fn pass(&self, paths: &[(usize, String)], reads: bool) -> usize {
        let mut sum = 0;
        for (method, path) in paths {
            let Some(found) = self.0[*method].search(black_box(path)) else {
                continue;
            };
            sum += found.data() + found.parameters().len();
            if reads {
                for (_, value) in found.parameters() {
                    black_box(value);
                }
            }
        }
        sum
    }
}

struct PathTree([path_tree::PathTree<usize>; 4]);

impl PathTree {
    fn new(set: &Set) -> Self {
        let mut trees: [path_tree::PathTree<usize>; 4] = Default::default();
        for (id, (method, route)) in set.routes.iter().enumerate() {
            let _ = trees[*method].insert(text(route, "gin"), id);
        }
        Self(trees)
    }
}

impl Router for PathTree {
    fn pass(&self, paths: &[(usize, String)], reads: bool) -> usize {
        let mut sum = 0;
        for (method, path) in paths {
            let Some((id, found)) = self.0[*method].find(black_box(path)) else {
                continue;
            };
            sum += id + found.raws.len();
            if reads {
                for (_, value) in found.params_iter() {
                    black_box(value);
                }
            }
        }
        sum
    }
}

struct Actix(Vec<actix_router::Router<usize>>);

impl Actix {
    fn new(set: &Set) -> Self {
        let tree = |wanted: usize| {
            let mut builder = actix_router::Router::build();
            for (id, (method, route)) in set.routes.iter().enumerate() {
                if *method == wanted {
                    builder.path(text(route, "matchit"), id);
                }
            }
            builder.finish()
        };
        Self((0..METHODS.len()).map(tree).collect())
    }
}

impl Router for Actix {
    fn pass(&self, paths: &[(usize, String)], reads: bool) -> usize {
        let mut sum = 0;
        for (method, path) in paths {
            let mut found = actix_router::Path::new(black_box(path.as_str()));
            let Some((id, _)) = self.0[*method].recognize(&mut found) else {
                continue;
            };
            sum += id + found.segment_count();
            if reads {
                for (_, value) in found.iter() {
                    black_box(value);
                }
            }
        }
        sum
    }
}
