//! What can be wrong with a pattern.

use std::fmt;
use std::panic::Location;

use super::pattern::Pattern;
use super::specificity::{common_path, compare, difference_path, methods, paths};

/// A pattern was refused, and the mux is as it was.
///
/// `Display` of a conflict names both patterns with the places in the source where they were registered, and paths that show it.
#[derive(Debug)]
pub struct PatternError(Box<Refusal>);

/// Why a pattern was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PatternErrorKind {
    /// The text is no pattern.
    Syntax,
    /// Another pattern matches some of the same requests, and neither is more specific; or all of the same.
    Conflict,
    /// The pattern is good, but not here: a mount with a method, a fallback that is no subtree, a name that is taken.
    Misplaced,
}

#[derive(Debug)]
enum Refusal {
    Syntax {
        pattern: String,
        at: usize,
        reason: &'static str,
    },
    Conflict(Conflict),
    Misplaced {
        pattern: String,
        reason: &'static str,
    },
}

#[derive(Debug)]
struct Conflict {
    pattern: String,
    location: &'static Location<'static>,
    other: String,
    other_location: &'static Location<'static>,
    common: Option<String>,
    explanation: String,
}

impl PatternError {
    pub(crate) fn syntax(pattern: &str, at: usize, reason: &'static str) -> Self {
        let pattern = pattern.to_owned();
        Self(Box::new(Refusal::Syntax {
            pattern,
            at,
            reason,
        }))
    }

    pub(crate) fn misplaced(pattern: &str, reason: &'static str) -> Self {
        let pattern = pattern.to_owned();
        Self(Box::new(Refusal::Misplaced { pattern, reason }))
    }

    pub(crate) fn conflict(
        (pattern, location): (&Pattern, &'static Location<'static>),
        (other, other_location): (&Pattern, &'static Location<'static>),
    ) -> Self {
        Self(Box::new(Refusal::Conflict(Conflict {
            pattern: pattern.to_string(),
            location,
            other: other.to_string(),
            other_location,
            common: common_path(pattern, other),
            explanation: explain(pattern, other),
        })))
    }

    /// Why the pattern was refused.
    #[must_use]
    pub fn kind(&self) -> PatternErrorKind {
        match *self.0 {
            Refusal::Syntax { .. } => PatternErrorKind::Syntax,
            Refusal::Conflict(_) => PatternErrorKind::Conflict,
            Refusal::Misplaced { .. } => PatternErrorKind::Misplaced,
        }
    }

    /// The pattern that was refused.
    #[must_use]
    pub fn pattern(&self) -> &str {
        match &*self.0 {
            Refusal::Syntax { pattern, .. } | Refusal::Misplaced { pattern, .. } => pattern,
            Refusal::Conflict(conflict) => &conflict.pattern,
        }
    }

    /// The octet of the pattern at which it stops being one.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        match *self.0 {
            Refusal::Syntax { at, .. } => Some(at),
            _ => None,
        }
    }

    /// The pattern that it conflicts with, and where that was registered.
    #[must_use]
    pub fn conflicts_with(&self) -> Option<(&str, &'static Location<'static>)> {
        match &*self.0 {
            Refusal::Conflict(conflict) => Some((&conflict.other, conflict.other_location)),
            _ => None,
        }
    }

    /// A path that both patterns of a conflict match.
    #[must_use]
    pub fn example(&self) -> Option<&str> {
        match &*self.0 {
            Refusal::Conflict(conflict) => conflict.common.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Refusal::Syntax {
                pattern,
                at,
                reason,
            } => {
                write!(f, "pattern {pattern:?} at octet {at}: {reason}")
            }
            Refusal::Misplaced { pattern, reason } => write!(f, "pattern {pattern:?}: {reason}"),
            Refusal::Conflict(conflict) => write!(
                f,
                "pattern {:?} (registered at {}) conflicts with pattern {:?} (registered at {}):\n{}",
                conflict.pattern,
                conflict.location,
                conflict.other,
                conflict.other_location,
                conflict.explanation,
            ),
        }
    }
}

impl std::error::Error for PatternError {}

/// Go's explanations, with paths for both kinds of conflict.
fn explain(first: &Pattern, second: &Pattern) -> String {
    let all = compare(first, second);
    let example = |path: Option<String>| path.unwrap_or_else(|| "/".to_owned());
    let common = example(common_path(first, second));
    if !all.first && !all.second {
        return format!("{first} matches the same requests as {second}, like {common:?}");
    }
    let by_path = paths(first.segments(), second.segments());
    if by_path.first && by_path.second {
        let only_first = example(difference_path(first, second));
        let only_second = example(difference_path(second, first));
        return format!(
            "{first} and {second} both match some paths, like {common:?}.\n\
             But neither is more specific than the other.\n\
             {first} matches {only_first:?}, but {second} doesn't.\n\
             {second} matches {only_second:?}, but {first} doesn't."
        );
    }
    let by_method = methods(first.method(), second.method());
    let (methods, path) = if by_method.first {
        ("more", "specific")
    } else {
        ("fewer", "general")
    };
    format!(
        "{first} matches {methods} methods than {second}, but has a more {path} path pattern; both match {common:?}"
    )
}
