//! Heads: the two ways through the decoder, httparse and the ABNF agree.

use http::HeaderMap;
use http_codec::head::write;
use http_codec::{
    BodyLength, DecodeError, DecodeErrorKind as Kind, Framing, LengthField, Leniency, Limits,
    MethodClass, RequestHead, RequestHeadDecoder, RequestLine, ResponseHead, ResponseHeadDecoder,
    StatusLine,
};

use super::abnf::{self, Rest};
use super::{CUTS, feed};

fn request_once(
    octets: &[u8],
    sizes: &[usize],
    leniency: Leniency,
) -> (Result<Option<RequestHead>, DecodeError>, Vec<u8>) {
    let mut decoder = RequestHeadDecoder::new(Limits::request(), leniency);
    let mut head = RequestHead::default();
    let (done, rest) = feed(octets, sizes, |src| {
        Ok(decoder.decode(src, &mut head)?.then_some(()))
    });
    (done.map(|done| done.map(|()| head)), rest)
}

fn lines(fields: http_codec::Fields<'_>) -> abnf::Lines {
    fields
        .map(|field| (field.name.as_bytes().to_vec(), field.value.to_vec()))
        .collect()
}

/// Everything that must hold for a request head at the start of `octets`.
pub fn request_head(octets: &[u8]) {
    let (whole, rest) = request_once(octets, CUTS[0], Leniency::strict());
    for sizes in CUTS {
        let (split, split_rest) = request_once(octets, sizes, Leniency::strict());
        match (&whole, &split) {
            (Ok(Some(one)), Ok(Some(two))) => {
                assert_eq!(one.octets(), two.octets());
                assert_eq!(lines(one.fields()), lines(two.fields()));
                assert_eq!(one.exchange(), two.exchange());
                assert_eq!(rest, split_rest);
            }
            (Ok(None), Ok(None)) => {}
            (Err(one), Err(two)) => assert_eq!(one, two),
            _ => panic!("whole {whole:?}, split {split:?}"),
        }
    }
    // This point of leniency leads around httparse, through the strict parser alone.
    let (strict, _) = request_once(octets, CUTS[0], Leniency::strict().with_empty_lines(true));
    let Ok(Some(head)) = whole else {
        let only_lines = whole
            .as_ref()
            .is_err_and(|error| error.kind() == Kind::EmptyLine);
        let incomplete = matches!((&whole, &strict), (Ok(None), Ok(None)));
        assert!(
            strict.is_err() || only_lines || incomplete,
            "{whole:?} {strict:?}"
        );
        return;
    };
    let other = strict.expect("both ways agree").expect("both ways agree");
    assert_eq!(lines(head.fields()), lines(other.fields()));
    assert_eq!(
        (head.length(), head.exchange()),
        (other.length(), other.exchange())
    );
    assert!(
        octets.ends_with(&rest) && octets[..octets.len() - rest.len()].ends_with(head.octets())
    );
    request_agrees(&head);
    request_again(&head);
    if let Ok(parts) = head.to_parts(HeaderMap::new()) {
        // A target's authority takes the place of `Host`, also of one that HTTP/1.0 may lack.
        let added = usize::from(head.host().is_some() && head.field("host").is_none());
        assert_eq!(parts.headers.len(), head.fields().len() + added);
        let host = parts.headers.get(http::header::HOST);
        assert_eq!(
            host.map(|host| host.as_bytes()),
            head.host().map(str::as_bytes)
        );
    }
}

fn request_agrees(head: &RequestHead) {
    let mut left = Rest(head.octets());
    let parsed = abnf::request(&mut left).expect("the ABNF accepts what was taken");
    assert!(left.0.is_empty(), "a head and nothing more");
    assert_eq!(parsed.method, head.method().as_bytes());
    assert_eq!(parsed.target, head.target().as_bytes());
    assert_eq!(parsed.fields, lines(head.fields()));
    let framing = abnf::framing(&parsed.fields, parsed.minor, true).expect("plain framing");
    let expected = match framing {
        abnf::Framing::Nothing => BodyLength::Known(0),
        abnf::Framing::Length(octets) => BodyLength::Known(octets),
        abnf::Framing::Chunked => BodyLength::Chunked,
    };
    assert_eq!(head.length(), expected);
    if parsed.minor <= 1 {
        let mut room = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut room);
        let end = request
            .parse(head.octets())
            .expect("httparse takes all that is strict");
        assert_eq!(end, httparse::Status::Complete(head.octets().len()));
        assert_eq!(request.headers.len(), head.fields().len());
    }
}

/// What was taken can be sent on, and is the same then.
fn request_again(head: &RequestHead) {
    let Ok(method) = http::Method::from_bytes(head.method().as_bytes()) else {
        panic!("a token is a method");
    };
    let line = RequestLine {
        method: &method,
        target: head.target(),
    };
    let framing = Framing::new(LengthField::from(head.length()));
    let mut out = Vec::new();
    let host = head.host().unwrap_or_default().as_bytes();
    write::request_head(&mut out, line, host, &head.fields(), framing)
        .expect("what was taken can be sent");
    let mut left = Rest(&out);
    let sent = abnf::request(&mut left).expect("the ABNF accepts what was sent");
    assert!(left.0.is_empty());
    let kept = |lines: abnf::Lines| -> abnf::Lines {
        let ours = ["host", "connection", "content-length", "transfer-encoding"];
        let foreign = |(name, _): &(Vec<u8>, Vec<u8>)| {
            !ours
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
        };
        lines.into_iter().filter(foreign).collect()
    };
    assert_eq!(kept(sent.fields), kept(lines(head.fields())));
    assert!(out.len() < Limits::request().head * 2);
}

fn response_once(
    octets: &[u8],
    sizes: &[usize],
    method: MethodClass,
    leniency: Leniency,
) -> (Result<Option<ResponseHead>, DecodeError>, Vec<u8>) {
    let mut decoder = ResponseHeadDecoder::new(Limits::response(), leniency);
    let mut head = ResponseHead::default();
    let (done, rest) = feed(octets, sizes, |src| {
        Ok(decoder.decode(src, method, &mut head)?.then_some(()))
    });
    (done.map(|done| done.map(|()| head)), rest)
}

/// Everything that must hold for a response head at the start of `octets`.
pub fn response_head(octets: &[u8]) {
    for method in [MethodClass::Other, MethodClass::Head, MethodClass::Connect] {
        let (whole, rest) = response_once(octets, CUTS[0], method, Leniency::strict());
        for sizes in CUTS {
            let (split, split_rest) = response_once(octets, sizes, method, Leniency::strict());
            match (&whole, &split) {
                (Ok(Some(one)), Ok(Some(two))) => {
                    assert_eq!((one.octets(), one.length()), (two.octets(), two.length()));
                    assert_eq!(rest, split_rest);
                }
                (Ok(None), Ok(None)) => {}
                (Err(one), Err(two)) => assert_eq!(one, two),
                _ => panic!("whole {whole:?}, split {split:?}"),
            }
        }
        let (strict, _) = response_once(
            octets,
            CUTS[0],
            method,
            Leniency::strict().with_empty_lines(true),
        );
        match (&whole, &strict) {
            (Ok(Some(one)), Ok(Some(two))) => {
                assert_eq!(lines(one.fields()), lines(two.fields()));
                assert_eq!((one.status(), one.reason()), (two.status(), two.reason()));
                assert_eq!(
                    (one.length(), one.persistence()),
                    (two.length(), two.persistence())
                );
            }
            (Ok(None), Ok(None)) => {}
            (Err(one), Err(two)) => assert_eq!(one, two),
            _ => panic!("fast {whole:?}, strict {strict:?}"),
        }
        if let Ok(Some(head)) = whole {
            assert!(octets.ends_with(&rest) && octets.starts_with(head.octets()));
            response_agrees(&head, method);
        }
    }
}

fn response_agrees(head: &ResponseHead, method: MethodClass) {
    let mut left = Rest(head.octets());
    let parsed = abnf::response(&mut left).expect("the ABNF accepts what was taken");
    assert!(left.0.is_empty(), "a head and nothing more");
    assert_eq!(
        (parsed.status, &parsed.reason[..]),
        (head.status().as_u16(), head.reason())
    );
    assert_eq!(parsed.fields, lines(head.fields()));
    let framing = || abnf::framing(&parsed.fields, parsed.minor, false).expect("plain framing");
    let expected = match (parsed.status, method) {
        // What its fields say is ignored (RFC 9110 section 9.3.6).
        (200..=299, MethodClass::Connect) => BodyLength::Tunnel,
        (status, method) => match (status, method, framing()) {
            (101, ..) => BodyLength::Tunnel,
            (100..=199 | 204 | 304, ..) | (_, MethodClass::Head, _) => BodyLength::Known(0),
            (_, _, abnf::Framing::Nothing) => BodyLength::UntilClose,
            (_, _, abnf::Framing::Length(octets)) => BodyLength::Known(octets),
            (_, _, abnf::Framing::Chunked) => BodyLength::Chunked,
        },
    };
    assert_eq!(head.length(), expected);
    let parts = head
        .to_parts(HeaderMap::new())
        .expect("a response fits the types");
    let line = StatusLine {
        status: parts.status,
        reason: parts.extensions.get(),
    };
    let mut out = Vec::new();
    write::response_head(
        &mut out,
        line,
        &head.fields(),
        Framing::new(LengthField::None),
        None,
    );
    let mut left = Rest(&out);
    let sent = abnf::response(&mut left).expect("the ABNF accepts what was sent");
    assert!(left.0.is_empty() && sent.status == parsed.status);
}
