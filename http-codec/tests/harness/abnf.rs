//! The grammar of RFC 9112, written a second time from its ABNF and as literally as it goes, to hold the codec
//! against. It shares no code with the crate and knows no limits.

/// A position in octets; every rule either takes what it matches or leaves the place alone.
#[derive(Clone, Copy)]
pub struct Rest<'a>(pub &'a [u8]);

impl<'a> Rest<'a> {
    fn literal(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    fn one(&mut self, class: impl Fn(u8) -> bool) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        if !class(first) {
            return None;
        }
        self.0 = rest;
        Some(first)
    }

    fn many(&mut self, class: impl Fn(u8) -> bool) -> &'a [u8] {
        let whole = self.0;
        while self.one(&class).is_some() {}
        &whole[..whole.len() - self.0.len()]
    }

    fn many1(&mut self, class: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let taken = self.many(class);
        (!taken.is_empty()).then_some(taken)
    }
}

/// `field-name: field-value` as found.
pub type Lines = Vec<(Vec<u8>, Vec<u8>)>;

fn tchar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

fn vchar_or_obs_text(octet: u8) -> bool {
    (0x21..=0x7e).contains(&octet) || octet >= 0x80
}

fn ows(octet: u8) -> bool {
    octet == b' ' || octet == b'\t'
}

/// `*( field-line CRLF ) CRLF`
pub fn field_section(rest: &mut Rest<'_>) -> Option<Lines> {
    let mut lines = Vec::new();
    while rest.literal(b"\r\n").is_none() {
        let name = rest.many1(tchar)?;
        rest.literal(b":")?;
        let value = rest.many(|octet| ows(octet) || vchar_or_obs_text(octet));
        rest.literal(b"\r\n")?;
        let start = value
            .iter()
            .position(|&octet| !ows(octet))
            .unwrap_or(value.len());
        let end = value
            .iter()
            .rposition(|&octet| !ows(octet))
            .map_or(start, |last| last + 1);
        lines.push((name.to_vec(), value[start..end].to_vec()));
    }
    Some(lines)
}

/// `HTTP-version` with major 1; its minor version.
fn version(rest: &mut Rest<'_>) -> Option<u8> {
    rest.literal(b"HTTP/1.")?;
    Some(rest.one(|octet| octet.is_ascii_digit())? - b'0')
}

/// The start line and field lines of a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Vec<u8>,
    pub target: Vec<u8>,
    pub minor: u8,
    pub fields: Lines,
}

/// `request-line CRLF *( field-line CRLF ) CRLF`
pub fn request(rest: &mut Rest<'_>) -> Option<Request> {
    let method = rest.many1(tchar)?.to_vec();
    rest.literal(b" ")?;
    let target = rest
        .many1(|octet| (0x21..=0x7e).contains(&octet) && !b"#\\\"<>".contains(&octet))?
        .to_vec();
    rest.literal(b" ")?;
    let minor = version(rest)?;
    rest.literal(b"\r\n")?;
    let fields = field_section(rest)?;
    Some(Request {
        method,
        target,
        minor,
        fields,
    })
}

/// The start line and field lines of a response.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    pub minor: u8,
    pub status: u16,
    pub reason: Vec<u8>,
    pub fields: Lines,
}

/// `status-line CRLF *( field-line CRLF ) CRLF`, with the space before a missing phrase optional.
pub fn response(rest: &mut Rest<'_>) -> Option<Response> {
    let minor = version(rest)?;
    rest.literal(b" ")?;
    let mut status = 0;
    for _ in 0..3 {
        status = status * 10 + u16::from(rest.one(|octet| octet.is_ascii_digit())? - b'0');
    }
    let reason = match rest.literal(b" ") {
        Some(()) => rest
            .many(|octet| ows(octet) || vchar_or_obs_text(octet))
            .to_vec(),
        None => Vec::new(),
    };
    rest.literal(b"\r\n")?;
    let fields = field_section(rest)?;
    (status >= 100).then_some(Response {
        minor,
        status,
        reason,
        fields,
    })
}

/// `chunked-body`: its data and its trailer section.
pub fn chunked_body(rest: &mut Rest<'_>) -> Option<(Vec<u8>, Lines)> {
    let mut data = Vec::new();
    loop {
        let digits = rest.many1(|octet| octet.is_ascii_hexdigit())?;
        let size = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if digits.len() > 16 {
            return None;
        }
        chunk_ext(rest)?;
        rest.literal(b"\r\n")?;
        if size == 0 {
            return Some((data, field_section(rest)?));
        }
        let size = usize::try_from(size).ok()?;
        data.extend_from_slice(rest.0.get(..size)?);
        rest.0 = &rest.0[size..];
        rest.literal(b"\r\n")?;
    }
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`
fn chunk_ext(rest: &mut Rest<'_>) -> Option<()> {
    loop {
        let mut ahead = *rest;
        ahead.many(ows);
        if ahead.literal(b";").is_none() {
            return Some(());
        }
        ahead.many(ows);
        ahead.many1(tchar)?;
        *rest = ahead;
        ahead.many(ows);
        if ahead.literal(b"=").is_none() {
            continue;
        }
        ahead.many(ows);
        match ahead.literal(b"\"") {
            Some(()) => quoted(&mut ahead)?,
            None => {
                ahead.many1(tchar)?;
            }
        }
        *rest = ahead;
    }
}

/// The rest of a `quoted-string` behind its opening quote.
fn quoted(rest: &mut Rest<'_>) -> Option<()> {
    loop {
        rest.many(|octet| {
            (ows(octet) || vchar_or_obs_text(octet)) && octet != b'"' && octet != b'\\'
        });
        match rest.one(|octet| octet == b'"' || octet == b'\\')? {
            b'"' => return Some(()),
            _ => {
                rest.one(|octet| ows(octet) || vchar_or_obs_text(octet))?;
            }
        }
    }
}

/// How a message with these fields is framed, by RFC 9112 section 6.3 and the refusals of this crate.
pub fn framing(fields: &Lines, minor: u8, request: bool) -> Result<Framing, ()> {
    let values = |name: &str| -> Vec<&[u8]> {
        fields
            .iter()
            .filter(|(spelled, _)| spelled.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.as_slice())
            .collect()
    };
    let (lengths, codings) = (values("content-length"), values("transfer-encoding"));
    match (&lengths[..], &codings[..]) {
        ([], []) => Ok(Framing::Nothing),
        ([], [coding]) if minor > 0 && coding.eq_ignore_ascii_case(b"chunked") => {
            Ok(Framing::Chunked)
        }
        ([first, others @ ..], []) => {
            let number = |value: &[u8]| {
                let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
                let text = String::from_utf8(value.to_vec()).ok().filter(|_| digits)?;
                text.parse::<u64>().ok().filter(|&number| number < 1 << 63)
            };
            let length = number(first).ok_or(())?;
            let same = others.iter().all(|other| number(other) == Some(length));
            match same && (others.is_empty() || !request) {
                true => Ok(Framing::Length(length)),
                false => Err(()),
            }
        }
        _ => Err(()),
    }
}

/// What the framing fields of a message say.
#[derive(Debug, PartialEq, Eq)]
pub enum Framing {
    Nothing,
    Length(u64),
    Chunked,
}
