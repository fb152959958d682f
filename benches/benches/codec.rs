//! http-codec beside httparse alone, and beside hyper over an in-memory pipe, in one run.
//!
//! ```text
//! cargo bench -p benches --features peers --bench codec                      time a message, by Criterion
//! cargo bench -p benches --features peers --bench codec -- --instructions    instructions a message (needs valgrind), allocations
//! ```
//!
//! Instructions repeat to the digit: the difference of two runs under
//! callgrind that differ in their number of messages alone. `fill` is what the buffer alone costs: filled and emptied, nothing decoded, at
//! once or octet by octet. `to parts alone` is one function and what it calls, where `decode to parts` has in it that the parts are
//! dropped, too.
//! hyper's figures are those of a whole exchange, service and both halves of the pipe included.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::process::Command;
use std::time::{Duration, Instant};

use benches::allocations::{self, Counting};
use bytes::{BufMut, Bytes, BytesMut};
use criterion::{BenchmarkId, Criterion};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_codec::head::write;
use http_codec::{
    BodyDecoder, BodyEncoder, BodyLength, Framing, LengthField, Leniency, Limits, MethodClass,
    RequestHead, RequestHeadDecoder, ResponseHead, ResponseHeadDecoder, StatusLine, WriteBuf,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SHORT: &str = "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n";
const BROWSER: &str = "GET /products/list?page=2&sort=price HTTP/1.1\r\nHost: www.example.com\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nReferer: https://www.example.com/products\r\n\
    Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Mode: navigate\r\n\
    Cache-Control: max-age=0\r\n\r\n";
const RESPONSE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nserver: example\r\ncontent-length: 12\r\n\
    date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

/// A case: what it measures, and so many messages of it.
type Case = (&'static str, fn(&str, usize));

const REQUEST_CASES: [Case; 7] = [
    ("httparse", httparse_alone),
    ("fill", fill),
    ("decode", decode),
    ("decode to parts", decode_to_parts),
    ("fill, octet by octet", drip_fill),
    ("decode, octet by octet", drip),
    ("hyper, exchange", hyper_exchange),
];

const OTHER_CASES: [Case; 7] = [
    ("httparse, response head", httparse_response),
    ("decode a response head", decode_response),
    ("room for a response head", make_room),
    ("write a response head", write_response),
    ("write 16 chunks of 1 KiB", write_chunks),
    ("decode 16 chunks of 16 KiB", decode_chunks),
    ("copy those chunks", copy_chunks),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--run", case, input, count] => run(case, input, count),
        _ if arguments.contains(&"--instructions") => report(),
        _ => times(),
    }
}

/// Times, by Criterion.
fn times() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let requests = ["short", "browser", "many"].map(|input| (input, &REQUEST_CASES[..]));
    for (input, cases) in requests.into_iter().chain([("other", &OTHER_CASES[..])]) {
        let octets = octets(input);
        let mut group = criterion.benchmark_group(input);
        for (case, run) in cases {
            group.bench_function(BenchmarkId::from_parameter(case), |bencher| {
                bencher.iter_custom(|count| {
                    let start = Instant::now();
                    run(&octets, count as usize);
                    start.elapsed()
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
}

fn report() {
    let (unit, figure) = ("instructions", instructions);
    let number =
        |figure: Option<f64>| figure.map_or("-".to_owned(), |figure| format!("{figure:.0}"));
    println!("| {unit} | short | browser | 100 fields |\n|---|---:|---:|---:|");
    for (case, _) in REQUEST_CASES {
        let cells = ["short", "browser", "many"].map(|input| number(figure(case, input)));
        println!("| {case} | {} |", cells.join(" | "));
    }
    let cells = ["short", "browser", "many"].map(|input| number(to_parts_alone(input)));
    println!("| to parts alone | {} |", cells.join(" | "));
    println!("\n| {unit} | |\n|---|---:|");
    for (case, _) in OTHER_CASES {
        println!("| {case} | {} |", number(figure(case, "none")));
    }
    let alone = |case, room| Some(figure(case, "none")? - figure(room, "none")?);
    let alone = number(alone("write a response head", "room for a response head"));
    println!("| a response head alone | {alone} |");
    println!("\n| allocations | short | browser | 100 fields |\n|---|---:|---:|---:|");
    for (case, run) in REQUEST_CASES {
        let cells = ["short", "browser", "many"].map(|input| {
            let octets = octets(input);
            run(&octets, 10);
            let before = allocations::count();
            run(&octets, 10);
            let ten = allocations::count() - before;
            run(&octets, 110);
            let more = allocations::count() - before - ten;
            format!("{:.2}", (more as f64 - ten as f64) / 100.0)
        });
        println!("| {case} | {} |", cells.join(" | "));
    }
}

fn run(case: &str, input: &str, count: &str) {
    let found = REQUEST_CASES
        .iter()
        .chain(&OTHER_CASES)
        .find(|(name, _)| *name == case);
    let (_, run) = found.expect("a case of this name");
    run(&octets(input), count.parse().expect("a number of messages"));
}

fn instructions(case: &str, input: &str) -> Option<f64> {
    counted(case, input, &[])
}

/// What spans take to become parts, all that is called for it with it; dropping them is not.
fn to_parts_alone(input: &str) -> Option<f64> {
    let only = "--toggle-collect=*RequestHead*to_parts*";
    counted("decode to parts", input, &[only])
}

fn counted(case: &str, input: &str, options: &[&str]) -> Option<f64> {
    let collected = |count: &str| -> Option<f64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .args(options)
            .arg(std::env::current_exe().ok()?)
            .args(["--run", case, input, count])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stderr).ok()?;
        let (_, number) = text
            .lines()
            .find_map(|line| line.split_once("Collected :"))?;
        number.trim().parse().ok()
    };
    Some((collected("600")? - collected("100")?) / 500.0)
}

fn octets(input: &str) -> String {
    match input {
        "short" => SHORT.to_owned(),
        "browser" => BROWSER.to_owned(),
        _ => {
            let lines = (0..99)
                .map(|number| format!("X-Custom-Header-{number}: some value number {number}\r\n"));
            format!(
                "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
                lines.collect::<String>()
            )
        }
    }
}

fn httparse_alone(octets: &str, count: usize) {
    for _ in 0..count {
        let mut room = [const { MaybeUninit::uninit() }; 100];
        let mut request = httparse::Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(black_box(octets.as_bytes()), &mut room);
        black_box(&parsed);
        black_box(&request);
    }
}

/// A buffer as a connection keeps it: filled for each message, its memory used again.
fn with_buffer(octets: &str, count: usize, mut each: impl FnMut(&mut BytesMut)) {
    let mut buffer = BytesMut::with_capacity(64 * 1024);
    for _ in 0..count {
        buffer.put_slice(octets.as_bytes());
        each(&mut buffer);
        buffer.reserve(16 * 1024);
    }
}

fn fill(octets: &str, count: usize) {
    with_buffer(octets, count, |buffer| black_box(buffer).clear());
}

fn decode(octets: &str, count: usize) {
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut head = RequestHead::default();
    with_buffer(octets, count, |buffer| {
        let decoded = decoder.decode(black_box(buffer), &mut head);
        assert_eq!(decoded, Ok(true));
        black_box(&head);
        head.clear();
    });
}

fn decode_to_parts(octets: &str, count: usize) {
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut head = RequestHead::default();
    let mut map = HeaderMap::new();
    with_buffer(octets, count, |buffer| {
        let decoded = decoder.decode(black_box(buffer), &mut head);
        assert_eq!(decoded, Ok(true));
        let parts = head
            .to_parts(std::mem::take(&mut map))
            .expect("a good head");
        black_box(&parts);
        map = parts.headers;
        map.clear();
        head.clear();
    });
}

fn drip_fill(octets: &str, count: usize) {
    let mut buffer = BytesMut::with_capacity(64 * 1024);
    for _ in 0..count {
        for &octet in octets.as_bytes() {
            buffer.put_u8(octet);
            black_box(black_box(&mut buffer).is_empty());
        }
        buffer.clear();
        buffer.reserve(16 * 1024);
    }
}

fn drip(octets: &str, count: usize) {
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut head = RequestHead::default();
    let mut buffer = BytesMut::with_capacity(64 * 1024);
    for _ in 0..count {
        for &octet in octets.as_bytes() {
            buffer.put_u8(octet);
            black_box(
                decoder
                    .decode(black_box(&mut buffer), &mut head)
                    .expect("a good head"),
            );
        }
        head.clear();
        buffer.reserve(16 * 1024);
    }
}

fn hyper_exchange(octets: &str, count: usize) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        let service = hyper::service::service_fn(
            |request: hyper::Request<hyper::body::Incoming>| async move {
                black_box(&request);
                Ok::<_, std::convert::Infallible>(hyper::Response::new(String::new()))
            },
        );
        let io = hyper_util::rt::TokioIo::new(server);
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(io, service);
        let task = tokio::spawn(connection);
        let mut answer = [0; 512];
        for _ in 0..count {
            client.write_all(octets.as_bytes()).await.expect("a pipe");
            let size = client.read(&mut answer).await.expect("a pipe");
            assert!(answer[..size].ends_with(b"\r\n\r\n"));
        }
        drop(client);
        task.await.expect("a task").expect("a connection");
    });
}

fn httparse_response(_: &str, count: usize) {
    for _ in 0..count {
        let mut room = [const { MaybeUninit::uninit() }; 100];
        let mut response = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let octets = black_box(RESPONSE.as_bytes());
        let parsed = config.parse_response_with_uninit_headers(&mut response, octets, &mut room);
        black_box(&parsed);
        black_box(&response);
    }
}

fn decode_response(_: &str, count: usize) {
    let mut decoder = ResponseHeadDecoder::new(Limits::response(), Leniency::strict());
    let mut head = ResponseHead::default();
    with_buffer(RESPONSE, count, |buffer| {
        let decoded = decoder.decode(black_box(buffer), MethodClass::Other, &mut head);
        assert_eq!(decoded, Ok(true));
        black_box(&head);
        head.clear();
    });
}

fn make_room(_: &str, count: usize) {
    with_response(count, |out, fields, framing| {
        black_box((out, fields, framing));
    });
}

fn write_response(_: &str, count: usize) {
    with_response(count, |out, fields, framing| {
        let line = StatusLine::new(StatusCode::OK);
        let date = b"Sun, 06 Nov 1994 08:49:37 GMT";
        write::response_head(out, line, fields, framing, Some(date));
    });
}

/// What is wanted to write a response head, and room for it.
fn with_response(count: usize, mut each: impl FnMut(&mut WriteBuf, &HeaderMap, Framing)) {
    let mut fields = HeaderMap::new();
    fields.insert(
        "content-type",
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    fields.insert("server", HeaderValue::from_static("example"));
    fields.insert("cache-control", HeaderValue::from_static("no-cache"));
    let mut out = WriteBuf::new();
    for _ in 0..count {
        made_room(&mut out);
        let framing = Framing::new(LengthField::ContentLength(black_box(1234)));
        each(&mut out, black_box(&fields), framing);
        black_box(&out);
    }
}

fn write_chunks(_: &str, count: usize) {
    let data = Bytes::from(vec![b'x'; 1024]);
    let mut out = WriteBuf::new();
    for _ in 0..count {
        made_room(&mut out);
        let mut encoder = BodyEncoder::new(BodyLength::Chunked);
        for _ in 0..16 {
            encoder
                .data(black_box(data.clone()), &mut out)
                .expect("chunks take all");
        }
        black_box(&out);
    }
}

/// What is written leaves now and then, as on a connection.
fn made_room(out: &mut WriteBuf) {
    if out.len() > 8 * 1024 {
        out.advance(out.len());
    }
}

fn chunks() -> Vec<u8> {
    let chunk = [&b"4000\r\n"[..], &[b'x'; 16 * 1024], b"\r\n"].concat();
    [&chunk.repeat(16)[..], b"0\r\n\r\n"].concat()
}

fn decode_chunks(_: &str, count: usize) {
    let octets = chunks();
    for _ in 0..count {
        let mut buffer = BytesMut::from(&octets[..]);
        let mut decoder =
            BodyDecoder::new(BodyLength::Chunked, Limits::request(), Leniency::strict());
        while let Some(frame) = decoder.decode(&mut buffer).expect("good chunks") {
            black_box(&frame);
        }
        assert!(decoder.is_end());
    }
}

fn copy_chunks(_: &str, count: usize) {
    let octets = chunks();
    for _ in 0..count {
        black_box(BytesMut::from(&octets[..]));
    }
}
