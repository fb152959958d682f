//! Runs a decoder over octets in every way that they can arrive.

use bytes::{BufMut, BytesMut};
use http_codec::{
    BodyDecoder, BodyLength, DecodeError, DecodeErrorKind, Leniency, Limits, MethodClass,
    RequestHead, RequestHeadDecoder, ResponseHead, ResponseHeadDecoder,
};

/// What is known of a message once it is decoded: enough to compare two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) start: Vec<String>,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    pub(crate) length: BodyLength,
    pub(crate) facts: String,
    pub(crate) rest: Vec<u8>,
}

pub(crate) type Outcome = Result<Option<Head>, DecodeErrorKind>;

/// The places at which to cut the octets into pieces.
pub(crate) fn cuts(length: usize) -> Vec<Vec<usize>> {
    let mut all = vec![vec![], (1..length).collect()];
    all.extend((1..length).map(|at| vec![at]));
    all
}

/// Feeds `octets`, cut at `cuts`, to `step` until it gives something.
pub(crate) fn feed<T>(
    octets: &[u8],
    cuts: &[usize],
    mut step: impl FnMut(&mut BytesMut) -> Result<Option<T>, DecodeError>,
) -> (Result<Option<T>, DecodeError>, BytesMut) {
    let mut src = BytesMut::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([octets.len()]) {
        src.put_slice(&octets[start..end]);
        start = end;
        match step(&mut src) {
            Ok(None) => {}
            done => {
                src.put_slice(&octets[start..]);
                return (done, src);
            }
        }
    }
    (Ok(None), src)
}

fn fields(fields: http_codec::Fields<'_>) -> Vec<(String, Vec<u8>)> {
    fields
        .map(|field| (field.name.to_owned(), field.value.to_owned()))
        .collect()
}

fn request_once(octets: &[u8], cuts: &[usize], limits: Limits, leniency: Leniency) -> Outcome {
    let mut decoder = RequestHeadDecoder::new(limits, leniency);
    let mut head = RequestHead::default();
    let (done, rest) = feed(octets, cuts, |src| {
        Ok(decoder.decode(src, &mut head)?.then_some(()))
    });
    if let Err(error) = done {
        let mut good = BytesMut::from("X: y\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let again = decoder.decode(&mut good, &mut head);
        assert_eq!(again, Err(error), "an error stands");
    }
    let Some(()) = done.map_err(|error| error.kind())? else {
        return Ok(None);
    };
    Ok(Some(Head {
        start: vec![
            head.method().to_owned(),
            head.target().to_owned(),
            format!("{:?}", head.version()),
            format!("{:?}", head.target_form()),
            format!("{:?}", head.host()),
        ],
        fields: fields(head.fields()),
        length: head.length(),
        facts: format!("{:?}", head.exchange()),
        rest: rest.to_vec(),
    }))
}

/// A request head in every way of arriving; all must agree.
pub(crate) fn request_with(octets: &[u8], limits: Limits, leniency: Leniency) -> Outcome {
    let whole = request_once(octets, &[], limits, leniency);
    for cuts in cuts(octets.len()) {
        let split = request_once(octets, &cuts, limits, leniency);
        assert_eq!(
            split,
            whole,
            "{:?} cut at {cuts:?}",
            octets.escape_ascii().to_string()
        );
    }
    if let Ok(Some(head)) = &whole {
        let behind = [octets, b"\r\nGET /\x00"].concat();
        let more = request_once(&behind, &[], limits, leniency);
        let rest = [&head.rest[..], b"\r\nGET /\x00"].concat();
        assert_eq!(
            more,
            Ok(Some(Head {
                rest,
                ..head.clone()
            }))
        );
    } else if whole.is_err() {
        let behind = [octets, b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
        assert!(request_once(&behind, &[], limits, leniency).is_err());
    }
    whole
}

pub(crate) fn request(octets: &[u8]) -> Outcome {
    request_with(octets, Limits::request(), Leniency::strict())
}

fn response_once(
    octets: &[u8],
    cuts: &[usize],
    method: MethodClass,
    limits: Limits,
    leniency: Leniency,
) -> Outcome {
    let mut decoder = ResponseHeadDecoder::new(limits, leniency);
    let mut head = ResponseHead::default();
    let (done, rest) = feed(octets, cuts, |src| {
        Ok(decoder.decode(src, method, &mut head)?.then_some(()))
    });
    let Some(()) = done.map_err(|error| error.kind())? else {
        return Ok(None);
    };
    Ok(Some(Head {
        start: vec![
            head.status().as_str().to_owned(),
            head.reason().escape_ascii().to_string(),
            format!("{:?}", head.version()),
        ],
        fields: fields(head.fields()),
        length: head.length(),
        facts: format!("{:?} {}", head.persistence(), head.upgrade()),
        rest: rest.to_vec(),
    }))
}

/// A response head in every way of arriving; all must agree.
pub(crate) fn response_with(
    octets: &[u8],
    method: MethodClass,
    limits: Limits,
    leniency: Leniency,
) -> Outcome {
    let whole = response_once(octets, &[], method, limits, leniency);
    for cuts in cuts(octets.len()) {
        let split = response_once(octets, &cuts, method, limits, leniency);
        assert_eq!(
            split,
            whole,
            "{:?} cut at {cuts:?}",
            octets.escape_ascii().to_string()
        );
    }
    if let Ok(Some(head)) = &whole {
        let behind = [octets, b"HTTP/1.1 \x00"].concat();
        let more = response_once(&behind, &[], method, limits, leniency);
        let rest = [&head.rest[..], b"HTTP/1.1 \x00"].concat();
        assert_eq!(
            more,
            Ok(Some(Head {
                rest,
                ..head.clone()
            }))
        );
    }
    whole
}

pub(crate) fn response(octets: &[u8], method: MethodClass) -> Outcome {
    response_with(octets, method, Limits::response(), Leniency::strict())
}

/// Content: its data, its trailers, and what is behind it; `None` while it is incomplete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) data: Vec<u8>,
    pub(crate) trailers: Vec<(String, Vec<u8>)>,
    pub(crate) rest: Vec<u8>,
}

fn content_once(
    octets: &[u8],
    cuts: &[usize],
    length: BodyLength,
    limits: Limits,
    leniency: Leniency,
) -> Result<Option<Content>, DecodeErrorKind> {
    let mut decoder = BodyDecoder::new(length, limits, leniency);
    let (mut data, mut trailers) = (Vec::new(), Vec::new());
    let (done, rest) = feed(octets, cuts, |src| {
        loop {
            match decoder.decode(src)? {
                None => return Ok(decoder.is_end().then_some(())),
                Some(frame) => match frame.into_data() {
                    Ok(piece) => data.extend_from_slice(&piece),
                    Err(frame) => trailers.extend(frame.into_trailers().unwrap().iter().map(
                        |(name, value)| (name.as_str().to_owned(), value.as_bytes().to_owned()),
                    )),
                },
            }
        }
    });
    if done.is_err() {
        let again = decoder.decode(&mut BytesMut::from(&b"0\r\n\r\n"[..]));
        assert!(again.is_err(), "an error stands");
    }
    let Some(()) = done.map_err(|error| error.kind())? else {
        assert!(decoder.finish().is_err() || length == BodyLength::UntilClose);
        return Ok(None);
    };
    assert_eq!(decoder.finish(), Ok(()));
    Ok(Some(Content {
        data,
        trailers,
        rest: rest.to_vec(),
    }))
}

/// Content in every way of arriving; all must agree.
pub(crate) fn content_with(
    octets: &[u8],
    length: BodyLength,
    limits: Limits,
    leniency: Leniency,
) -> Result<Option<Content>, DecodeErrorKind> {
    let whole = content_once(octets, &[], length, limits, leniency);
    for cuts in cuts(octets.len()) {
        let split = content_once(octets, &cuts, length, limits, leniency);
        assert_eq!(
            split,
            whole,
            "{:?} cut at {cuts:?}",
            octets.escape_ascii().to_string()
        );
    }
    if let Ok(Some(content)) = &whole {
        let behind = [octets, b"\r\n0\r\nGET"].concat();
        let more = content_once(&behind, &[], length, limits, leniency);
        let rest = [&content.rest[..], b"\r\n0\r\nGET"].concat();
        assert_eq!(
            more,
            Ok(Some(Content {
                rest,
                ..content.clone()
            }))
        );
    }
    whole
}

pub(crate) fn chunked(octets: &[u8]) -> Result<Option<Content>, DecodeErrorKind> {
    content_with(
        octets,
        BodyLength::Chunked,
        Limits::request(),
        Leniency::strict(),
    )
}

/// Asserts that each of these request heads is refused with this kind.
#[track_caller]
pub(crate) fn refused(cases: &[&str], kind: DecodeErrorKind) {
    for case in cases {
        assert_eq!(request(case.as_bytes()), Err(kind), "{case:?}");
    }
}

/// Asserts that each of these request heads is taken.
#[track_caller]
pub(crate) fn taken(cases: &[&str]) {
    for case in cases {
        let outcome = request(case.as_bytes());
        assert!(matches!(outcome, Ok(Some(_))), "{case:?}: {outcome:?}");
    }
}
