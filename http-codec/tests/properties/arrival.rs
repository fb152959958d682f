//! However a head arrives, octet by octet or in pieces: after each piece the decoder says what it says of the same octets at once.

use bytes::BytesMut;
use http_codec::{
    DecodeError, Leniency, Limits, MethodClass, RequestHead, RequestHeadDecoder, ResponseHead,
    ResponseHeadDecoder,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::shapes::{damaged, noise, request, response};

/// What has become of some octets: an error with its place, nothing yet, or a head and what it says.
type Outcome = Result<Option<String>, DecodeError>;

/// Limits near what the heads here need.
fn limits() -> impl Strategy<Value = Limits> {
    let tight = (1..400usize, 1..80usize, 1..20usize, 1..10usize, 1..8usize);
    let tight = tight.prop_map(|(head, line, target, method, fields)| {
        let limits = Limits::request().with_head(head).with_line(line);
        limits
            .with_target(target)
            .with_method(method)
            .with_fields(fields)
    });
    prop_oneof![Just(Limits::request()), tight]
}

fn leniency() -> impl Strategy<Value = Leniency> {
    let lenient = any::<(bool, bool, bool)>().prop_map(|(lf, fold, lines)| {
        let leniency = Leniency::strict().with_bare_lf(lf).with_obs_fold(fold);
        leniency.with_empty_lines(lines)
    });
    prop_oneof![2 => Just(Leniency::strict()), 1 => lenient]
}

/// A head long enough for its lines to reach behind 256 octets.
fn long() -> impl Strategy<Value = Vec<u8>> {
    (request(), "[ -~\\t]{200,600}", any::<prop::sample::Index>()).prop_map(
        |(mut octets, value, place)| {
            let ends: Vec<usize> = (0..octets.len())
                .filter(|&at| octets[at] == b'\n')
                .collect();
            if !ends.is_empty() {
                let at = ends[place.index(ends.len())] + 1;
                octets.splice(at..at, format!("X: {value}\r\n").into_bytes());
            }
            octets
        },
    )
}

fn request_decoder(limits: Limits, leniency: Leniency) -> impl FnMut(&mut BytesMut) -> Outcome {
    let mut decoder = RequestHeadDecoder::new(limits, leniency);
    let mut head = RequestHead::default();
    move |src| Ok(decoder.decode(src, &mut head)?.then(|| format!("{head:?}")))
}

fn response_decoder(limits: Limits, leniency: Leniency) -> impl FnMut(&mut BytesMut) -> Outcome {
    let mut decoder = ResponseHeadDecoder::new(limits, leniency);
    let mut head = ResponseHead::default();
    move |src| {
        let decoded = decoder.decode(src, MethodClass::Other, &mut head)?;
        Ok(decoded.then(|| format!("{head:?}")))
    }
}

/// Feeds pieces of these sizes in turn to one decoder, and all octets so far to a new one each time.
fn agrees<D: FnMut(&mut BytesMut) -> Outcome>(
    octets: &[u8],
    sizes: &[usize],
    decoder: impl Fn() -> D,
) {
    let (mut src, mut split, mut end) = (BytesMut::new(), decoder(), 0);
    for size in sizes.iter().cycle() {
        let piece = &octets[end..octets.len().min(end + size)];
        end += piece.len();
        src.extend_from_slice(piece);
        let outcome = split(&mut src);
        let whole = decoder()(&mut BytesMut::from(&octets[..end]));
        assert_eq!(outcome, whole, "{}", octets[..end].escape_ascii());
        if !matches!(outcome, Ok(None)) || end == octets.len() {
            return;
        }
    }
}

/// Mostly single octets, and a piece of some size now and then.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![1]),
        vec(prop_oneof![4 => Just(1usize), 1 => 1..40usize], 1..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn a_request_head_in_pieces(
        octets in prop_oneof![damaged(request()), damaged(long()), noise()],
        sizes in sizes(),
        limits in limits(),
        leniency in leniency(),
    ) {
        agrees(&octets, &sizes, || request_decoder(limits, leniency));
    }

    #[test]
    fn a_response_head_in_pieces(
        octets in prop_oneof![damaged(response()), noise()],
        sizes in sizes(),
        limits in limits(),
        leniency in leniency(),
    ) {
        agrees(&octets, &sizes, || response_decoder(limits, leniency));
    }
}
