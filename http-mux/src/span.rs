//! The span of a request, told its route.

use tracing::level_filters::LevelFilter;

use crate::tree::Route;

/// Tells the span that is current which route it is: the field `http.route` of OpenTelemetry, if the span has it.
#[inline(always)]
pub(crate) fn record(route: &Route) {
    if LevelFilter::current() != LevelFilter::OFF {
        record_in_span(route.pattern());
    }
}

#[cold]
fn record_in_span(pattern: &str) {
    tracing::Span::current().record("http.route", pattern);
}
