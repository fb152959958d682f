//! What may be relaxed for real peers, one point at a time.

/// Departures from the strict grammar, each off by default.
///
/// Every point widens what two parsers on a way may read differently, which is what request
/// smuggling lives on: relax one only for a peer that needs it, and never behind a proxy that you
/// do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Leniency {
    /// A lone LF ends a line of a head, of the chunked coding and of a trailer section (RFC 9112
    /// section 2.2 allows a recipient to do so).
    ///
    /// Reason: scripts and old devices that print `\n`. Risk: a peer that sees no line end there
    /// reads another field section than we do.
    pub bare_lf: bool,
    /// A line that begins with a space or a tab continues the value before it; the line end is
    /// replaced by spaces (RFC 9112 section 5.2).
    ///
    /// Reason: old mail gateways and some response writers. Risk: a peer may read the continuation as
    /// a field line of its own.
    pub obs_fold: bool,
    /// Spaces and tabs before a chunk size, and between it and its line end.
    ///
    /// Reason: servers that pad the size to a fixed width. Risk: little alone, but it is a
    /// spelling on which recipients differ.
    pub chunk_size_whitespace: bool,
    /// Equal `Content-Length` lines in a request count as one, as they always do in a response.
    ///
    /// Reason: proxies that copy the field twice. Risk: a peer in between that takes only one of
    /// them, where they are not byte for byte the same.
    pub repeated_content_length: bool,
    /// Any number of empty lines before a start line (within the head limit), not just one.
    ///
    /// Reason: clients that end a form with extra line ends. Risk: none known beyond wasted work.
    pub empty_lines: bool,
}

impl Leniency {
    /// Nothing relaxed: the default.
    pub const fn strict() -> Self {
        Leniency {
            bare_lf: false,
            obs_fold: false,
            chunk_size_whitespace: false,
            repeated_content_length: false,
            empty_lines: false,
        }
    }

    /// Sets [`bare_lf`](Leniency::bare_lf).
    pub const fn with_bare_lf(mut self, on: bool) -> Self {
        self.bare_lf = on;
        self
    }

    /// Sets [`obs_fold`](Leniency::obs_fold).
    pub const fn with_obs_fold(mut self, on: bool) -> Self {
        self.obs_fold = on;
        self
    }

    /// Sets [`chunk_size_whitespace`](Leniency::chunk_size_whitespace).
    pub const fn with_chunk_size_whitespace(mut self, on: bool) -> Self {
        self.chunk_size_whitespace = on;
        self
    }

    /// Sets [`repeated_content_length`](Leniency::repeated_content_length).
    pub const fn with_repeated_content_length(mut self, on: bool) -> Self {
        self.repeated_content_length = on;
        self
    }

    /// Sets [`empty_lines`](Leniency::empty_lines).
    pub const fn with_empty_lines(mut self, on: bool) -> Self {
        self.empty_lines = on;
        self
    }

    /// Whether the syntax of a head is untouched, so that the fast way through it applies.
    pub(crate) const fn strict_heads(self) -> bool {
        !self.bare_lf && !self.obs_fold && !self.empty_lines
    }
}
