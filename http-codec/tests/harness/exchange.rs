//! A whole connection: what a server reads does not depend on how it arrives, and what a codec sends is a message.

use bytes::{Bytes, BytesMut};
use http::{Response, StatusCode};
use http_codec::{BodyLength, ClientCodec, Leniency, Limits, Message, RequestHead, ServerCodec};
use tokio_util::codec::{Decoder, Encoder};

use super::CUTS;
use super::abnf::{self, Rest};

/// What came out of a connection: data is joined, for its pieces follow the packets.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Head(Bytes, BodyLength),
    Data(Vec<u8>),
    Trailers(usize),
    End,
}

fn read(octets: &[u8], sizes: &[usize]) -> (Vec<Seen>, bool) {
    let mut codec = ServerCodec::new(Limits::request(), Leniency::strict());
    let mut src = BytesMut::new();
    let mut seen = Vec::new();
    let mut rest = octets;
    for &size in sizes.iter().cycle() {
        let (piece, behind) = rest.split_at(size.clamp(1, rest.len().max(1)).min(rest.len()));
        src.extend_from_slice(piece);
        rest = behind;
        loop {
            match codec.decode(&mut src) {
                Ok(Some(frame)) => note(&mut seen, frame),
                Ok(None) => break,
                Err(_) => return (seen, true),
            }
        }
        if rest.is_empty() {
            break;
        }
    }
    answer(&mut codec, &seen);
    (seen, false)
}

fn note(seen: &mut Vec<Seen>, frame: Message<RequestHead>) {
    match frame {
        Message::Head(head) => seen.push(Seen::Head(head.octets().clone(), head.length())),
        Message::Data(data) => match seen.last_mut() {
            Some(Seen::Data(before)) => before.extend_from_slice(&data),
            _ => seen.push(Seen::Data(data.to_vec())),
        },
        Message::Trailers(trailers) => seen.push(Seen::Trailers(trailers.len())),
        Message::End => seen.push(Seen::End),
    }
}

/// Answers every request; what is written is responses and nothing else.
fn answer(codec: &mut ServerCodec, seen: &[Seen]) {
    let requests = seen
        .iter()
        .filter(|seen| matches!(seen, Seen::Head(..)))
        .count();
    for _ in 0..requests {
        let mut out = BytesMut::new();
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::NOT_FOUND;
        if codec.encode(Message::Head(response), &mut out).is_err() {
            assert!(
                codec.is_last(),
                "an answer is refused only behind the last one"
            );
            return;
        }
        let data = Message::<Response<()>>::Data(Bytes::from_static(b"not found"));
        let bodiless = codec.encode(data, &mut out).is_err();
        codec
            .encode(Message::<Response<()>>::End, &mut out)
            .expect("an end");
        let mut left = Rest(&out);
        let parsed = abnf::response(&mut left).expect("the ABNF accepts what was sent");
        assert_eq!(parsed.status, 404);
        match abnf::framing(&parsed.fields, parsed.minor, false).expect("plain framing") {
            abnf::Framing::Chunked => {
                let (data, _) = abnf::chunked_body(&mut left).expect("chunks");
                assert_eq!((data, left.0), (b"not found".to_vec(), &b""[..]));
            }
            _ => assert_eq!(left.0.is_empty(), bodiless),
        }
    }
}

/// Everything that must hold for a connection on which `octets` arrive, in either direction.
pub fn whole_exchange(octets: &[u8]) {
    let whole = read(octets, CUTS[0]);
    for sizes in CUTS {
        let split = read(octets, sizes);
        let (mut long, mut short) = (&whole.0, &split.0);
        if long.len() < short.len() {
            (long, short) = (short, long);
        }
        assert_eq!(whole.1, split.1, "{whole:?} {split:?}");
        // An error may overtake content in front of it, never the other way round.
        match whole.1 {
            false => assert_eq!(long, short),
            true => assert_eq!(heads(&whole.0), heads(&split.0)),
        }
    }
    client(octets);
}

fn heads(seen: &[Seen]) -> Vec<&Seen> {
    seen.iter()
        .filter(|seen| matches!(seen, Seen::Head(..)))
        .collect()
}

fn client(octets: &[u8]) {
    let mut codec = ClientCodec::new(Limits::response(), Leniency::strict());
    let mut out = BytesMut::new();
    for method in ["GET", "HEAD", "GET"] {
        let request = http::Request::builder().method(method).uri("http://a/");
        let request = request.body(()).expect("a request");
        codec
            .encode(Message::Head(request), &mut out)
            .expect("a request can be sent");
    }
    let mut src = BytesMut::from(octets);
    while let Ok(Some(_)) = codec.decode(&mut src) {}
    while let Ok(Some(_)) = codec.decode_eof(&mut src) {}
}
