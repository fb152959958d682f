//! Encode, then decode: the same message, however it was cut.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_codec::{ClientCodec, Leniency, Limits, Message, RawFields, RawRequest, ServerCodec};
use tokio_util::codec::{Decoder, Encoder};

/// Reads a message out of arbitrary octets: the first few choose, the others are names, values and data.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn octet(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    fn some(&mut self) -> Vec<u8> {
        let size = usize::from(self.octet()).min(self.0.len());
        let (some, rest) = self.0.split_at(size);
        self.0 = rest;
        some.to_vec()
    }

    fn name(&mut self) -> String {
        let letters = self.some().into_iter().map(|octet| match octet % 64 {
            small @ 0..26 => char::from(b'a' + small),
            large @ 26..52 => char::from(b'A' + large - 26),
            digit @ 52..62 => char::from(b'0' + digit - 52),
            62 => '-',
            _ => '_',
        });
        format!("x{}", letters.collect::<String>())
    }

    fn value(&mut self) -> Vec<u8> {
        let good = |octet: &u8| *octet == b'\t' || (*octet >= b' ' && *octet != 0x7f);
        let value: Vec<u8> = self.some().into_iter().filter(good).collect();
        value.trim_ascii().to_vec()
    }
}

/// Sends a request made of `octets` and reads it back.
pub fn round_trip(octets: &[u8]) {
    let mut source = Source(octets);
    let choice = source.octet();
    let mut fields = RawFields::new();
    let mut expected = vec![("host".to_owned(), b"a".to_vec())];
    for _ in 0..source.octet() % 20 {
        let (name, value) = (source.name(), source.value());
        fields.push(&name, &value).expect("a good line");
        expected.push((name, value));
    }
    let pieces: Vec<Vec<u8>> = (0..source.octet() % 6).map(|_| source.some()).collect();
    let data = pieces.concat();
    let chunked = choice & 1 == 0;
    let mut trailers = HeaderMap::new();
    if chunked {
        fields
            .push("transfer-encoding", "chunked")
            .expect("a good line");
        expected.push(("transfer-encoding".to_owned(), b"chunked".to_vec()));
        for _ in 0..choice >> 5 {
            let name = HeaderName::from_bytes(source.name().as_bytes()).expect("a name");
            trailers.append(
                name,
                HeaderValue::from_bytes(&source.value()).expect("a value"),
            );
        }
    } else {
        let length = data.len().to_string();
        fields.push("content-length", &length).expect("a good line");
        expected.push(("content-length".to_owned(), length.into_bytes()));
    }
    let wire = send(fields, &pieces, &trailers);
    receive(
        &wire,
        &expected,
        &data,
        &trailers,
        usize::from(choice >> 1 & 15),
    );
}

fn send(fields: RawFields, pieces: &[Vec<u8>], trailers: &HeaderMap) -> BytesMut {
    let mut client = ClientCodec::new(Limits::response(), Leniency::strict());
    let mut wire = BytesMut::new();
    let head = RawRequest {
        method: Method::POST,
        target: "/".to_owned(),
        host: b"a".to_vec(),
        fields,
    };
    let mut send =
        |frame: Message<RawRequest>| client.encode(frame, &mut wire).expect("a good frame");
    send(Message::Head(head));
    for piece in pieces {
        send(Message::Data(Bytes::copy_from_slice(piece)));
    }
    if !trailers.is_empty() {
        send(Message::Trailers(trailers.clone()));
    }
    send(Message::End);
    wire
}

fn receive(
    wire: &[u8],
    fields: &[(String, Vec<u8>)],
    data: &[u8],
    trailers: &HeaderMap,
    cut: usize,
) {
    let mut server = ServerCodec::new(Limits::request(), Leniency::strict());
    let mut src = BytesMut::new();
    let (mut got_fields, mut got, mut got_trailers, mut ended) =
        (Vec::new(), Vec::new(), HeaderMap::new(), false);
    for piece in wire.chunks(cut + 1) {
        src.extend_from_slice(piece);
        while let Some(frame) = server.decode(&mut src).expect("what we send is taken") {
            match frame {
                Message::Head(head) => {
                    got_fields.extend(
                        head.fields()
                            .map(|field| (field.name.to_owned(), field.value.to_vec())),
                    );
                }
                Message::Data(piece) => got.extend_from_slice(&piece),
                Message::Trailers(map) => got_trailers = map,
                Message::End => ended = true,
            }
        }
    }
    assert!(ended && src.is_empty());
    assert_eq!((&got_fields[..], &got[..]), (fields, data));
    assert_eq!(&got_trailers, trailers);
}
