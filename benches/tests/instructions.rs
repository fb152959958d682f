//! User instructions per exchange, held to budgets: exact on a noisy machine, and so are the failures.
//!
//! Run in an optimised build, where valgrind is installed (without it, this fails):
//!
//! ```text
//! cargo test --release -p benches --features instructions --test instructions
//! ```
//!
//! A count is the difference of two run lengths of the program `subject` under callgrind, per exchange, on a multi-thread
//! runtime of one worker with every deadline on. Budgets leave 3% for compilers and C libraries that differ: a change that costs
//! more fails here, one that costs less lowers the number.

use std::path::Path;
use std::process::Command;

use benches::load::workload;
use benches::process::{Child, Tool, collected};

const SUBJECT: &str = env!("CARGO_BIN_EXE_subject");

/// The two lengths, in exchanges.
const SHORT: usize = 100;
const LONG: usize = 600;

/// What an exchange takes of a server.
fn of_server(server: &str, load: &str) -> u64 {
    let depth = workload(load).expect("the load exists").depth;
    let total = |exchanges: usize| {
        let child = Child::speaking(Tool::Callgrind, Path::new(SUBJECT), &["serve", server])
            .expect("valgrind runs");
        let sent = Command::new(SUBJECT)
            .args(["load", &child.address.to_string(), load])
            .arg((exchanges * depth).to_string())
            .status();
        assert!(sent.expect("the load starts").success());
        collected(child).expect("callgrind counts")
    };
    (total(LONG) - total(SHORT)) / ((LONG - SHORT) * depth) as u64
}

/// What a `GET` takes of a client, which calls the floor.
fn of_client(client: &str) -> u64 {
    let server = Child::speaking(Tool::Core(0), Path::new(SUBJECT), &["serve", "floor"])
        .expect("the floor starts");
    let address = server.address.to_string();
    let total = |exchanges: usize| {
        let exchanges = exchanges.to_string();
        let arguments = ["call", client, &address, "1", &exchanges];
        let child = Child::speaking(Tool::Callgrind, Path::new(SUBJECT), &arguments);
        collected(child.expect("valgrind runs")).expect("callgrind counts")
    };
    // Each run warms up with an eighth of its own length: 90 exchanges, and 630.
    (total(560) - total(80)) / 540
}

fn at_most(budget: u64, found: u64, what: &str) {
    println!("{what}: {found} of {budget}");
    assert!(
        found <= budget,
        "{what}: {found} instructions, at most {budget}"
    );
}

#[test]
fn a_get() {
    at_most(6310, of_server("ours", "get-1"), "GET");
}

#[test]
fn pipelined_gets() {
    at_most(3320, of_server("ours", "pipelined-16"), "pipelined GET");
}

#[test]
fn a_get_with_ten_browser_fields() {
    at_most(11880, of_server("ours", "browser-64"), "browser");
}

#[test]
fn an_echo_of_1_kib() {
    at_most(8590, of_server("ours", "echo-64"), "echo");
}

#[test]
fn a_chunked_answer_of_16_pieces() {
    at_most(11280, of_server("ours", "chunked-64"), "chunked");
}

#[test]
fn a_get_in_the_raw_lane() {
    at_most(4880, of_server("ours-raw", "get-1"), "raw GET");
}

#[test]
fn a_get_with_ten_browser_fields_in_the_raw_lane() {
    at_most(7310, of_server("ours-raw", "browser-64"), "raw browser");
}

#[test]
fn a_get_by_serve_mux() {
    at_most(6480, of_server("ours-mux", "get-1"), "ServeMux");
}

#[test]
fn a_path_parameter_by_serve_mux() {
    at_most(
        7450,
        of_server("ours-mux", "user-64"),
        "ServeMux, parameter",
    );
}

#[test]
fn a_path_parameter_by_engine() {
    at_most(
        7570,
        of_server("ours-engine", "user-64"),
        "Engine, parameter",
    );
}

#[test]
fn a_get_by_the_transport() {
    at_most(8300, of_client("ours"), "Transport");
}

#[test]
fn a_get_by_the_client() {
    at_most(9230, of_client("ours-client"), "Client");
}
