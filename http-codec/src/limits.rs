//! Bounds on everything that a peer can make us hold or do.

/// Bounds of one message, and of what a connection may owe.
///
/// Counts are octets unless their name says otherwise. The defaults are those of a server that
/// reads requests from the open internet ([`Limits::request`]); a client starts from
/// [`Limits::response`]. A reached limit is a [`DecodeError`](crate::DecodeError) that says which
/// one and carries the status that a server may answer with.
///
/// ```
/// let limits = http_codec::Limits::request().with_head(16 * 1024).with_fields(50);
/// assert_eq!(limits.target, 16 * 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of a head, from its first octet to the empty line (431). Default 64 KiB for a
    /// request, 256 KiB for a response; 4 GiB are the most, whatever is set.
    pub head: usize,
    /// Octets of a request-target (414). Default 16 KiB.
    pub target: usize,
    /// Octets of a method (400). Default 32.
    pub method: usize,
    /// Octets of one line of a head or of a trailer section, without its line end (431). Default 64 KiB for a request, 256 KiB for a
    /// response, as much as the head: it does not grow with [`head`](Limits::head).
    pub line: usize,
    /// Field lines of a head (431). Default 100.
    pub fields: usize,
    /// Octets of content, without its framing (413). Default: none, which is `u64::MAX`.
    pub content: u64,
    /// Octets of a trailer section (431). Default 16 KiB; 4 GiB are the most, whatever is set, and the two of its empty line
    /// the least.
    pub trailer: usize,
    /// Field lines of a trailer section (431). Default 100.
    pub trailer_fields: usize,
    /// Octets of one chunk-size line, extensions included, without its line end (400). Default 4 KiB.
    pub chunk_line: usize,
    /// Octets of all chunk extensions of a message together (400). Default 16 KiB.
    pub chunk_extensions: usize,
    /// Interim responses before a final one. Default 100.
    pub interim: usize,
    /// Pipelined requests that a codec takes in before they are answered. Default 64.
    pub owed: usize,
}

impl Limits {
    /// The limits for requests: a head of 64 KiB, 100 field lines, a target of 16 KiB.
    pub const fn request() -> Self {
        Limits {
            head: 64 * 1024,
            target: 16 * 1024,
            method: 32,
            line: 64 * 1024,
            fields: 100,
            content: u64::MAX,
            trailer: 16 * 1024,
            trailer_fields: 100,
            chunk_line: 4 * 1024,
            chunk_extensions: 16 * 1024,
            interim: 100,
            owed: 64,
        }
    }

    /// The limits for responses: those for requests, but a head of 256 KiB.
    pub const fn response() -> Self {
        Limits {
            head: 256 * 1024,
            line: 256 * 1024,
            ..Limits::request()
        }
    }

    /// Sets [`head`](Limits::head), in octets.
    pub const fn with_head(mut self, octets: usize) -> Self {
        self.head = octets;
        self
    }

    /// Sets [`target`](Limits::target), in octets.
    pub const fn with_target(mut self, octets: usize) -> Self {
        self.target = octets;
        self
    }

    /// Sets [`method`](Limits::method), in octets.
    pub const fn with_method(mut self, octets: usize) -> Self {
        self.method = octets;
        self
    }

    /// Sets [`line`](Limits::line), in octets.
    pub const fn with_line(mut self, octets: usize) -> Self {
        self.line = octets;
        self
    }

    /// Sets [`fields`](Limits::fields), in field lines.
    pub const fn with_fields(mut self, lines: usize) -> Self {
        self.fields = lines;
        self
    }

    /// Sets [`content`](Limits::content), in octets.
    pub const fn with_content(mut self, octets: u64) -> Self {
        self.content = octets;
        self
    }

    /// Sets [`trailer`](Limits::trailer), in octets.
    pub const fn with_trailer(mut self, octets: usize) -> Self {
        self.trailer = octets;
        self
    }

    /// Sets [`trailer_fields`](Limits::trailer_fields), in field lines.
    pub const fn with_trailer_fields(mut self, lines: usize) -> Self {
        self.trailer_fields = lines;
        self
    }

    /// Sets [`chunk_line`](Limits::chunk_line), in octets.
    pub const fn with_chunk_line(mut self, octets: usize) -> Self {
        self.chunk_line = octets;
        self
    }

    /// Sets [`chunk_extensions`](Limits::chunk_extensions), in octets.
    pub const fn with_chunk_extensions(mut self, octets: usize) -> Self {
        self.chunk_extensions = octets;
        self
    }

    /// Sets [`interim`](Limits::interim), in responses.
    pub const fn with_interim(mut self, responses: usize) -> Self {
        self.interim = responses;
        self
    }

    /// Sets [`owed`](Limits::owed), in requests.
    pub const fn with_owed(mut self, requests: usize) -> Self {
        self.owed = requests;
        self
    }
}

impl Default for Limits {
    /// [`Limits::request`].
    fn default() -> Self {
        Limits::request()
    }
}
