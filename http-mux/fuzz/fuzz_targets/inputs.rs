#![no_main]

#[path = "../../tests/mux_harness/mod.rs"]
mod mux_harness;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| mux_harness::inputs(octets));
