//! The seeds of the fuzz targets, and octets that fuzzing found a new way with, as ordinary tests. No target has failed so far.

use std::path::Path;

use crate::harness;

fn run(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder of seeds") {
        let path = entry.expect("an entry").path();
        check(&std::fs::read(&path).expect("a seed"));
        count += 1;
    }
    assert!(count > 0, "seeds in {}", folder.display());
}

#[test]
fn request_heads() {
    run("request_head", harness::request_head);
}

#[test]
fn response_heads() {
    run("response_head", harness::response_head);
}

#[test]
fn chunked_bodies() {
    run("chunked_body", harness::chunked_body);
}

#[test]
fn whole_exchanges() {
    run("whole_exchange", harness::whole_exchange);
}

#[test]
fn round_trips() {
    run("round_trip", harness::round_trip);
}
