//! Random engines and random targets: nothing panics, every registered route is reachable, and no Location leads away.

use futures::FutureExt;
use http_mux::engine::Context;
use http_mux::{Body, Engine, Method, Request};

/// xorshift: the same sequence each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        let count = self.below(most) + 1;
        (0..count)
            .map(|_| pieces[self.below(pieces.len())])
            .collect()
    }
}

const PATTERNS: [&str; 12] = [
    "/", "/a", "/b", "/:x", "/:y", "/*r", "a", "A", "é", "/u_:z", "\\:", "//",
];
const TARGETS: [&str; 16] = [
    "/", "//", "/a", "/B", "a", "A", "%2F", "%2f", "%C3%A9", "%ff", "%", "..", "/.", "\\", "%5C",
    "+",
];
const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::HEAD,
    Method::OPTIONS,
    Method::CONNECT,
];

fn engine(random: &mut Random) -> Engine {
    let mut engine = Engine::new();
    let settings = engine.settings_mut();
    settings.redirect_trailing_slash = random.flip();
    settings.redirect_fixed_path = random.flip();
    settings.handle_method_not_allowed = random.flip();
    settings.use_raw_path = random.flip();
    settings.use_escaped_path = random.below(4) == 0;
    settings.unescape_path_values = random.flip();
    settings.remove_extra_slash = random.flip();
    settings.handle_head = random.flip();
    settings.handle_options = random.flip();
    settings.allow_different_names = random.flip();
    settings.allow_beside_rest = random.flip();
    for _ in 0..random.below(12) {
        let method = METHODS[random.below(METHODS.len())].clone();
        let pattern = random.text(&PATTERNS, 5);
        let _ = engine.try_handle(method, &pattern, |cx: Context| {
            let values: Vec<String> = cx
                .params()
                .iter()
                .map(|(_, value)| value.into_owned())
                .collect();
            format!("{} {values:?} {:?}", cx.full_path(), cx.query("q"))
        });
    }
    engine
}

#[test]
fn whatever_is_asked_there_is_a_safe_answer() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut answered, mut redirected) = (0, 0);
    for _ in 0..600 {
        let engine = engine(&mut random);
        for _ in 0..40 {
            let mut target = ["/", &random.text(&TARGETS, 6)].concat();
            if random.below(8) == 0 {
                target.push_str("?q=%zz+1&q");
            }
            let method = &METHODS[random.below(METHODS.len())];
            let request = Request::builder().method(method).uri(&target);
            let request = request.header("x-forwarded-prefix", random.text(&TARGETS, 4));
            let Ok(request) = request.body(Body::empty()) else {
                continue;
            };
            engine.explain(&request);
            let response = engine
                .respond(request)
                .now_or_never()
                .expect("nothing waits");
            answered += usize::from(response.status() == 200);
            if let Some(location) = response.headers().get("location") {
                redirected += 1;
                let location = location.as_bytes();
                let safe = location[0] == b'/' && !matches!(location.get(1), Some(b'/' | b'\\'));
                assert!(safe, "{target}: {location:?}");
            }
        }
    }
    assert!(
        answered > 1000 && redirected > 200,
        "{answered} {redirected}"
    );
}

/// Each route is asked for with values that no literal is, so that nothing can go before it.
#[test]
fn every_route_is_found_whatever_else_there_is() {
    let mut random = Random(7);
    for _ in 0..600 {
        let engine = engine(&mut random);
        for route in engine.routes() {
            let pattern = route.path.replace("//", "/");
            let segments = pattern
                .split('/')
                .map(|segment| match segment.split_once([':', '*']) {
                    Some((prefix, _)) => format!("{prefix}zz"),
                    None => segment.to_owned(),
                });
            let target = segments
                .collect::<Vec<_>>()
                .join("/")
                .replace('é', "%C3%A9");
            // A literal colon: the table does not tell it from a name's.
            let names = [":x", ":y", ":z"];
            if names
                .iter()
                .fold(route.path.clone(), |path, name| path.replace(name, ""))
                .contains(':')
            {
                continue;
            }
            let request = Request::builder().method(&route.method).uri(&target);
            let request = request.body(Body::empty()).expect("a request");
            let response = engine
                .respond(request)
                .now_or_never()
                .expect("nothing waits");
            assert_eq!(response.status(), 200, "{target} {engine:#?}");
        }
    }
}
