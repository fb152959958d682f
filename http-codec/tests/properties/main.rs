//! What must hold for any octets: arbitrary ones, messages of every shape, and messages with a few octets changed.

#![allow(
    clippy::unwrap_used,
    reason = "a failed assumption in a test should stop the test"
)]

#[path = "../harness/mod.rs"]
mod harness;

mod arrival;
mod corpus;
mod shapes;

use proptest::prelude::*;

use shapes::{chunked, damaged, request, response};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_octets_as_a_request_head(octets in shapes::noise()) {
        harness::request_head(&octets);
    }

    #[test]
    fn a_request_head(octets in damaged(request())) {
        harness::request_head(&octets);
    }

    #[test]
    fn any_octets_as_a_response_head(octets in shapes::noise()) {
        harness::response_head(&octets);
    }

    #[test]
    fn a_response_head(octets in damaged(response())) {
        harness::response_head(&octets);
    }

    #[test]
    fn any_octets_as_chunked_content(octets in shapes::noise()) {
        harness::chunked_body(&octets);
    }

    #[test]
    fn chunked_content(octets in damaged(chunked())) {
        harness::chunked_body(&octets);
    }

    #[test]
    fn a_connection(octets in damaged(shapes::connection())) {
        harness::whole_exchange(&octets);
    }

    #[test]
    fn a_message_sent_is_the_message_read(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
        harness::round_trip(&octets);
    }
}
