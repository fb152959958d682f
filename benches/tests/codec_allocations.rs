//! What a head costs in allocations, exactly: none in the steady state, and one for the places of more than sixteen fields.

use benches::allocations::{self, Counting};
use bytes::{BufMut as _, BytesMut};
use http_codec::{Leniency, Limits, RequestHead, RequestHeadDecoder};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations of decoding heads with so many fields, one after the other, by a decoder and a head that are new.
fn allocations(fields: usize, heads: usize) -> u64 {
    let lines: String = (1..fields).map(|_| "X-Name: value\r\n").collect();
    let octets = format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
    let mut buffer = BytesMut::with_capacity(64 * 1024);
    // The first head that is split off makes the buffer a shared one.
    buffer.put_slice(b"x");
    drop(buffer.split_to(1).freeze());
    let before = allocations::count_here();
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let mut head = RequestHead::default();
    for _ in 0..heads {
        buffer.put_slice(octets.as_bytes());
        assert_eq!(decoder.decode(&mut buffer, &mut head), Ok(true));
        assert_eq!(head.fields().len(), fields);
        head.clear();
        buffer.reserve(16 * 1024);
    }
    allocations::count_here() - before
}

#[test]
fn sixteen_fields_need_none_and_more_need_one() {
    for (fields, expected) in [(1, 0), (10, 0), (16, 0), (17, 1), (100, 1)] {
        for heads in [1, 2, 50] {
            let counted = allocations(fields, heads);
            assert_eq!(counted, expected, "{fields} fields, {heads} heads");
        }
    }
}
