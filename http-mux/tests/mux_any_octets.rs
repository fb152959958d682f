//! The fuzz targets' rules, on octets at random.

mod mux_harness;
mod tree_support;

use tree_support::Random;

const PIECES: [&str; 30] = [
    "/",
    "/",
    "/",
    "{",
    "}",
    "{x}",
    "{y}",
    "{x...}",
    "{$}",
    "...",
    "GET ",
    "POST ",
    " ",
    "\n",
    "\n",
    "\n",
    "h.example",
    "a",
    "b",
    "%2F",
    "%",
    "..",
    ".",
    "//",
    ":a",
    "\\",
    "é",
    "?",
    "\t",
    "a-very-long-literal-of-one-segment",
];

fn octets(random: &mut Random) -> Vec<u8> {
    let pieces = random.below(24);
    let mut octets: Vec<u8> = (0..pieces)
        .flat_map(|_| random.pick(&PIECES).bytes())
        .collect();
    if random.below(4) == 0 {
        let at = random.below(octets.len() + 1);
        octets.insert(at, random.next() as u8);
    }
    octets
}

#[test]
fn any_text_is_a_pattern_or_an_error() {
    let mut random = Random(31);
    (0..3000).for_each(|_| mux_harness::patterns(&octets(&mut random)));
}

#[test]
fn any_request_has_one_answer() {
    let mut random = Random(32);
    for _ in 0..6000 {
        let mut text = octets(&mut random);
        text.extend_from_slice(b"\n/{x}/b\n/a/\n/{$}\nGET h.example /");
        text.extend(
            octets(&mut random)
                .iter()
                .filter(|&&octet| octet != b'\n' && octet != b' '),
        );
        mux_harness::requests(&text);
    }
}

#[test]
fn any_path_can_be_looked_up() {
    let mut random = Random(33);
    (0..6000).for_each(|_| mux_harness::lookups(&octets(&mut random)));
}

const INPUT: [&str; 26] = [
    "\n",
    "\n",
    "\n",
    "\n",
    "a=",
    "b",
    "&",
    ";",
    "; ",
    "\"",
    ",",
    "%41",
    "%",
    "+",
    "?a=1",
    "[",
    "]",
    "1.2.3.4",
    "::1",
    "text/*;q=0.1",
    "*/*;q=",
    "application/json",
    "Basic YTpi",
    "{\"a\":\"b\"}",
    "/",
    "//e.example",
];

#[test]
fn any_input_can_be_read() {
    let mut random = Random(34);
    for _ in 0..4000 {
        let pieces = random.below(30);
        let text: String = (0..pieces).map(|_| *random.pick(&INPUT)).collect();
        mux_harness::inputs(text.as_bytes());
    }
    for _ in 0..2000 {
        let pieces = random.below(20);
        let parts = [
            "--x",
            "\r\n",
            "\r\n",
            "--",
            "content-disposition: form-data; name=\"",
            "\"",
            "; filename=",
            "a",
            ":",
            "\0",
            "é",
        ];
        let content: String = (0..pieces).map(|_| *random.pick(&parts)).collect();
        let head = "m/n\nmultipart/form-data; boundary=x\n\n\n\n\n\n\n--x\r\n";
        mux_harness::inputs([head, &content].concat().as_bytes());
    }
}
