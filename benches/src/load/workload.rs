//! What is asked, how many at once, and for how long on one connection.

use bytes::{BufMut, Bytes, BytesMut};

use super::answer::Expected;
use crate::app;

/// One request as octets, and what must come back.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The request, ready to be written.
    pub octets: Bytes,
    /// The content of the answer.
    pub expected: Expected,
}

/// How long a connection lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// For the whole round.
    Kept,
    /// For so many requests; then it is closed and a new one dialled.
    Requests(usize),
}

/// A load: what is asked in which manner.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// Its name in tables and flags.
    pub name: &'static str,
    /// What it is, for the reader of a table.
    pub title: &'static str,
    /// How many connections are open at once.
    pub connections: usize,
    /// How many requests are written before the first answer is read.
    pub depth: usize,
    /// How long a connection lives.
    pub persistence: Persistence,
    /// How many requests one round has.
    pub requests: usize,
    /// The requests, sent in turn.
    pub asks: fn() -> Vec<Ask>,
    /// Whether the floor, which knows neither chunked content nor routes, can serve it.
    pub floor: bool,
    /// What it is counted for, beside being timed.
    pub counted: Counted,
}

/// What of a load is counted, request by request: where another load tells the same, counting it takes time and tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// User instructions and system calls.
    Both,
    /// User instructions alone.
    Instructions,
    /// System calls alone.
    SystemCalls,
    /// Neither.
    Nothing,
}

const fn load(
    name: &'static str,
    title: &'static str,
    connections: usize,
    requests: usize,
    asks: fn() -> Vec<Ask>,
) -> Workload {
    Workload {
        name,
        title,
        connections,
        depth: 1,
        persistence: Persistence::Kept,
        requests,
        asks,
        floor: true,
        counted: Counted::Both,
    }
}

/// Every load, in the order of the tables.
pub const WORKLOADS: &[Workload] = &[
    load("get-1", "`GET`, 1 connection", 1, 1500, get),
    Workload {
        counted: Counted::SystemCalls,
        ..load("get-64", "`GET`, 64 connections", 64, 4000, get)
    },
    Workload {
        counted: Counted::Nothing,
        ..load("get-512", "`GET`, 512 connections", 512, 8192, get)
    },
    Workload {
        counted: Counted::Instructions,
        ..load(
            "browser-64",
            "10 browser fields, 64 connections",
            64,
            4000,
            browser,
        )
    },
    Workload {
        depth: 16,
        ..load(
            "pipelined-16",
            "`GET`, pipelined 16, 64 connections",
            64,
            16384,
            get,
        )
    },
    Workload {
        counted: Counted::Instructions,
        ..load(
            "user-64",
            "`GET` with a path parameter, 64 connections",
            64,
            4000,
            user,
        )
    },
    Workload {
        counted: Counted::Instructions,
        ..load("json-64", "JSON, 64 connections", 64, 4000, json)
    },
    load(
        "echo-64",
        "`POST` echo 1 KiB, 64 connections",
        64,
        4000,
        echo,
    ),
    load("64k-16", "64 KiB answers, 16 connections", 16, 1000, kib64),
    Workload {
        counted: Counted::SystemCalls,
        ..load("1m-4", "1 MiB answers, 4 connections", 4, 64, mib)
    },
    load(
        "chunked-64",
        "chunked 16 x 1 KiB, 64 connections",
        64,
        2000,
        chunked,
    ),
    Workload {
        counted: Counted::SystemCalls,
        persistence: Persistence::Requests(10),
        ..load(
            "limited-64",
            "10 requests, then close, 64 connections",
            64,
            3200,
            get,
        )
    },
    Workload {
        floor: false,
        ..load(
            "baseline-64",
            "the baseline mix of three, 64 connections",
            64,
            3900,
            baseline,
        )
    },
    Workload {
        counted: Counted::SystemCalls,
        floor: false,
        ..load("upload-2", "upload of 20 MiB, 2 connections", 2, 8, upload)
    },
];

/// The load of this name.
pub fn workload(name: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|workload| workload.name == name)
}

fn one(octets: impl Into<Bytes>, expected: Expected) -> Vec<Ask> {
    vec![Ask {
        octets: octets.into(),
        expected,
    }]
}

fn plain_get(target: &str, expected: Expected) -> Vec<Ask> {
    one(
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        expected,
    )
}

fn text(octets: &'static str) -> Expected {
    Expected::Exactly(Bytes::from_static(octets.as_bytes()))
}

fn get() -> Vec<Ask> {
    plain_get("/", text(app::HELLO))
}

fn browser() -> Vec<Ask> {
    let mut octets = BytesMut::from("GET / HTTP/1.1\r\nHost: localhost\r\n");
    for (name, value) in &app::browser_fields() {
        // As browsers spell them.
        for (at, octet) in name.as_str().bytes().enumerate() {
            let first = at == 0 || name.as_str().as_bytes()[at - 1] == b'-';
            octets.put_u8(if first {
                octet.to_ascii_uppercase()
            } else {
                octet
            });
        }
        octets.put_slice(b": ");
        octets.put_slice(value.as_bytes());
        octets.put_slice(b"\r\n");
    }
    octets.put_slice(b"\r\n");
    one(octets, text(app::HELLO))
}

fn user() -> Vec<Ask> {
    plain_get("/user/1234567", text("1234567"))
}

fn json() -> Vec<Ask> {
    plain_get("/json", text(app::JSON))
}

fn kib64() -> Vec<Ask> {
    plain_get("/64k", Expected::Filled(64 * 1024))
}

fn mib() -> Vec<Ask> {
    plain_get("/1m", Expected::Filled(1024 * 1024))
}

fn chunked() -> Vec<Ask> {
    plain_get("/chunked", Expected::Filled(app::PIECES * app::PIECE.len()))
}

fn post(target: &str, content: &[u8], expected: Expected) -> Vec<Ask> {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        content.len()
    );
    one([head.as_bytes(), content].concat(), expected)
}

fn echo() -> Vec<Ask> {
    post("/echo", &app::PIECE, Expected::Filled(app::PIECE.len()))
}

fn upload() -> Vec<Ask> {
    post("/upload", &vec![b'x'; 20 << 20], text("20971520"))
}

fn baseline() -> Vec<Ask> {
    let mut asks = plain_get("/baseline11?a=13&b=42", text("55"));
    asks.extend(post("/baseline11?a=13&b=42", b"20", text("75")));
    asks.extend(one(
        "POST /baseline11?a=13&b=42 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n20\r\n0\r\n\r\n",
        text("75"),
    ));
    asks
}
