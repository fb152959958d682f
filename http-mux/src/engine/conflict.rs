//! Gin's rules of what may stand beside what, as a comparison of two routes of one method.
//!
//! A place holds any number of literals and parameters, but parameters with the same literal before them have one name; and a
//! rest has its place for itself. Both rules can be relaxed; the tree itself needs neither.

use super::error::RouteFault;
use crate::tree::{Route, Segment};

/// Which rules are relaxed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Relaxed {
    pub(super) names: bool,
    pub(super) rests: bool,
}

/// Why both routes cannot be in one tree.
pub(super) fn between(new: &Route, old: &Route, relaxed: Relaxed) -> Option<RouteFault> {
    let (mut new_names, mut old_names) = (new.names().iter(), old.names().iter());
    let mut segments = new.segments().iter().zip(old.segments());
    loop {
        match segments.next() {
            Some((Segment::Literal(new), Segment::Literal(old))) if new == old => {}
            Some((Segment::Wild(new), Segment::Wild(old))) if new == old => {
                if new_names.next() != old_names.next() && !relaxed.names {
                    return Some(RouteFault::Name);
                }
            }
            Some((Segment::Rest(_), Segment::Rest(_))) => {
                let same = relaxed.rests || new_names.next() == old_names.next();
                return Some(if same {
                    RouteFault::Duplicate
                } else {
                    RouteFault::Name
                });
            }
            Some((Segment::Rest(_), _) | (_, Segment::Rest(_))) => {
                return (!relaxed.rests).then_some(RouteFault::RestBeside);
            }
            Some(_) => return None,
            None => {
                let same = new.segments().len() == old.segments().len();
                return same.then_some(RouteFault::Duplicate);
            }
        }
    }
}
