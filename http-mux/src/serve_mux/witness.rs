//! Segments that show how two places relate.

use super::specificity::Place;
use crate::path;
use crate::tree::Shape;

/// Whether all that `inner` matches is matched by `outer`.
///
/// A word of `inner` whose values are a letter that `outer` does not know stands for all its words: where `outer` matches it, the letter
/// lies in `outer`'s values, and there anything may take its place.
pub(crate) fn within(inner: &Shape, outer: &Shape) -> bool {
    let stranger = [stranger(
        outer.literals().iter().flat_map(|l| l.iter().copied()),
    )];
    outer.capture(&word(inner, &stranger), false).is_some()
}

/// A segment of the place.
pub(crate) fn of(place: Place<'_>) -> Vec<u8> {
    match place {
        Place::Literal(octets) => octets.to_vec(),
        Place::Wild(shape) => word(shape, b"x"),
        Place::Any => b"x".to_vec(),
    }
}

/// A segment of both places.
pub(crate) fn of_both(first: Place<'_>, second: Place<'_>) -> Option<Vec<u8>> {
    use Place::{Any, Literal, Wild};
    match (first, second) {
        (Any, other) | (other, Any) => Some(of(other)),
        (Literal(one), Literal(other)) => (one == other).then(|| one.to_vec()),
        (Literal(octets), Wild(shape)) | (Wild(shape), Literal(octets)) => {
            shape.capture(octets, false).map(|_| octets.to_vec())
        }
        (Wild(first), Wild(second)) => of_both_shapes(first, second),
    }
}

/// A segment of the first place that is none of the second.
pub(crate) fn of_first(first: Place<'_>, second: Place<'_>) -> Option<Vec<u8>> {
    use Place::{Any, Literal, Wild};
    match (first, second) {
        (_, Any) => None,
        (Any, Wild(shape)) if shape.is_whole() => Some(Vec::new()),
        (Any, Wild(shape)) => Some(vec![stranger(shape.literals().concat())]),
        (Any, Literal(octets)) => Some(vec![stranger(octets.iter().copied())]),
        (Literal(one), Literal(other)) => (one != other).then(|| one.to_vec()),
        (Literal(one), Wild(shape)) => shape.capture(one, false).is_none().then(|| one.to_vec()),
        (Wild(shape), Literal(octets)) => Some(word(shape, &[stranger(octets.iter().copied())])),
        (Wild(first), Wild(second)) => {
            let stranger = [stranger(second.literals().concat())];
            (!within(first, second)).then(|| word(first, &stranger))
        }
    }
}

/// The segments as a path.
pub(crate) fn path(segments: &[Vec<u8>]) -> String {
    segments.iter().fold(String::new(), |mut path, octets| {
        path.push('/');
        path::push_segment(&mut path, octets);
        path
    })
}

/// The shape with `value` for each of its values.
fn word(shape: &Shape, value: &[u8]) -> Vec<u8> {
    shape.literals().join(value)
}

/// The longer prefix, the separators of both, the longer suffix, and values between.
fn of_both_shapes(first: &Shape, second: &Shape) -> Option<Vec<u8>> {
    let (p, q) = (first.prefix(), second.prefix());
    let (s, t) = (first.suffix(), second.suffix());
    let prefix = if p.len() > q.len() { p } else { q };
    let suffix = if s.len() > t.len() { s } else { t };
    let mut parts: Vec<&[u8]> = vec![prefix];
    parts.extend(first.separators().iter().map(|separator| &**separator));
    parts.extend(second.separators().iter().map(|separator| &**separator));
    parts.push(suffix);
    let word = parts.join(&b"x"[..]);
    let fits = |shape: &Shape| shape.capture(&word, false).is_some();
    (fits(first) && fits(second)).then_some(word)
}

/// An octet that is none of these: a letter if there is one left.
fn stranger(octets: impl IntoIterator<Item = u8>) -> u8 {
    let mut known = [false; 256];
    for octet in octets {
        known[usize::from(octet)] = true;
    }
    let letters = (b'x'..=b'z').chain(b'a'..=b'w').chain(0..=255);
    let mut unknown = letters.filter(|&letter| letter != b'/' && !known[usize::from(letter)]);
    // Literals with all 255 octets in them are not written by hand; what is said of them may then be too careful.
    unknown.next().unwrap_or(b'x')
}
