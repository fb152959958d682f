//! Our httpbin beside the public one (`pip install httpbin`): the same calls, the same answers.

#![cfg(feature = "peers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use integration_tests::process::{Process, Serving, run};
use serde_json::Value;

const MULTIPART: &str = "content-type: multipart/form-data; boundary=B";
const PARTS: &str = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
    --B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n\
    --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\n\r\nfile\r\n--B--\r\n";

/// curl's arguments; the first is the path.
const CALLS: &[&[&str]] = &[
    &["/get?a=1&b=2&a=3"],
    &[
        "/get",
        "-H",
        "X-Forwarded-For: 1.2.3.4",
        "-H",
        "X-Custom: 1",
    ],
    &["/get?show_env=1", "-H", "X-Request-Id: 1"],
    &["/get", "-H", "X-Forwarded-Proto;"],
    &["/headers", "-H", "x-cUSTOM-id: 7"],
    &["/ip"],
    &["/user-agent"],
    &["/post", "-d", "a=1&b=2&a=3"],
    &[
        "/post",
        "-H",
        "content-type: application/json",
        "-d",
        "{\"a\":[1,2]}",
    ],
    &["/post", "-H", "content-type: text/plain", "-d", "a=1"],
    &["/patch", "-X", "PATCH", "-d", "x"],
    &["/delete", "-X", "DELETE"],
    &["/anything/a/b%20c?x=1", "-X", "PUT", "-d", "x=1"],
    &["/status/200"],
    &["/status/204"],
    &["/status/304"],
    &["/status/401"],
    &["/status/404"],
    &["/status/406"],
    &["/status/407"],
    &["/status/500"],
    &["/status/abc"],
    &["/redirect/3"],
    &["/redirect/3?absolute=true"],
    &["/relative-redirect/3"],
    &["/absolute-redirect/3"],
    &["/redirect-to?url=http://x/&status_code=307"],
    &["/cookies", "-H", "Cookie: a=1; b=\"x y\""],
    &["/redirect-to?url=/a%20b/%C3%A9%25%22%3C%7C%3E%5C%7B%5E%60%7D"],
    &["/cookies/set?a=1&b=x+y"],
    &["/cookies/set?a=1&a=2"],
    &["/cookies/set/a/b"],
    &["/cookies/delete?a&b&a"],
    &["/basic-auth/u/p", "-u", "u:p"],
    &["/basic-auth/u/p", "-u", "u:x"],
    &["/hidden-basic-auth/u/p"],
    &["/bearer"],
    &["/bearer", "-H", "Authorization: Bearer token"],
    &["/gzip", "--compressed"],
    &["/deflate", "--compressed"],
    &["/range/1024"],
    &["/range/1024", "-r", "100-199"],
    &["/range/1024", "-r", "-10"],
    &["/range/1024", "-r", "2000-"],
    &["/range/0"],
    &["/drip?duration=0.1&numbytes=5&code=201"],
    &["/delay/0", "-d", "x=1"],
    &["/cache", "-H", "If-None-Match: \"x\""],
    &["/cache/60"],
    &["/etag/x", "-H", "If-None-Match: \"x\""],
    &["/etag/x", "-H", "If-Match: \"y\""],
    &["/response-headers?a=1&b=2&a=3"],
    &["/base64/SFRUUEJJTiBpcyBhd2Vzb21l"],
    &["/json"],
    &["/robots.txt"],
    &["/links/3/1"],
    &["/get?a=%C3%A9&b=%FF&c=%26"],
    &["/anything/"],
    &["/nothing"],
    &["/get", "-X", "POST"],
    &["/post"],
    &["/post", "-X", "OPTIONS"],
    &["/nothing", "-X", "OPTIONS"],
    &["/anything", "-X", "TRACE"],
    &["/get", "--head"],
    &["/cookies", "-H", "Cookie: a=1; b; =c; a=2; __utmz=3"],
    &["/post", "-H", MULTIPART, "--data-binary", PARTS],
    &["/post", "-H", MULTIPART],
    &[
        "/post",
        "-H",
        "content-type: multipart/form-data",
        "-d",
        "x",
    ],
    &["/status/402", "--head"],
    &["/status/418", "--head"],
    &["/image", "-H", "accept: text/plain"],
];

/// Fields that belong to the server, not to the service.
const FIELDS: &[&str] = &[
    "content-type",
    "location",
    "set-cookie",
    "www-authenticate",
    "proxy-authenticate",
    "content-range",
    "accept-ranges",
    "allow",
    "cache-control",
    "access-control-allow-origin",
    "access-control-allow-credentials",
];

#[test]
fn the_same_calls_have_the_same_answers() {
    let (reference, addr) = reference();
    for router in ["serve-mux", "engine", "axum"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_httpbin"));
        let ours = Serving::start(command.args(["--listen", "127.0.0.1:0", "--router", router]));
        for call in CALLS {
            let (expected, answer) = (Answer::of(&addr, call), Answer::of(&ours.addr, call));
            assert_eq!(answer, expected, "{call:?} by {router}");
        }
    }
    drop(reference);
}

fn reference() -> (Process, String) {
    let python =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/httpbin-reference/bin/python");
    assert!(python.exists(), "the reference is not there: run .ci/setup");
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new(python);
    command.args(["-m", "httpbin.core", "--port", &port.to_string()]);
    let process = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    for _ in 0..1000 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return (process, format!("127.0.0.1:{port}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the reference does not start");
}

/// What should be equal of two answers.
#[derive(Debug, PartialEq)]
struct Answer {
    status: String,
    fields: Vec<(String, String)>,
    content: Content,
}

#[derive(Debug, PartialEq)]
enum Content {
    Json(Value),
    Text(String),
    /// A page for people; its words are each server's own.
    Page,
}

impl Answer {
    fn of(addr: &str, call: &[&str]) -> Self {
        let url = format!("http://{addr}{}", call[0]);
        let always = ["--silent", "--show-error", "--include", "--max-time", "20"];
        let output = run(
            "curl",
            always.iter().chain(&call[1..]).chain([&url.as_str()]),
        );
        assert!(
            output.status.success(),
            "{url}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout)
            .unwrap()
            .replace(addr, "HOST");
        let (head, content) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .unwrap()
            .to_owned();
        let fields = lines.filter_map(|line| line.split_once(':'));
        let fields =
            fields.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        let fields = fields.map(|(name, value)| match name.as_str() {
            "allow" => (name, sorted(&value)),
            _ => (name, value),
        });
        let mut fields: Vec<_> = fields
            .filter(|(name, _)| FIELDS.contains(&name.as_str()))
            .collect();
        fields.sort();
        if content.is_empty() {
            // The type of nothing.
            fields.retain(|(name, _)| name != "content-type");
        }
        Self {
            content: Content::of(content, &status),
            status,
            fields,
        }
    }
}

/// A list whose order says nothing.
fn sorted(list: &str) -> String {
    let mut items: Vec<_> = list.split(',').map(str::trim).collect();
    items.sort_unstable();
    items.join(", ")
}

impl Content {
    fn of(text: &str, status: &str) -> Self {
        if text.starts_with("<!doctype") {
            return Self::Page;
        }
        match serde_json::from_str::<Value>(text) {
            Ok(mut shown) => {
                // It counts the octets of a document that is not written in the same way.
                shown
                    .as_object_mut()
                    .map(|shown| shown.remove("Content-Length"));
                Self::Json(shown)
            }
            Err(_) if status.starts_with('2') => Self::Text(text.to_owned()),
            Err(_) => Self::Text(text.trim_end().to_owned()),
        }
    }
}
