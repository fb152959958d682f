//! Why a route was refused.

use std::fmt;
use std::panic::Location;

/// What is wrong with a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RouteFault {
    /// The pattern does not begin with a slash.
    NoSlash,
    /// The method is no method: `A` to `Z`, at least one.
    Method,
    /// A wildcard without a name.
    Nameless,
    /// Two wildcards in one segment.
    TwoWildcards,
    /// A rest (`*name`) that is not the last segment.
    RestNotLast,
    /// A rest that does not stand straight after a slash.
    RestInSegment,
    /// A backslash before anything but a colon.
    Escape,
    /// The same route is there already.
    Duplicate,
    /// Another route has another name at the same place.
    Name,
    /// A rest beside something else in its place.
    RestBeside,
    /// A group or a file was given a pattern where only a plain path makes sense.
    Wildcard,
}

impl RouteFault {
    fn text(self) -> &'static str {
        match self {
            Self::NoSlash => "a pattern begins with a slash",
            Self::Method => "a method is one or more of `A` to `Z`",
            Self::Nameless => "a wildcard needs a name",
            Self::TwoWildcards => "only one wildcard in a segment",
            Self::RestNotLast => "a rest is the last segment",
            Self::RestInSegment => "a rest stands straight after a slash",
            Self::Escape => "a backslash stands only before a colon",
            Self::Duplicate => "the same route is there already",
            Self::Name => "another route has another name at the same place",
            Self::RestBeside => "a rest has its place for itself",
            Self::Wildcard => "wildcards are not allowed here",
        }
    }
}

/// A route could not be added; the engine is unchanged.
///
/// It prints both routes and where in the source each was added.
#[derive(Debug)]
pub struct RouteError(Box<Refused>);

#[derive(Debug)]
struct Refused {
    fault: RouteFault,
    method: String,
    pattern: String,
    location: &'static Location<'static>,
    other: Option<(String, &'static Location<'static>)>,
}

impl RouteError {
    pub(super) fn new(
        fault: RouteFault,
        method: &str,
        pattern: &str,
        location: &'static Location<'static>,
    ) -> Self {
        let (method, pattern) = (method.to_owned(), pattern.to_owned());
        Self(Box::new(Refused {
            fault,
            method,
            pattern,
            location,
            other: None,
        }))
    }

    pub(super) fn with_other(
        mut self,
        pattern: &str,
        location: &'static Location<'static>,
    ) -> Self {
        self.0.other = Some((pattern.to_owned(), location));
        self
    }

    /// What is wrong.
    pub fn fault(&self) -> RouteFault {
        self.0.fault
    }

    /// The pattern that was refused.
    pub fn pattern(&self) -> &str {
        &self.0.pattern
    }

    /// The pattern that is there and that it collides with.
    pub fn other(&self) -> Option<&str> {
        self.0.other.as_ref().map(|(pattern, _)| pattern.as_str())
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refused {
            fault,
            method,
            pattern,
            location,
            other,
        } = &*self.0;
        write!(f, "{}: `{method} {pattern}` ({location})", fault.text())?;
        match other {
            Some((pattern, location)) => write!(f, " against `{method} {pattern}` ({location})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for RouteError {}
