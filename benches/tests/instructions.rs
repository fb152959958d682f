//! User instructions per exchange, held to budgets: exact on a noisy machine, and so are the failures.
//!
//! Run in an optimised build, where valgrind is installed (without it, this fails):
//!
//! ```text
//! cargo test --release -p benches --features instructions --test instructions
//! ```
//!
//! A count is the difference of two run lengths of the program `subject` under callgrind, per exchange, on a multi-thread
//! runtime of one worker with every deadline on. Budgets leave 3% for compilers and C libraries that differ.

use std::path::Path;
use std::process::Command;

use benches::process::{Child, Tool, collected};

const SUBJECT: &str = env!("CARGO_BIN_EXE_subject");

/// What 100 exchanges more take, per exchange.
fn each(server: &str, load: &str) -> u64 {
    (total(server, load, 600) - total(server, load, 100)) / 500
}

fn total(server: &str, load: &str, exchanges: usize) -> u64 {
    let child = Child::speaking(Tool::Callgrind, Path::new(SUBJECT), &["serve", server])
        .expect("valgrind runs");
    let sent = Command::new(SUBJECT)
        .args([
            "load",
            &child.address.to_string(),
            load,
            &exchanges.to_string(),
        ])
        .status();
    assert!(sent.expect("the load starts").success());
    collected(child).expect("callgrind counts")
}

fn at_most(budget: u64, server: &str, load: &str) {
    let found = each(server, load);
    println!("{server} {load}: {found} of {budget}");
    assert!(
        found <= budget,
        "{server} {load}: {found} instructions, at most {budget}"
    );
}

#[test]
fn a_get() {
    at_most(8000, "ours", "get-1");
}

#[test]
fn a_get_with_ten_browser_fields() {
    at_most(14000, "ours", "browser-64");
}

#[test]
fn an_echo_of_1_kib() {
    at_most(10000, "ours", "echo-64");
}

#[test]
fn a_chunked_answer_of_16_pieces() {
    at_most(14600, "ours", "chunked-64");
}

#[test]
fn a_path_parameter_by_serve_mux() {
    at_most(10500, "ours-mux", "user-64");
}

#[test]
fn a_path_parameter_by_engine() {
    at_most(10600, "ours-engine", "user-64");
}
