//! What the compiler says of a function that is no handler: a newcomer should see what is wanted, not a list of traits.
//!
//! The texts beside the programs are those of the current stable compiler; `TRYBUILD=overwrite` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[test]
fn a_wrong_handler_is_explained() {
    trybuild::TestCases::new().compile_fail("tests/wrong_handlers/*.rs");
}
