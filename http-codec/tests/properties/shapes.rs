//! Messages of every shape, good and slightly bad.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Octets that are likely to mean something to a parser.
pub(crate) fn noise() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"=",
        b"\"",
        b"\\",
        b"\0",
        b"GET",
        b"/",
        b"HTTP/1.1",
        b"HTTP/1.0",
        b"200",
        b"Host: a",
        b"0",
        b"5",
        b"a",
        b"Content-Length: 5",
        b"Transfer-Encoding: chunked",
        b"\x80",
        b"\xff",
    ];
    vec(select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

fn field() -> impl Strategy<Value = String> {
    let known = select(vec![
        "Content-Length: 5",
        "Content-Length: 0",
        "content-length: 05",
        "Content-Length: 5, 5",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "transfer-encoding: Chunked",
        "Transfer-Encoding: chunked, gzip",
        "Connection: close",
        "Connection: keep-alive, upgrade",
        "Upgrade: websocket",
        "Expect: 100-continue",
        "Host: b",
        "Host: a:80",
        "Accept: */*",
        "X:",
        "X: \u{e9}",
        "Trailer: X",
        "Content_Length: 7",
        "X : y",
        " folded",
    ]);
    let any = (
        "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}",
        ":[ \\t]{0,3}",
        "[ -~]{0,20}",
        "[ \\t]{0,2}",
    )
        .prop_map(|(name, colon, value, end)| format!("{name}{colon}{value}{end}"));
    prop_oneof![3 => known.prop_map(str::to_owned), 2 => any]
}

fn section(most: usize) -> impl Strategy<Value = String> {
    vec(field(), 0..most).prop_map(|lines| lines.iter().map(|line| format!("{line}\r\n")).collect())
}

pub(crate) fn request() -> impl Strategy<Value = Vec<u8>> {
    let method = select(vec![
        "GET", "POST", "HEAD", "CONNECT", "OPTIONS", "M-X", "PRI",
    ]);
    let target = prop_oneof![
        4 => "/[!-~]{0,12}".boxed(),
        1 => select(vec!["*", "a:80", "http://a/b?c", "http://u@a/", "/", "a", "http://[::1]:1"]).prop_map(str::to_owned).boxed(),
    ];
    let version = select(vec![
        "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0",
    ]);
    let host = select(vec!["Host: a\r\n", "Host: a\r\n", "Host: [::1]:80\r\n", ""]);
    (
        select(vec!["", "", "", "\r\n"]),
        method,
        target,
        version,
        host,
        section(6),
        "[ -~]{0,8}",
    )
        .prop_map(|(before, method, target, version, host, section, behind)| {
            format!("{before}{method} {target} {version}\r\n{host}{section}\r\n{behind}")
                .into_bytes()
        })
}

pub(crate) fn response() -> impl Strategy<Value = Vec<u8>> {
    let line = select(vec![
        "HTTP/1.1 200 OK",
        "HTTP/1.1 204 No Content",
        "HTTP/1.0 200 OK",
        "HTTP/1.1 304 ",
        "HTTP/1.1 101 Switching",
        "HTTP/1.1 100",
        "HTTP/1.1 999 \u{e9}",
        "HTTP/1.5 404 Not\tFound",
    ]);
    (line, section(6), "[ -~]{0,8}")
        .prop_map(|(line, section, behind)| format!("{line}\r\n{section}\r\n{behind}").into_bytes())
}

pub(crate) fn chunked() -> impl Strategy<Value = Vec<u8>> {
    let extension = select(vec![
        "",
        "",
        "",
        ";a",
        ";a=b",
        " ; a = \"b\\\"c\" ;d",
        ";a=\"\"",
        "\t;a\t=b",
        ";",
        ";a=",
        " ",
        ";a=\"",
    ]);
    let chunk = (extension.clone(), vec(any::<u8>(), 1..40), any::<bool>()).prop_map(
        |(extension, data, zeros)| {
            let zeros = if zeros { "00" } else { "" };
            let mut chunk = format!("{zeros}{:X}{extension}\r\n", data.len()).into_bytes();
            chunk.extend_from_slice(&data);
            chunk.extend_from_slice(b"\r\n");
            chunk
        },
    );
    (vec(chunk, 0..5), extension, section(3), "[ -~]{0,8}").prop_map(
        |(chunks, extension, section, behind)| {
            let mut octets = chunks.concat();
            octets.extend_from_slice(format!("0{extension}\r\n{section}\r\n{behind}").as_bytes());
            octets
        },
    )
}

/// A few messages on one connection.
pub(crate) fn connection() -> impl Strategy<Value = Vec<u8>> {
    let good = select(vec![
        &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 103 Hints\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nab",
    ]);
    vec(
        prop_oneof![3 => good.prop_map(<[u8]>::to_vec), 1 => request()],
        1..5,
    )
    .prop_map(|messages| messages.concat())
}

/// The same octets, half of the time with a few changed, inserted, removed or cut off.
pub(crate) fn damaged(octets: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let foreign = select(b"\r\n\0 \t:;,\"\\=0a\xff/".to_vec());
    let change = (any::<prop::sample::Index>(), 0..4u8, foreign);
    (octets, prop_oneof![Just(vec![]), vec(change, 1..3)]).prop_map(|(mut octets, changes)| {
        for (place, kind, octet) in changes {
            let at = place.index(octets.len() + 1);
            match kind {
                0 if at < octets.len() => octets[at] = octet,
                1 => octets.insert(at, octet),
                2 if at < octets.len() => {
                    octets.remove(at);
                }
                _ => octets.truncate(at),
            }
        }
        octets
    })
}
