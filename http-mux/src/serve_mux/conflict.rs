//! Which registered patterns a new one may conflict with: an index, so that each registration does not compare with all.
//!
//! Two patterns can share a path only if, at each position before a rest of either, both have the same literal or one has a wildcard.
//! The position of the new pattern's literal with the fewest such patterns gives the candidates.

use std::collections::HashMap;

use crate::tree::Segment;

/// A position, and the literal there; `None` for a wildcard.
type Place = (usize, Option<Box<[u8]>>);

/// The patterns of one host, by their literals.
#[derive(Debug, Default, Clone)]
pub(crate) struct Index {
    places: HashMap<Place, Vec<u32>>,
    /// Patterns with a rest, and where it is.
    rests: Vec<(usize, u32)>,
    all: Vec<u32>,
}

impl Index {
    pub(crate) fn insert(&mut self, segments: &[Segment], id: u32) {
        for (at, segment) in segments.iter().enumerate() {
            let literal = match segment {
                Segment::Literal(octets) => Some(octets.clone()),
                Segment::Wild(_) => None,
                Segment::Rest(_) => {
                    self.rests.push((at, id));
                    break;
                }
            };
            self.places.entry((at, literal)).or_default().push(id);
        }
        self.all.push(id);
    }

    /// All that may conflict with these segments, and perhaps more.
    pub(crate) fn candidates(&self, segments: &[Segment]) -> Vec<u32> {
        let fixed = segments.iter().enumerate();
        let literals = fixed
            .take_while(|(_, segment)| !matches!(segment, Segment::Rest(_)))
            .filter_map(|(at, segment)| match segment {
                Segment::Literal(octets) => Some((at, octets)),
                _ => None,
            });
        let sets = literals.map(|(at, octets)| {
            let same = self.places.get(&(at, Some(octets.clone())));
            let wild = self.places.get(&(at, None));
            let size = same.map_or(0, Vec::len) + wild.map_or(0, Vec::len);
            (size, at, same, wild)
        });
        let Some((_, at, same, wild)) = sets.min_by_key(|(size, ..)| *size) else {
            return self.all.clone();
        };
        let rests = self.rests.iter().filter(|(rest, _)| *rest <= at);
        let same = same.into_iter().flatten().chain(wild.into_iter().flatten());
        same.copied().chain(rests.map(|&(_, id)| id)).collect()
    }
}
